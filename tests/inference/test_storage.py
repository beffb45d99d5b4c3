"""A form survives the disk to the last bit; what is not one of ours is refused."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from automl.errors import ArtifactError
from automl.inference.forms import Form
from automl.inference.storage import from_bytes, read_form, to_bytes

any_array = st.sampled_from([np.float32, np.float16, np.int8, np.int16, np.uint8, np.uint16, np.uint32, np.int64]).flatmap(
    lambda kind: arrays(kind, array_shapes(min_side=0, max_side=4))
)
config = st.dictionaries(
    st.text(max_size=5), st.one_of(st.integers(-(2**60), 2**60), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.booleans())
)


@settings(max_examples=50, deadline=None)
@given(config, st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda name: name != "__metadata__"), any_array, max_size=4))
def test_a_form_comes_back_as_it_was(config, arrays):
    found = from_bytes(to_bytes(Form("linear", config, arrays)), "m")
    assert (found.kind, found.config, set(found.arrays)) == ("linear", config, set(arrays))
    for name, array in arrays.items():
        assert found.arrays[name].dtype == array.dtype and found.arrays[name].shape == array.shape
        assert found.arrays[name].tobytes() == array.tobytes()


def test_views_are_stored_by_their_values():
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert np.array_equal(from_bytes(to_bytes(Form("linear", {}, {"w": array.T[::2]})), "m").arrays["w"], array.T[::2])


def test_the_same_form_gives_the_same_bytes():
    form = Form("linear", {"b": 1, "a": 2}, {"w": np.ones(3, np.float32), "a": np.ones(2, np.int8)})
    assert to_bytes(form) == to_bytes(form)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_config_that_is_not_json_is_refused(value):
    with pytest.raises(ValueError):
        to_bytes(Form("linear", {"a": float(value)}))


GOOD = to_bytes(Form("linear", {"a": 1}, {"w": np.arange(100, dtype=np.float32)}))


def _header(value):
    text = json.dumps(value).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    "content",
    [
        b"", b"abc", GOOD[:-1], GOOD[:40], GOOD + b"x", b"\xff" * 64, _header({}), _header([]), _header(3), _header({"__metadata__": None}),
        _header({"__metadata__": {"form": "[]"}}), _header({"__metadata__": {"form": '{"kind": "linear"}'}}), _header({"__metadata__": {"form": "{"}}),
        struct.pack("<Q", 2**63) + GOOD[8:],
    ],
)  # fmt: skip
def test_other_bytes_are_refused_by_name(content):
    with pytest.raises(ArtifactError, match=r"part\.safetensors"):
        from_bytes(content, "part.safetensors")


def test_a_file_is_read(tmp_path):
    (tmp_path / "m").write_bytes(GOOD)
    assert read_form(tmp_path / "m").config == {"a": 1}

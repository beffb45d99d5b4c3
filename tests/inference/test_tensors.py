"""The reader of our own gives what the library that writes gives, and refuses what that refuses."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from safetensors.numpy import load, save

from automl.inference.tensors import KINDS, read

SOME = {"a": np.arange(6, dtype=np.int16).reshape(2, 3), "b": np.array([1.5], np.float32), "none": np.zeros((0, 4), np.float64)}


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=8).filter(lambda n: n != "__metadata__"), st.sampled_from(sorted(KINDS)), max_size=5), st.data())
def test_it_reads_what_the_library_reads(kinds, data):
    given_arrays = {n: data.draw(arrays(KINDS[k], array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))) for n, k in kinds.items()}
    content = save(given_arrays, metadata={"form": "é"})
    texts, found = read(content)
    expected = load(content)
    assert texts == {"form": "é"} and set(found) == set(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype and np.array_equal(found[name], array, equal_nan=array.dtype.kind == "f")
        assert found[name].flags.writeable and found[name].flags.aligned


def rebuilt(change):
    content = save(SOME)
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


@pytest.mark.parametrize(
    "change",
    [
        lambda h: h["a"].update(shape=[2, 4]),
        lambda h: h["a"].update(shape=[-2, -3]),
        lambda h: h["a"].update(shape=[2.0, 3]),
        lambda h: h["a"].update(data_offsets=[0, 10**12]),
        lambda h: h["a"].update(data_offsets=[12, 0]),
        lambda h: h["a"].update(data_offsets=[0]),
        lambda h: h["b"].update(data_offsets=h["a"]["data_offsets"], dtype="I16", shape=[6]),
        lambda h: h["a"].update(dtype="object"),
        lambda h: h["a"].update(dtype=["F32"]),
        lambda h: h.pop("a"),
        lambda h: h.update(__metadata__={"form": 3}),
        lambda h: h.update(a=None),
    ],
)
def test_places_that_do_not_fit_are_refused(change):
    with pytest.raises((ValueError, KeyError, TypeError)):
        read(rebuilt(change))


@pytest.mark.parametrize("content", [b"", b"\0" * 8, b"\xff" * 8, b"\xff" * 100, save(SOME)[:-1], save(SOME) + b"\0", b"\2\0\0\0\0\0\0\0[]"])
def test_what_is_no_such_file_is_refused(content):
    with pytest.raises(ValueError):
        read(content)

"""Networks in whole numbers: numpy and compiled code agree to the last bit, and both are near the network in single precision."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.inference import compiled
from automl.inference import network_bytes as module
from automl.inference.chances import chances
from automl.inference.forms import Form, Model
from automl.inference.network_bytes import BLOCK, EXACT, MOST_INPUTS, BytesNetwork
from automl.quantize.network import store


def form_of(seed, sizes):
    rng = np.random.default_rng(seed)
    layers = list(pairwise(sizes))
    arrays = {f"weights.{i}": (rng.normal(size=s) * 1.4 / np.sqrt(s[0])).astype(np.float32) for i, s in enumerate(layers)}
    arrays["bias"] = rng.normal(size=sum(sizes[1:])).astype(np.float32) * 0.1
    return Form("network", {"layers": len(layers), "n_outputs": max(2, sizes[-1])}, arrays)


def predict(form, x, monkeypatch):
    """Return what both ways say, which is the same."""
    model = Model(form)
    compiled.settle()
    found = model.predict(x)
    with monkeypatch.context() as patch:
        patch.setattr(module, "kernel", lambda *_: None)
        assert np.array_equal(Model(form).predict(x), found)
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 90), min_size=2, max_size=5), st.integers(1, 140))
def test_both_ways_say_the_same_and_about_what_single_precision_says(seed, sizes, rows):
    form = form_of(seed, sizes)
    x = np.random.default_rng(seed + 1).normal(size=(rows, sizes[0])).astype(np.float32)
    x[0] = 0
    stored, words = store(form, "int8")
    assert stored.config["sums"] == "bytes" and "computed in 8 bits" in words
    found = predict(stored, x, pytest.MonkeyPatch())
    assert found.shape == (rows, max(2, sizes[-1])) and np.abs(found - Model(form).predict(x)).max() < 0.06


@pytest.mark.parametrize("sizes", [[EXACT + 90, 33, 3], [20, 2 * EXACT + 7, 1], [70, 300, 200, 5]])
def test_wide_layers_and_many_rows(sizes, monkeypatch):
    form = form_of(0, sizes)
    x = np.random.default_rng(1).normal(size=(BLOCK + 133, sizes[0])).astype(np.float32) * 3
    whole = predict(store(form, "int8")[0], x, monkeypatch)
    assert np.array_equal(np.concatenate([predict(store(form, "int8")[0], row[None], monkeypatch) for row in x[:5]]), whole[:5])
    assert (whole.argmax(axis=1) == Model(form).predict(x).argmax(axis=1)).mean() > 0.97


def test_a_sum_is_exact_where_numbers_are_largest():
    weights = [np.full((MOST_INPUTS, 2), 127, np.int8)]
    weights[0][:, 1] = -127
    net = BytesNetwork(weights, [np.array([1e-6, 1e-6], np.float32)], [np.zeros(2, np.float32)])
    x = np.ones((2, MOST_INPUTS), np.float32)
    x[1] = -1
    exact = 2047 * 127 * MOST_INPUTS
    expected = np.float32(exact) * (np.float32(1) / np.float32(2047) * np.float32(1e-6))
    assert net.margins(x)[:, 0].tolist() == [expected, -expected]
    compiled.settle()
    assert np.array_equal(net.predict(x), chances(net.margins(x)))


def test_rows_are_answered_as_if_they_were_alone():
    form = store(form_of(2, [6, 40, 3]), "int8")[0]
    x = np.random.default_rng(3).normal(size=(50, 6)).astype(np.float32)
    loud = x.copy()
    loud[1:] *= 1e6
    assert np.array_equal(Model(form).predict(x)[0], Model(form).predict(loud)[0])


def test_what_cannot_be_is_refused():
    form = store(form_of(4, [5, 8, 2]), "int8")[0]
    with pytest.raises(ValueError, match="takes 5 columns"):
        Model(form).predict(np.zeros((3, 4), np.float32))
    one = [np.zeros(2, np.float32)]
    with pytest.raises(ValueError, match="do not fit"):
        BytesNetwork([np.zeros((3, 2), np.int8), np.zeros((3, 2), np.int8)], one * 2, one * 2)
    with pytest.raises(ValueError, match="do not fit"):
        BytesNetwork([np.zeros((MOST_INPUTS + 1, 2), np.int8)], one, one)


def test_no_rows_are_no_answers():
    form = store(form_of(5, [5, 8, 2]), "int8")[0]
    assert predict(form, np.zeros((0, 5), np.float32), pytest.MonkeyPatch()).shape == (0, 2)

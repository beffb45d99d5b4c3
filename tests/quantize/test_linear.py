"""8 bits lose at most half a step, halves what halves lose, and the bias nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from automl.families import FAMILIES
from automl.families.linear_forms import linear_form
from automl.inference.forms import Form, Model, widen
from automl.inference.storage import from_bytes, to_bytes
from automl.quantize.linear import store
from automl.quantize.rounding import eight_bits
from automl.testing.contract import fitted

sizes = st.tuples(st.integers(1, 8), st.integers(1, 4))
values = st.floats(-(2.0**50), 2.0**50, width=32).filter(lambda v: v == 0 or abs(v) > 1e-30)


@settings(deadline=None)
@given(arrays(np.float32, sizes, elements=values))
def test_rounding_is_at_most_half_a_step(weights):
    whole, scale = eight_bits(weights)
    assert whole.dtype == np.int8 and scale.dtype == np.float32 and np.abs(whole.astype(int)).max() <= 127
    error = np.abs(widen({"w": whole, "w.scale": scale}, "w").astype(np.float64) - weights)
    assert (error <= scale / 2 * (1 + 1e-4)).all()


@settings(deadline=None)
@given(arrays(np.float32, sizes, elements=values))
def test_the_largest_weight_of_an_output_uses_the_whole_range(weights):
    whole, scale = eight_bits(weights)
    top = np.abs(weights).max(axis=0)
    assert (np.abs(whole.astype(int)).max(axis=0) == np.where(top > 0, 127, 0)).all()
    assert (scale[top == 0] == 1).all()


def test_weights_of_no_features_are_stored():
    whole, scale = eight_bits(np.zeros((0, 2), np.float32))
    assert whole.shape == (0, 2) and scale.tolist() == [1, 1]


def made():
    rng = np.random.default_rng(0)
    return Form("linear", {"n_outputs": 3}, {"weights": rng.normal(size=(50, 3)).astype(np.float32), "bias": rng.normal(size=3).astype(np.float32)})


@pytest.mark.parametrize(
    ("precision", "kind", "most", "share"), [("float32", np.float32, 0, 1), ("float16", np.float16, 2e-3, 0.55), ("int8", np.int8, 2e-2, 0.35)]
)
def test_a_stored_form_is_smaller_and_predicts_almost_the_same(precision, kind, most, share):
    form = made()
    before = form.arrays["weights"].copy()
    stored, words = store(form, precision)
    assert stored.arrays["weights"].dtype == kind and np.array_equal(stored.arrays["bias"], form.arrays["bias"])
    assert stored.n_bytes <= share * form.n_bytes and words.startswith({"int8": "8-bit"}.get(precision, precision))
    x = np.random.default_rng(1).normal(size=(40, 50)).astype(np.float32)
    found = Model(from_bytes(to_bytes(stored), "m")).predict(x)
    assert np.abs(found - Model(form).predict(x)).max() <= most
    assert np.array_equal(form.arrays["weights"], before)


@pytest.mark.parametrize("name", ["logistic_regression", "lda", "linear_svm"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_every_linear_family_keeps_its_answers_at_every_precision(name, n_classes):
    _, form, _, x, _ = fitted(FAMILIES.get("classification", name), n_classes)
    before = Model(form).predict(x)
    for precision, most in (("float16", 5e-3), ("int8", 5e-2)):
        found = Model(from_bytes(to_bytes(store(form, precision)[0]), "m")).predict(x)
        assert np.abs(found - before).max() < most, (precision, np.abs(found - before).max())


@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_a_class_that_was_not_seen_stays_impossible(precision):
    form = linear_form(np.random.default_rng(0).normal(size=(5, 2)), np.zeros(2), np.array([0, 2]), 3)
    assert Model(store(form, precision)[0]).predict(np.full((3, 5), 8, np.float32))[:, 1].max() < 1e-9

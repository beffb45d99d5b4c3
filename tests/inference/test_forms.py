"""The pieces all forms share: probabilities, widening, and refusing kinds that are not known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit
from scipy.special import softmax as reference

from automl.errors import ArtifactError
from automl.inference.forms import KINDS, Form, Model, softmax, widen

margins = arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.floats(-(2.0**99), 2.0**99, width=32))


@settings(deadline=None)
@given(margins)
def test_probabilities_sum_to_one_however_large_the_margins(margin):
    proba = softmax(margin)
    assert proba.dtype == np.float32 and proba.shape == (len(margin), max(2, margin.shape[1]))
    assert np.isfinite(proba).all() and np.allclose(proba.sum(axis=1), 1)


@settings(deadline=None)
@given(margins)
def test_softmax_is_scipys_and_leaves_its_input(margin):
    before = margin.copy()
    found = softmax(margin)
    wide = margin.astype(np.float64)
    expected = reference(wide, axis=1) if margin.shape[1] > 1 else np.concatenate([expit(-wide), expit(wide)], axis=1)
    assert np.allclose(found, expected, atol=1e-6) and np.array_equal(before, margin)


def test_narrow_numbers_are_widened_with_their_scale():
    arrays = {"w": np.array([[1, -2], [127, 4]], np.int8), "w.scale": np.array([0.5, 0.25], np.float16), "h": np.array([0.1], np.float16)}
    assert widen(arrays, "w").tolist() == [[0.5, -0.5], [63.5, 1.0]] and widen(arrays, "w").dtype == np.float32
    assert widen(arrays, "h").dtype == np.float32 and widen(arrays, "h")[0] == np.float16(0.1)


def test_a_form_counts_its_bytes_and_changes_by_copy():
    form = Form("linear", {"a": 1}, {"w": np.zeros(3, np.float32)})
    other = form.with_arrays({"w": np.zeros(3, np.int8)}, b=2)
    assert (form.n_bytes, other.n_bytes) == (12, 3) and other.config == {"a": 1, "b": 2} and form.config == {"a": 1}


@pytest.mark.parametrize("kind", ["os", "forms", "..data.sources", ""])
def test_no_module_is_imported_by_a_name_from_outside(kind):
    with pytest.raises(ArtifactError, match="upgrade"):
        Model(Form(kind, {}))


def test_every_kind_has_a_module():
    for kind in KINDS:
        assert callable(__import__(f"automl.inference.{kind}", fromlist=["load"]).load)

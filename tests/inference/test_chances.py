"""Probabilities: near the true ones, and never outside what they can be."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from automl.inference.chances import chances, decay


def test_the_exponential_is_right_to_the_last_place_but_one():
    x = np.concatenate([-np.geomspace(1e-300, 199, 20_000), [0.0, -math.log(2) / 2, -math.log(2)]])
    assert np.abs(decay(x) / np.exp(x) - 1).max() < 4.5e-16
    assert decay(np.zeros(1))[0] == 1.0
    assert np.float32(decay(np.array([-np.inf, np.nan, -1e9]))).tolist() == [0, 0, 0]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 6), st.lists(st.floats(-200, 200, width=32), min_size=6, max_size=60))
def test_they_are_those_of_softmax(width, values):
    margin = np.array(values[: len(values) // width * width], np.float32).reshape(-1, width)
    wide = margin if width > 1 else np.concatenate([np.zeros_like(margin), margin], axis=1)
    found = chances(margin)
    assert found.dtype == np.float32 and np.allclose(found, softmax(wide.astype(np.float64), axis=1), rtol=1e-7, atol=1e-38)


@pytest.mark.parametrize("margin", [[np.inf, 0.0], [np.inf, np.inf], [-np.inf, 3.0], [3e38, -3e38]], ids=str)
def test_wild_margins_stay_probabilities(margin):
    found = chances(np.array([margin], np.float32))
    assert ((found >= 0) & (found <= 1)).all() and abs(found.sum() - 1) < 1e-6

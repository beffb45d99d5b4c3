"""Weights for the classes that a fit saw become a form for all of them."""

import numpy as np
import pytest
from scipy.special import expit, softmax

from automl.families.linear_forms import linear_form, lone
from automl.inference.forms import Model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 4)).astype(np.float32)


@pytest.mark.parametrize(("present", "n_outputs"), [((0, 1), 2), ((0, 1, 2), 3), ((1, 3), 5), ((0, 2, 4), 5)])
@pytest.mark.parametrize("shift", [0.0, 200.0])
def test_probabilities_are_those_of_the_margins_wherever_they_lie(present, n_outputs, shift):
    weights, bias = RNG.normal(size=(4, len(present))), RNG.normal(size=len(present)) + shift
    found = Model(linear_form(weights, bias, np.array(present), n_outputs)).predict(X)
    assert np.abs(found[:, present] - softmax(X @ weights + bias, axis=1)).max() < 1e-5
    assert np.delete(found, present, axis=1).max(initial=0) < 1e-9


@pytest.mark.parametrize("n_outputs", [2, 4])
def test_one_margin_is_that_of_the_second_class(n_outputs):
    weights = RNG.normal(size=(4, 1))
    form = linear_form(weights, np.array([0.3]), np.array([0, n_outputs - 1]), n_outputs)
    assert np.allclose(Model(form).predict(X)[:, -1], expit(X @ weights[:, 0] + 0.3), atol=1e-6)
    assert form.arrays["weights"].shape == (4, 1 if n_outputs == 2 else 4) and form.arrays["weights"].dtype == np.float32


@pytest.mark.parametrize(("code", "n_outputs"), [(0, 2), (1, 2), (2, 5)])
def test_a_lone_class_gets_everything(code, n_outputs):
    found = Model(linear_form(np.ones((4, 1)), np.ones(1), np.array([code]), n_outputs)).predict(X)
    assert np.allclose(found, lone(code, 30, n_outputs), atol=1e-9)

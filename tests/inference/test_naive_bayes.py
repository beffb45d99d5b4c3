"""Naive Bayes against sums written out, dense and sparse, in blocks."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import softmax
from scipy.stats import norm

from automl.inference import naive_bayes as under_test
from automl.inference.forms import Form, Model

RNG = np.random.default_rng(0)
MEANS, SPREADS, WEIGHTS, BIAS = RNG.normal(size=(3, 2)), RNG.uniform(0.5, 2, (3, 2)), RNG.normal(size=(3, 3)), RNG.normal(size=3)
X = np.concatenate([RNG.normal(size=(25, 2)), RNG.integers(0, 2, (25, 1)), RNG.uniform(0, 1, (25, 3)) * RNG.integers(0, 2, (25, 3))], axis=1).astype(np.float32)


def form(numbers=(0, 1), marks=(2, 4, 5)):
    picked = len(numbers) > 0
    arrays = {"numbers": np.array(numbers, np.int32), "marks": np.array(marks, np.int32), "means": MEANS if picked else np.zeros((3, 0)),
              "precision": 1 / SPREADS**2 if picked else np.zeros((3, 0)), "weights": WEIGHTS[: len(marks)], "bias": BIAS}  # fmt: skip
    return Form("naive_bayes", {"n_outputs": 4, "present": [0, 1, 3]}, arrays)


@pytest.mark.parametrize("cells", [1 << 20, 12])
@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_matrix])
def test_margins_are_densities_and_marks(cells, wrap, monkeypatch):
    monkeypatch.setattr(under_test, "CELLS", cells)
    joint = BIAS + (X[:, [2, 4, 5]] > 0) @ WEIGHTS
    joint = joint + np.stack([(norm.logpdf(X[:, :2], m, s) - norm.logpdf(0, 0, s)).sum(axis=1) for m, s in zip(MEANS, SPREADS, strict=True)], axis=1)
    found = Model(form()).predict(wrap(X))
    assert np.abs(found[:, [0, 1, 3]] - softmax(joint, axis=1)).max() < 1e-6 and not found[:, 2].any()


@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("columns", [{"numbers": ()}, {"marks": ()}, {"numbers": (), "marks": ()}])
def test_either_kind_of_column_may_be_missing(wrap, columns):
    found = Model(form(**columns)).predict(wrap(X))
    assert found.shape == (25, 4) and np.allclose(found.sum(axis=1), 1, atol=1e-6)

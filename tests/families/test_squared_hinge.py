"""Our squared hinge machine against liblinear's."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from automl.families.squared_hinge import fit_squared_hinge


def made(k, n=300, d=6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)).astype(np.float32)
    return x, (x @ rng.normal(size=(d, k)) + rng.gumbel(size=(n, k))).argmax(axis=1)


def fitted(x, y, weight=None, k=2, C=1.0, **more):
    return fit_squared_hinge(x, y, weight, k, C, 500, lambda: False, **more)


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("C", [0.01, 1.0, 10.0])
def test_agrees_with_liblinear(k, C):
    x, y = made(k)
    weight = np.random.default_rng(1).uniform(0.2, 2, len(y))
    # a large intercept scaling takes the penalty off liblinear's bias
    library = LinearSVC(C=C, dual=False, tol=1e-7, intercept_scaling=100.0, max_iter=10_000).fit(x, y, weight)
    found = fitted(x, y, weight, k, C)
    assert np.abs(found[:-1].T - library.coef_).max() < 5e-3 and np.abs(found[-1] - library.intercept_).max() < 5e-3


def test_sparse_rows_give_what_dense_ones_give():
    x, y = made(3)
    x[np.abs(x) < 1] = 0
    assert np.abs(fitted(sparse.csr_matrix(x), y, k=3) - fitted(x, y, k=3)).max() < 1e-3


def test_weights_are_repeats():
    x, y = made(2)
    times = np.random.default_rng(0).integers(1, 4, len(y))
    assert np.abs(fitted(x, y, times) - fitted(np.repeat(x, times, axis=0), np.repeat(y, times))).max() < 1e-3


def test_it_ends_when_it_is_told_and_begins_where_it_is_told():
    x, y = made(2)
    asked = []
    few = fit_squared_hinge(x, y, None, 2, 1.0, 500, lambda: asked.append(1) or True)
    whole = fitted(x, y)
    assert len(asked) == 1 and np.isfinite(few).all() and np.abs(few - whole).max() > 1e-3
    looks = []
    again = fit_squared_hinge(x, y, None, 2, 1.0, 500, lambda: looks.append(1) or False, whole)
    assert np.abs(again - whole).max() < 1e-3 and len(looks) <= 3

"""Means and covariances of classes against numpy's."""

import numpy as np
import pytest

from automl.families.moments import moments, towards_sphere

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3)).astype(np.float32)
Y = np.array([0, 2, 2, 5, 5, 5])[np.arange(60) % 6]


@pytest.mark.parametrize("weighted", [False, True])
def test_moments_are_numpys(weighted):
    weight = RNG.uniform(0.5, 2, 60).astype(np.float32) if weighted else None
    found, pooled = moments(X, Y, weight, pooled=False), moments(X, Y, weight, pooled=True)
    assert found.present.tolist() == [0, 2, 5] and np.allclose(np.exp(found.log_share), found.count / found.count.sum())
    for k, code in enumerate(found.present):
        rows = np.flatnonzero(code == Y)
        own, w = X[rows].astype(float), None if weight is None else weight[rows].astype(float)
        assert np.allclose(found.means[k], np.average(own, axis=0, weights=w)) and np.allclose(found.covariances[k], np.cov(own.T, ddof=0, aweights=w))
    assert np.allclose(pooled.covariances[0], np.average(found.covariances, axis=0, weights=found.count)) and pooled.covariances.shape == (1, 3, 3)


def test_a_class_of_one_row_has_no_scatter_and_the_rows_stay_as_they_are():
    before = X.copy()
    found = moments(X[:2], Y[:2], None, pooled=False)
    assert not found.covariances.any() and np.array_equal(X, before)


@pytest.mark.parametrize("amount", [1e-3, 0.3, 1.0])
def test_a_singular_covariance_becomes_regular(amount):
    wide = np.cov(RNG.normal(size=(3, 8)).T)
    found = towards_sphere(wide, amount)
    assert np.linalg.eigvalsh(found).min() > 0 and np.trace(found) == pytest.approx(np.trace(wide), rel=1e-6)
    assert np.linalg.eigvalsh(towards_sphere(np.zeros((4, 4)), amount)).min() > 0

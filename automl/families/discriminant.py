"""Directions that part the classes of a label best, with a shrunk covariance, for any number of columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.shrinkage import LEAST_SHRINKAGE
from automl.families.space import Params

Floats = NDArray[np.float64]

INNER = 800  # directions of most variance that a wider table is reduced to first


def directions(x: NDArray[Any], y: NDArray[np.int64], m: int, params: Params, seed: int = 0) -> tuple[Floats, Floats]:
    """Return mean (n_features,) and weights (n_features, k), k at most m and one less than the classes in y (n_rows,), most telling first.

    Fisher's discriminants (Hastie, Tibshirani and Friedman 2009, The elements of statistical learning, section 4.3.3): the covariance within
    classes is a unit sphere in these coordinates, so that near means alike in all of them. Raises ValueError for a single class.
    """
    from scipy.linalg import cholesky, solve_triangular, svd
    from sklearn.covariance import ledoit_wolf_shrinkage

    from automl.families.moments import moments, towards_sphere
    from automl.families.subspace import leading

    if len(np.unique(y)) < 2:
        raise ValueError("the label has one class only, there is nothing to tell apart")
    mean = x.mean(axis=0, dtype=np.float64)
    inner = np.eye(x.shape[1])
    if x.shape[1] > min(INNER, len(x)):
        inner = leading(x, min(INNER, len(x) - 1), seed=seed).directions.T
    seen = (x - mean.astype(np.float32)) @ inner.astype(np.float32)
    found = moments(seen, y, None, pooled=True)
    amount = params.get("shrinkage.fixed.amount")
    if amount is None:
        within = seen.astype(np.float64) - found.means[np.searchsorted(found.present, y)]
        amount = float(ledoit_wolf_shrinkage(within, assume_centered=True)) if within.any() else 1.0
    lower = cholesky(towards_sphere(found.covariances[0], max(LEAST_SHRINKAGE, float(amount))), lower=True)
    share = found.count / found.count.sum()
    apart = (found.means - share @ found.means) * np.sqrt(share)[:, None]
    _, _, ways = svd(solve_triangular(lower, apart.T, lower=True).T, full_matrices=False)
    k = max(1, min(m, len(share) - 1, len(ways)))
    return mean, inner @ solve_triangular(lower.T, ways[:k].T, lower=False)

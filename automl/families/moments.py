"""Shares, means and scatter of classes from weighted rows: what the Gaussian classifiers learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Of the classes `present` (n_classes,): weight of each, means (n_classes, n_features), covariances with divisor n.

    `covariances` (n_classes, n_features, n_features), or with `pooled` only their weighted mean (1, n_features, n_features).
    """

    present: NDArray[np.int64]
    count: Floats
    means: Floats
    covariances: Floats

    @property
    def log_share(self) -> Floats:
        """Return the logarithms of the shares of the classes (n_classes,)."""
        logs: Floats = np.log(self.count / self.count.sum())
        return logs


def moments(x: Any, y: NDArray[np.int64], weight: NDArray[Any] | None, pooled: bool) -> Moments:
    """Return the moments of x (n_rows, n_features), dense, with codes y (n_rows,) and weights (n_rows,)."""
    present = np.unique(y)
    n_features = x.shape[1]
    weights = np.ones(len(y)) if weight is None else np.maximum(weight.astype(np.float64), 1e-12)
    count, means = np.zeros(len(present)), np.zeros((len(present), n_features))
    covariances = np.zeros((1 if pooled else len(present), n_features, n_features))
    for k, code in enumerate(present):
        rows = np.flatnonzero(y == code)
        own, w = np.asarray(x[rows], dtype=np.float64), weights[rows]
        count[k] = w.sum()
        means[k] = w @ own / count[k]
        own -= means[k]
        own *= np.sqrt(w)[:, None]
        covariances[0 if pooled else k] += own.T @ own / (1.0 if pooled else count[k])
    if pooled:
        covariances /= count.sum()
    return Moments(present, count, means, covariances)


def towards_sphere(covariance: Floats, amount: float) -> Floats:
    """Return a covariance pulled towards the sphere of the same mean variance by `amount` in 0 to 1; never singular above 0."""
    n_features = len(covariance)
    level = float(np.trace(covariance)) / max(1, n_features)
    out = (1 - amount) * covariance
    out[np.diag_indices(n_features)] += amount * level + TINY
    return out


TINY = 1e-9  # variance that a constant table still has, so that nothing is divided by zero

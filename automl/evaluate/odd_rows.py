"""Rows that lie apart: by how thin the table is around them, and by how far they are from the middle of their cluster."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.features.view import View

NEIGHBOURS = 20
MOST_ROWS = 10_000
MOST_SHOWN = 20
FAR = 3.5  # robust standard deviations from the median (Iglewicz and Hoaglin 1993, How to detect and handle outliers)
THIN = 1.5  # local outlier factor above which a row counts as lying apart; 1 is as dense as the neighbours


def odd_rows(view: View, cluster: NDArray[np.int64], numbers: NDArray[np.int64], seconds: float, seed: int) -> dict[str, Any]:
    """Return the rows that lie most apart, by number in the source, with the local outlier factor and the distance to their cluster.

    `cluster` (n_searched,) of the rows of the view, `numbers` (n_rows,) of all rows. The local outlier factor compares how dense the
    table is at a row with how dense it is at its neighbours (Breunig, Kriegel, Ng and Sander 2000, LOF: identifying density-based
    local outliers, SIGMOD). The distance is in robust standard deviations of those of the cluster's own rows.
    """
    from sklearn.neighbors import LocalOutlierFactor

    x, rows = view.x, np.arange(len(view.x))
    most = int(min(MOST_ROWS, max(500.0, 2e4 * np.sqrt(max(seconds, 0.01) / max(1, x.shape[1])))))
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))
    x, own = x[rows], cluster[rows]
    began = time.monotonic()
    factor = -LocalOutlierFactor(n_neighbors=min(NEIGHBOURS, len(x) - 1)).fit(x).negative_outlier_factor_
    factor = np.where(np.isfinite(factor), np.minimum(factor, 1e6), 1e6)  # copies of a row among its neighbours make it very large
    far = _distances(x, own)
    odd = (factor > THIN) & ((far > FAR) | (own < 0)) | (factor > 2 * THIN)
    order = np.argsort(-factor, kind="stable")
    listed = [i for i in order.tolist() if odd[i]][:MOST_SHOWN]
    number = numbers[view.rows[rows]]
    told = [(int(number[i]), int(own[i]), float(factor[i]), float(far[i]) if far[i] == far[i] else None) for i in listed]
    return {
        "rows": [dict(zip(("row", "cluster", "factor", "distance"), one, strict=True)) for one in told],
        "count": int(odd.sum()), "looked_at": len(rows), "seconds": round(time.monotonic() - began, 3),
    }  # fmt: skip


def _distances(x: NDArray[np.float32], cluster: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n_rows,) how many robust standard deviations a row is farther from the middle of its cluster than its rows are; NaN for noise."""
    out = np.full(len(x), np.nan)
    for name in np.unique(cluster[cluster >= 0]):
        rows = np.flatnonzero(cluster == name)
        part = x[rows].astype(np.float64)
        distance = np.sqrt(((part - np.median(part, axis=0)) ** 2).sum(axis=1))
        middle = float(np.median(distance))
        spread = 1.4826 * float(np.median(np.abs(distance - middle)))
        out[rows] = (distance - middle) / spread if spread > 0 else 0.0
    return out

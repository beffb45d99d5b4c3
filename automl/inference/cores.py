"""Clusters of any shape: the nearest of some kept rows names the cluster, and a row too far from all of them is noise."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen
from automl.inference.projection import projection

CELLS = 1 << 20  # of a block of distances


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of kept rows.

    Arrays: `rows` (n_kept, m), `code` (n_kept,) of their clusters, n_outputs for kept noise, and `radius` (n_outputs,), how far
    from the nearest row of a cluster one may lie to be of it (ANYWHERE: however far). Config: `n_outputs`, and `scale`, the usual distance between
    neighbours. Strengths (n_rows, n_outputs) go by 1 / (scale^2 + squared distance to the nearest row of a cluster) and sum to
    one; they are zeros for noise.
    """
    n_outputs, square = int(form.config["n_outputs"]), max(float(form.config["scale"]), 1e-6) ** 2
    code = form.arrays["code"].astype(np.int64)
    order = np.argsort(code, kind="stable")
    rows, code = widen(form.arrays, "rows").astype(np.float64)[order], code[order]
    middle = rows.mean(axis=0)
    rows = rows - middle
    lengths, columns = np.einsum("ij,ij->i", rows, rows), np.ascontiguousarray(rows.T)
    held, starts = np.unique(code, return_index=True)
    reach = np.append(form.arrays["radius"].astype(np.float64), np.inf) ** 2
    size, project = max(1, CELLS // len(rows)), projection(form)

    def block(x: Any) -> NDArray[np.float32]:
        at = project(x) - middle
        squares = at @ columns
        squares *= -2.0
        squares += lengths
        nearest = np.full((len(at), n_outputs + 1), np.inf)
        nearest[:, held] = np.maximum(np.minimum.reduceat(squares, starts, axis=1) + np.einsum("ij,ij->i", at, at)[:, None], 0.0)
        winner = nearest.argmin(axis=1)
        close = 1.0 / (square + nearest[:, :n_outputs])
        share = close / close.sum(axis=1, keepdims=True)
        share[(winner == n_outputs) | (nearest[np.arange(len(at)), winner] > reach[winner] * (1 + 1e-6) + 1e-12)] = 0.0
        found: NDArray[np.float32] = share.astype(np.float32)
        return found

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([block(x[at : at + size]) for at in range(0, max(1, x.shape[0]), size)])

    return predict

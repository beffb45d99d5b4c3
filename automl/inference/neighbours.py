"""Nearest neighbours: distances to the rows kept, some rows at a time, and the votes of the nearest, in double precision."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

CELLS = {"euclidean": 1 << 20, "manhattan": 1 << 17}  # of a block of distances; those by columns stay in the cache
AHEAD = 16  # neighbours looked at beyond k, to see whether some are as far as the k-th
SAME, NEAR = 1e-9, 1e-10  # relative and absolute differences of squared distances that are rounding

Floats = NDArray[np.float64]


def votes_of(
    squares: Floats, code: NDArray[np.int64], weight: Floats, k: int, by_distance: bool, shares: Floats
) -> NDArray[np.float32]:  # fmt: skip
    """Return probabilities (n_rows, n_outputs) from the nearest of each row: squared distances, codes and weights (n_rows, n_near).

    The k nearest vote; those as far as the k-th share the votes that the nearer ones leave, so that the order of the training
    rows decides nothing. By distance, a vote counts one over the distance. One more neighbour, of mean weight, votes with the
    class `shares` (n_outputs,): no class is ever impossible.
    """
    kth = np.partition(squares, k - 1, axis=1)[:, k - 1 : k]
    slack = SAME * kth + NEAR
    closer = squares < kth - slack
    tied = ~closer & (squares <= kth + slack)
    share = (k - closer.sum(axis=1, keepdims=True)) / tied.sum(axis=1, keepdims=True)
    vote = (closer + share * tied) * weight
    if by_distance:
        vote = vote / np.sqrt(squares + 1e-6)
    n_rows, n_outputs = len(squares), len(shares)
    counts = np.bincount((np.arange(n_rows)[:, None] * n_outputs + code).ravel(), vote.ravel(), n_rows * n_outputs).reshape(n_rows, n_outputs)
    total = counts.sum(axis=1, keepdims=True)
    found: NDArray[np.float32] = ((counts + total / k * shares) / (total * (1 + 1 / k))).astype(np.float32)
    return found


def beyond(squares: Floats, k: int) -> NDArray[np.bool_]:
    """Return (n_rows,) whether the farthest of the squared distances (n_rows, n_near) is farther than the k-th."""
    kth = np.partition(squares, k - 1, axis=1)[:, k - 1]
    last: NDArray[np.bool_] = squares.max(axis=1) > kth + SAME * kth + NEAR
    return last


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of a form.

    Arrays: `rows` (n_kept, n_features), `code` (n_kept,) of their classes, `weight` (n_kept,) of their votes, 1 where absent,
    `shares` (n_outputs,). Config: `k`, `metric` (euclidean, manhattan) and `weights` (uniform, distance).
    """
    config, arrays = form.config, form.arrays
    rows: Floats = widen(arrays, "rows", np.float64)
    code, shares = arrays["code"].astype(np.int64), arrays["shares"].astype(np.float64)
    weight = arrays["weight"].astype(np.float64) if "weight" in arrays else np.ones(len(rows))
    k, by_distance, euclidean = int(config["k"]), config["weights"] == "distance", config["metric"] == "euclidean"
    lengths = np.einsum("ij,ij->i", rows, rows)
    size = max(1, CELLS[config["metric"]] // len(rows))
    most = min(len(rows), k + AHEAD)
    columns = np.ascontiguousarray(rows.T)

    def squares_of(x: Floats) -> Floats:
        if euclidean:
            found = x @ columns
            found *= -2.0
            found += lengths
            found += np.einsum("ij,ij->i", x, x)[:, None]
            return np.maximum(found, 0.0, out=found)
        found = np.zeros((len(x), len(rows)))
        for own, kept in zip(x.T, columns, strict=True):
            found += np.abs(own[:, None] - kept)
        return np.square(found, out=found)

    def block(x: Floats) -> NDArray[np.float32]:
        squares = squares_of(x)
        near = np.argpartition(squares, most - 1, axis=1)[:, :most] if most < len(rows) else np.repeat(np.arange(len(rows))[None, :], len(x), axis=0)
        nearest = np.take_along_axis(squares, near, axis=1)
        out = votes_of(nearest, code[near], weight[near], k, by_distance, shares)
        if most < len(rows) and not (clear := beyond(nearest, k)).all():  # many rows as far as the k-th: look at all
            unclear = np.flatnonzero(~clear)
            every = np.broadcast_to(np.arange(len(rows)), (len(unclear), len(rows)))
            out[unclear] = votes_of(squares[unclear], code[every], weight[every], k, by_distance, shares)
        return out

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([block(x[at : at + size].astype(np.float64)) for at in range(0, max(1, x.shape[0]), size)])

    return predict

"""New rows among mapped ones: each where its nearest neighbours are, weighted by how near they are."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

SAME = 1e-5  # of a row's squared length: closer than this in single precision is the same
CELLS = 1 << 22  # of a block of distances, 16 MB


def nearest(x: NDArray[np.float32], rows: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return positions (n_rows, k) of the nearest of `rows` (n_kept, n_features), and squared distances (n_rows, k); in no order."""
    k = min(k, len(rows))
    lengths = np.einsum("ij,ij->i", rows, rows)
    size = max(1, CELLS // len(rows))
    near, squares = np.empty((len(x), k), np.int64), np.empty((len(x), k), np.float32)
    for at in range(0, len(x), size):
        block = x[at : at + size]
        found = block @ rows.T
        found *= -2.0
        found += lengths
        found += np.einsum("ij,ij->i", block, block)[:, None]
        picked = np.argpartition(found, k - 1, axis=1)[:, :k] if k < len(rows) else np.tile(np.arange(len(rows)), (len(block), 1))
        near[at : at + size] = picked
        squares[at : at + size] = np.maximum(np.take_along_axis(found, picked, axis=1), 0.0)
    return near, squares


def place(x: NDArray[np.float32], rows: NDArray[np.float32], coordinates: NDArray[np.float32], k: int) -> NDArray[np.float32]:
    """Return (n_rows, m): the mean of the coordinates (n_kept, m) of the k nearest, weight exp(-(d^2 - nearest d^2) / (mean of these)).

    A row that equals kept ones gets the mean of theirs, so that mapped rows stay where the map has them.
    """
    near, squares = nearest(x, rows, k)
    least = squares.min(axis=1, keepdims=True)
    slack = SAME * np.maximum(np.einsum("ij,ij->i", x, x), 1e-12)[:, None]
    width = np.maximum((squares - least).mean(axis=1, keepdims=True), 1e-12)
    weight = np.where(least <= slack, (squares <= slack).astype(np.float32), np.exp(-3.0 * (squares - least) / width))
    weight /= weight.sum(axis=1, keepdims=True)
    found: NDArray[np.float32] = np.einsum("ij,ijk->ik", weight, coordinates[near]).astype(np.float32)
    return found


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of a form.

    Arrays: `weights` (n_features, n_inner) and `bias` (n_inner,), the linear space that neighbours are looked for in; `rows`
    (n_kept, n_inner), mapped rows in that space, and their `coordinates` (n_kept, m). Config: `k`.
    """
    weights, bias, rows, coordinates = (widen(form.arrays, name) for name in ("weights", "bias", "rows", "coordinates"))
    return lambda x: place(np.asarray(x @ weights, np.float32) + bias, rows, coordinates, int(form.config["k"]))

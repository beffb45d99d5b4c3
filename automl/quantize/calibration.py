"""Rows that rounding may look at: some of those that a model learned from, never those that it is judged on."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = Any
"""Features (n_rows, n_features), dense or CSR; None: there are none."""

RowsOf = Callable[[int, int | None], Rows]
"""The rows that a model of a fold (None: of the fit on all rows) may be calibrated on, as its view of a row shows them (0 where there is one)."""

MOST_CELLS = 1 << 25  # of a matrix made dense


def no_rows(view: int, fold: int | None) -> Rows:
    """Return nothing: where no rows are at hand."""
    return None


def some_of(x: Rows, n_rows: int, seed: int) -> Rows:
    """Return at most `n_rows` rows of a matrix, drawn without order but for the seed."""
    return x if int(x.shape[0]) <= n_rows else x[picked(int(x.shape[0]), n_rows, seed)]


def picked(count: int, n_rows: int, seed: int) -> NDArray[np.int64]:
    """Return the positions of at most `n_rows` of `count` rows, in order."""
    return np.arange(count) if count <= n_rows else np.sort(np.random.default_rng(seed).choice(count, n_rows, replace=False))


def dense(x: Rows) -> NDArray[np.float32]:
    """Return the rows as a dense matrix; none of them where that would be too large."""
    if isinstance(x, np.ndarray):
        return x
    if x.shape[0] * x.shape[1] > MOST_CELLS:
        return np.zeros((0, x.shape[1]), dtype=np.float32)
    return np.asarray(x.toarray(), dtype=np.float32)

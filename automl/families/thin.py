"""Fewer rows for families that cannot learn from many: a stratified sample that keeps rare classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEAST = 20  # rows of a class that are kept where it has them


def thin(y: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """Return the positions, in order, of at most about `most` rows: the same share of each class, but no class below 20 rows.

    All rows where there are no more than `most`. Many rare classes can take the sample over `most` by 20 rows each.
    """
    if len(y) <= most:
        return np.arange(len(y))
    order = np.random.default_rng(seed).permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]  # by class, shuffled within
    _, start, count = np.unique(y[order], return_index=True, return_counts=True)
    wanted = np.minimum(count, np.maximum(LEAST, np.floor(count * (most / len(y))).astype(np.int64)))
    rank = np.arange(len(y)) - np.repeat(start, count)
    return np.sort(order[rank < np.repeat(wanted, count)])

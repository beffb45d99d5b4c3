"""A table answered some rows at a time, on several threads where that is asked: features and models of a chunk are all that is in memory."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.table import Table

CHUNK = 20_000  # rows that are in memory as features at a time, per thread


def in_chunks(table: Table, answer: Callable[[Table], NDArray[Any]], threads: int = 1) -> NDArray[Any]:
    """Return (n_rows, ...) what `answer` says of the rows, in their order; each row's answer must depend on that row alone."""
    if table.n_rows <= CHUNK:
        return answer(table)
    starts = range(0, table.n_rows, CHUNK)

    def one(start: int) -> NDArray[Any]:
        return answer(table.part(start, min(start + CHUNK, table.n_rows)))

    if threads <= 1:
        return np.concatenate([one(start) for start in starts])
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(one, starts)))

"""Which way forests predict whose leaves are rows of whole numbers: by compiled code on bytes, or by walking values; both count exactly."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.boosted import Sums
from automl.inference.compiled import kernel, want
from automl.inference.tree_layout import Layout
from automl.inference.tree_numpy import STEP_SECONDS
from automl.inference.tree_small import fits, small_nodes
from automl.inference.tree_units import bins_of

LANES = 16  # rows that the kernel does not divide


class Forest:
    """A forest of leaves `leaf` (n_leaves,) that point to `rows` (n_rows, n_classes) of whole numbers with the same sum."""

    def __init__(self, leaf: NDArray[Any], rows: NDArray[Any], trees: Layout, walked: Sums) -> None:
        self._leaf, self._rows, self._trees, self._walked = leaf, rows, trees, walked
        self._kind = leaf.dtype.name
        self._total = float(rows[0].sum(dtype=np.int64)) * len(trees.roots)
        self._bytes = rows.dtype == np.uint8 and walked.sets is None and fits(trees) and bins_of(*trees.asked) is not None
        self._tables: tuple[Any, ...] | None = None
        want(*(("forest", self._kind) if self._bytes else ("walk", "float64")))

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n_rows, n_classes) probabilities of rows. Raises IndexError where columns are missing."""
        return (self._sums(x) / self._total).astype(np.float32)

    def _sums(self, x: NDArray[np.float32]) -> NDArray[Any]:
        if not self._bytes:
            return self._walked(x)
        if x.shape[1] < self._walked.n_columns:
            raise IndexError(f"the trees need {self._walked.n_columns} columns, and there are {x.shape[1]}")
        run = kernel("forest", self._kind, self._walked.steps * x.shape[0] * STEP_SECONDS)
        if run is None:
            return self._walked.plain(x)
        if self._tables is None:
            self._tables = self._prepared()
        sums = np.zeros((-(-x.shape[0] // LANES) * LANES, self._rows.shape[1]), dtype=np.int32)
        run(np.ascontiguousarray(x, dtype=np.float32), *self._tables, sums)
        return sums[: x.shape[0]]

    def _prepared(self) -> tuple[Any, ...]:
        from automl.inference.kernels.bins import ready

        trees, found = self._trees, bins_of(*self._trees.asked)
        assert found is not None
        bins, plane, position = found
        row_of = np.zeros(len(trees.left), dtype=self._kind)
        row_of[trees.ends] = self._leaf
        tables = bins.used, ready(bins), bins.first, bins.count, bins.low_plane, bins.high_plane, bins.n_planes
        return *tables, small_nodes(trees, plane, position), trees.roots // 4, trees.depths, row_of, np.ascontiguousarray(self._rows).ravel()

"""Which way boosted trees predict: few rows by walking bins, many by vectors of bytes, others by walking values; all say the same to the last bit.

Sums start from `base` and add tree after tree in single precision, as XGBoost's do.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from automl.inference.category_sets import Sets
from automl.inference.chances import chances
from automl.inference.compiled import kernel, want
from automl.inference.tree_layout import Layout
from automl.inference.tree_numpy import STEP_SECONDS
from automl.inference.tree_sets import TreeSets, no_sets, tree_sets
from automl.inference.tree_small import fits, words
from automl.inference.tree_units import Bins, bins_of, units_of

MANY_ROWS = {"uint8": 24, "uint16": 32, "uint32": 56}  # from here on a tile of rows by vectors is quicker than so many walks
SPLITS_PER_STEP = 40  # splits that vectors look at in the time of one step of a walk
LEAVES = {np.dtype(np.int8): "uint8", np.dtype(np.int16): "uint16", np.dtype(np.float32): "uint32"}  # the bits of a leaf


class Sums(Protocol):
    """Sums of trees by walking values; `steps` is the number of splits on a row's way, `n_columns` the least that rows must have.

    `sets` are those of categories that splits ask about.
    """

    steps: int
    n_columns: int
    sets: Sets | None

    def __call__(self, x: NDArray[np.float32]) -> NDArray[Any]:
        """Return (n_rows, n_margins)."""

    def plain(self, x: NDArray[np.float32]) -> NDArray[Any]:
        """Return the same in numpy."""


def boosted(leaf: NDArray[Any], scale: NDArray[Any] | None, trees: Layout, base: NDArray[np.float32], walked: Sums) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of trees with one value per leaf: `leaf` (n_leaves, 1) as stored, `scale` (n_trees,) where that is whole numbers."""
    if leaf.dtype not in LEAVES or _looked_up(trees, walked.sets) is None:
        want("walk", "float32")
        return lambda x: chances(walked(x))
    made = Boosted(leaf, scale, trees, base, walked)
    return made.predict


def _looked_up(trees: Layout, sets: Sets | None) -> tuple[Bins, NDArray[np.int64], NDArray[np.int64], TreeSets] | None:
    """Return the bins of what thresholds ask about, per split its place in the block and its threshold there, and the sets; None where bytes are too few."""
    feature, threshold, missing_right = trees.asked
    of_sets = no_sets(len(trees.roots)) if sets is None else tree_sets(trees, feature, sets)
    if of_sets is None:
        return None
    plain = ~of_sets.splits if sets is not None else slice(None)
    found = bins_of(feature[plain], threshold[plain], missing_right[plain])
    if found is None or sets is None:
        return None if found is None else (*found, of_sets)
    bins, own, at = found
    plane, position = bins.n_planes + of_sets.place, np.zeros(len(feature), np.int64)
    plane[plain], position[plain] = own, at
    return bins, plane, position, of_sets


class Boosted:
    """Trees whose splits fit into bytes; what a way needs is made when it is first gone."""

    def __init__(self, leaf: NDArray[Any], scale: NDArray[Any] | None, trees: Layout, base: NDArray[np.float32], walked: Sums) -> None:
        self._leaf, self._scale, self._trees, self._base, self._walked = leaf, scale, trees, base, walked
        self._kind = LEAVES[leaf.dtype]
        self._many_rows = MANY_ROWS[self._kind]
        self._classes = max(2, len(base))
        self._seconds = walked.steps * STEP_SECONDS
        self._tables: tuple[Any, ...] | None = None
        self._words: NDArray[np.int32] | None = None
        self._few_fits, self._many_fits = walked.sets is None and fits(trees), True
        if self._few_fits:
            want("few", "all")
        want("boosted", self._kind)

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n_rows, n_classes) probabilities of rows. Raises IndexError where columns are missing."""
        if x.shape[0] < self._many_rows and self._few_fits:
            return self._few(x)
        if self._many_fits:
            return self._many(x)
        return chances(self._walked(x))

    def _few(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        run = kernel("few", "all", self._seconds * x.shape[0])
        if run is None:
            self._check(x)
            return chances(self._walked.plain(x))
        if self._words is None:
            from automl.inference.kernels.lanes import PERMUTES

            self._words = words(self._trees, self._base, PERMUTES)
        out = np.empty((x.shape[0], self._classes), dtype=np.float32)
        try:
            enough = run(self._words, x, out)
        except TypeError:  # another type or order of numbers
            enough = run(self._words, np.ascontiguousarray(x, dtype=np.float32), out)
        if not enough:
            self._check(x)
        return out

    def _check(self, x: NDArray[np.float32]) -> None:
        if x.shape[1] < self._walked.n_columns:
            raise IndexError(f"the trees need {self._walked.n_columns} columns, and there are {x.shape[1]}")

    def _many(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        self._check(x)
        run = kernel("boosted", self._kind, self._seconds * x.shape[0])
        if run is None:
            return chances(self._walked.plain(x))
        if self._tables is None:
            self._tables = self._prepared()
        if not self._many_fits:
            return chances(self._walked(x))
        *tables, most_slots = self._tables
        out = np.empty((x.shape[0], self._classes), dtype=np.float32)
        run(np.ascontiguousarray(x, dtype=np.float32), *tables, self._base, most_slots, np.empty(0, self._kind), out)
        return out

    def _prepared(self) -> tuple[Any, ...]:
        """Return what the kernel takes after the rows, with the number of slots at the end; nothing where walking values is quicker."""
        from automl.inference.kernels.bins import ready
        from automl.inference.kernels.lanes import LANES

        trees, found = self._trees, _looked_up(self._trees, self._walked.sets)
        assert found is not None
        bins, plane, position, sets = found
        bits = np.zeros(len(trees.left), dtype=self._kind)
        bits[trees.ends] = np.ascontiguousarray(self._leaf[:, 0]).view(self._kind)
        units = units_of(trees.splits, trees.roots.astype(np.int64) // 4, trees.left, trees.depths, plane, position, bits, LANES)
        scale = np.ones(len(trees.roots), np.float32) if self._scale is None else self._scale.astype(np.float32)
        tables = bins.used, ready(bins), bins.first, bins.count, bins.low_plane, bins.high_plane, bins.n_planes
        self._many_fits = units.n_nodes <= SPLITS_PER_STEP * max(1, self._walked.steps)
        return (*tables, *sets.arrays, units.code, units.counts, scale, units.most_slots) if self._many_fits else ()

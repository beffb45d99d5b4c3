"""Sets of categories as vectors of bytes take them: per tree the sets that it asks about, looked up just before the tree is run.

The block of a tile of rows holds, after the bins, two planes per column of categories, what codes are divided by 8 and a byte whose bit is the
remainder; and after these a plane for each set of the tree that is run, 1 where a row's code is in it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.inference.category_sets import Sets
from automl.inference.tree_layout import Bits, Layout, Positions


@dataclass(frozen=True)
class TreeSets:
    """`splits` (n_splits,) whether a split asks about a set, `place` (n_splits,) the plane of that set, counted from the end of the bins.

    `columns` (n,) are those with categories; `first` (n_trees + 1,) says where in `which` each tree's sets begin, numbers of sets; `column_of` (n_sets,)
    the place of a set's column in `columns`, `table` (32 * n_sets,) the bits of a byte's values; `most` sets of a tree there are.
    """

    splits: Bits
    place: Positions
    columns: Positions
    first: NDArray[np.int32]
    which: NDArray[np.int32]
    column_of: NDArray[np.int32]
    table: NDArray[np.uint8]
    most: int

    @property
    def arrays(self) -> tuple[Positions, NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8], int]:
        """Return what kernels.boosted takes."""
        return self.columns, self.first, self.which, self.column_of, self.table, self.most


def no_sets(n_trees: int) -> TreeSets:
    """Return what there is where no split asks about a set."""
    none, words = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return TreeSets(np.zeros(0, bool), none, none, np.zeros(n_trees + 1, np.int32), words, words, np.zeros(0, np.uint8), 0)


def tree_sets(trees: Layout, feature: Positions, sets: Sets) -> TreeSets | None:
    """Return the sets of trees whose splits ask about `feature` (n_splits,), None where codes need more than bytes."""
    table = sets.byte_tables()
    if table is None:
        return None
    splits, roots = feature >= sets.first, trees.roots.astype(np.int64) // 4
    tree = np.repeat(np.arange(len(roots)), np.diff(np.append(roots, len(trees.left))))[trees.splits]
    pairs, at = np.unique(tree[splits] * max(1, sets.n_sets) + feature[splits] - sets.first, return_inverse=True)
    first = np.searchsorted(pairs, np.arange(len(roots) + 1) * max(1, sets.n_sets))
    place = np.zeros(len(feature), dtype=np.int64)
    place[splits] = 2 * len(sets.columns) + at - first[tree[splits]]
    which = (pairs % max(1, sets.n_sets)).astype(np.int32)
    column_of = sets.feature_of().astype(np.int32)
    return TreeSets(splits, place, sets.columns, first.astype(np.int32), which, column_of, table.ravel(), int(np.diff(first).max(initial=0)))

"""Tree ensembles in a compact form, walked for many rows and trees at once.

Form. All trees one after another, nodes in preorder, so that a left child follows its parent and a bit per node (split
or leaf) is the whole structure. `splits` (n_nodes,) packed bits; `feature` (n_splits,); a threshold per split, either
`threshold` (n_splits,) float32, or `bin`, packed positions in the feature's sorted cut points (`cut_counts` per feature,
`cuts16` where all are exact as halves, else `cuts32`); `missing_right` packed bits (n_splits,) where any is set; leaf
values `leaf` (n_leaves, width), whole numbers with `leaf.scale` (n_trees,) at 16 and 8 bits; of forests in so few bits `leaf`
(n_leaves,) are places in `leaf.rows`, whole numbers that add up to the same in each row. Going right means x >= threshold;
NaN goes left unless `missing_right`. Splits on sets of categories are about columns of 0 and 1 that stand after the features (category_sets).

config: n_trees, n_outputs, mode "sum" (tree t adds to margin t mod n_margins, or where leaves are wider than one to all,
from `base`) or "mean" (of leaf rows).
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.boosted import boosted
from automl.inference.category_sets import Sets, sets_of
from automl.inference.chances import chances
from automl.inference.compiled import kernel, want
from automl.inference.forest import Forest
from automl.inference.forms import Form
from automl.inference.tree_layout import TILE, Layout, layout_of
from automl.inference.tree_numpy import STEP_SECONDS, NumpyWalk

LANES = 16  # rows that the compiled walk does not divide
CELLS = 1 << 21  # of a block of rows with the columns of their sets, 8 MB


def right_children(splits: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return (n_nodes,) positions of right children (0 for leaves) from preorder structure bits.

    Walking the bits as +1 (split) and -1 (leaf), the left subtree of split i ends where the walk first falls to one below
    its height at i; the right child is the node after.
    """
    n = len(splits)
    height = np.cumsum(np.where(splits, 1, -1)).astype(np.int64)
    height -= height.min() if n else 0
    order = np.argsort(height * n + np.arange(n), kind="stable")
    keys = height[order] * n + order
    right = np.zeros(n, dtype=np.int32)
    at = np.flatnonzero(splits)
    wanted = (height[at] - 1) * n + at + 1
    right[at] = order[np.searchsorted(keys, wanted)] + 1
    return right


def roots_of(splits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return (n_trees,) positions of roots: each tree ends where the walk of `right_children` reaches a new low."""
    height = np.cumsum(np.where(splits, 1, -1))
    lowest_before = np.concatenate(([0], np.minimum.accumulate(np.minimum(height, 0))[:-1])) if len(height) else height
    ends = np.flatnonzero(height < lowest_before)
    return np.concatenate(([0], ends[:-1] + 1)).astype(np.int64) if len(ends) else np.zeros(0, np.int64)


def _widths(feature: NDArray[np.int64], counts: NDArray[Any]) -> NDArray[np.int64]:
    """Return (n_splits,) how many bits a position takes: as many as the feature's number of cut points needs, none for one."""
    bits = np.zeros(len(counts), dtype=np.int64)
    for b in range(16):
        bits += counts.astype(np.int64) > (1 << b)
    return bits[feature]


def pack_positions(feature: NDArray[np.int64], position: NDArray[np.int64], counts: NDArray[Any]) -> NDArray[np.uint8]:
    """Return positions as one stream of bits, each as wide as its feature needs; the inverse of `unpack_positions`."""
    widths = _widths(feature, counts)
    starts = np.cumsum(widths) - widths
    stream = np.zeros(int(widths.sum()), dtype=np.uint8)
    for b in range(int(widths.max(initial=0))):
        has = widths > b
        stream[starts[has] + b] = (position[has] >> b) & 1
    return np.packbits(stream)


def unpack_positions(feature: NDArray[np.int64], packed: NDArray[np.uint8], counts: NDArray[Any]) -> NDArray[np.int64]:
    """Return (n_splits,) positions from the stream of bits."""
    widths = _widths(feature, counts)
    starts = np.cumsum(widths) - widths
    stream = np.unpackbits(packed, count=int(widths.sum())).astype(np.int64)
    position = np.zeros(len(feature), dtype=np.int64)
    for b in range(int(widths.max(initial=0))):
        has = widths > b
        position[has] |= stream[starts[has] + b] << b
    return position


def thresholds_of(form: Form) -> NDArray[np.float32]:
    """Return (n_splits,) float32 thresholds, whichever way they are stored."""
    arrays = form.arrays
    if "threshold" in arrays:
        return arrays["threshold"].astype(np.float32)
    counts, feature = arrays["cut_counts"].astype(np.int64), arrays["feature"].astype(np.int64)
    cuts = np.concatenate([arrays[k].astype(np.float32) for k in ("cuts16", "cuts32") if k in arrays] or [np.zeros(0, np.float32)])
    starts = np.zeros(len(counts), dtype=np.int64)
    narrow = np.unpackbits(arrays["cut_narrow"], count=len(counts)).astype(bool) if "cut_narrow" in arrays else np.zeros(len(counts), bool)
    order = np.concatenate([np.flatnonzero(narrow), np.flatnonzero(~narrow)])
    starts[order] = np.concatenate(([0], np.cumsum(counts[order])[:-1]))
    found: NDArray[np.float32] = cuts[starts[feature] + unpack_positions(feature, arrays["bin"], arrays["cut_counts"])]
    return found


def leaves_of(form: Form, splits: NDArray[np.bool_], roots: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return (n_leaves, width) float32 leaf values, scaled back per tree where they are stored as whole numbers."""
    stored = form.arrays["leaf"]
    if "leaf.rows" in form.arrays:
        rows = form.arrays["leaf.rows"]
        shared: NDArray[np.float32] = (rows / rows.sum(axis=1, keepdims=True, dtype=np.float64)).astype(np.float32)[stored]
        return shared
    if stored.dtype == np.float32:
        return stored
    tree_of_node = np.repeat(np.arange(len(roots)), np.diff(np.append(roots, len(splits))))
    scale = form.arrays["leaf.scale"].astype(np.float32)[tree_of_node[~splits]]
    widened: NDArray[np.float32] = stored.astype(np.float32) * scale[:, None]
    return widened


def layout(form: Form) -> Layout:
    """Return the trees of a form as they are walked. Raises ValueError where its arrays do not fit together."""
    arrays, config = form.arrays, form.config
    n_nodes, n_trees = int(config["n_nodes"]), int(config["n_trees"])
    splits = np.unpackbits(arrays["splits"], count=n_nodes).astype(bool)
    roots, right, feature = roots_of(splits), right_children(splits), arrays["feature"]
    n_splits = int(splits.sum())
    whole = len(roots) == n_trees and n_nodes == 2 * n_splits + n_trees  # each tree ends, the last one with the last node
    if not whole or len(feature) != n_splits or len(arrays["leaf"]) != n_nodes - n_splits:
        raise ValueError("nodes, splits and leaves of the trees differ in number")
    missing_right = np.unpackbits(arrays["missing_right"], count=n_splits).astype(bool) if "missing_right" in arrays else None
    # shares of whole numbers are walked as these: their sums are exact
    leaf = arrays["leaf.rows"].astype(np.float32)[arrays["leaf"]] if "leaf.rows" in arrays else leaves_of(form, splits, roots)
    return layout_of(splits, roots, right, feature, thresholds_of(form), missing_right, leaf)


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of a form as described above; it takes dense float32 (n_rows, n_features).

    Raises ValueError where the arrays of the form do not fit together.
    """
    config = form.config
    n_trees, n_outputs = int(config["n_trees"]), int(config["n_outputs"])
    base = np.asarray(config["base"], dtype=np.float32)
    if n_trees == 0:
        return lambda x: chances(np.repeat(base[None, :], x.shape[0], axis=0))
    mean = config["mode"] == "mean"
    trees = layout(form)
    n_margins = n_outputs if mean else len(base)
    if n_trees % n_margins if trees.width == 1 and not mean else trees.width != n_margins:
        raise ValueError("the trees do not fit to the outputs")
    sets = sets_of(form)
    walked = Walked(trees, np.zeros(n_margins) if mean else base, sets)
    if mean and "leaf.rows" in form.arrays:
        return Forest(form.arrays["leaf"], form.arrays["leaf.rows"], trees, walked).predict
    if mean:
        want("walk", "float64")
        return lambda x: (walked(x) / n_trees).astype(np.float32)
    if trees.width == 1:
        return boosted(form.arrays["leaf"], form.arrays.get("leaf.scale"), trees, base, walked)
    want("walk", "float32")
    return lambda x: chances(walked(x))


class Walked:
    """The sums of trees by walking each from its root; `start` (n_margins,) says from what, and in which precision."""

    def __init__(self, trees: Layout, start: NDArray[np.floating], sets: Sets | None = None) -> None:
        self.trees, self.start, self.sets, self.steps = trees, start, sets, int(trees.depths.sum())
        features = trees.used if sets is None else np.append(trees.used[trees.used < sets.first], sets.n_columns - 1)
        self.n_columns = int(features.max(initial=-1)) + 1
        self._slow: list[NumpyWalk] = []

    def __call__(self, x: NDArray[np.float32]) -> NDArray[Any]:
        """Return (n_rows, n_margins) in the precision of `start`. Raises IndexError where columns are missing."""
        if x.shape[1] < self.n_columns:
            raise IndexError(f"the trees need {self.n_columns} columns, and there are {x.shape[1]}")
        trees = self.trees
        walk = kernel("walk", self.start.dtype.name, float(self.steps) * x.shape[0] * STEP_SECONDS)
        if walk is None:
            return self.plain(x)
        sums = np.empty((-(-x.shape[0] // LANES) * LANES, len(self.start)), dtype=self.start.dtype)
        sums[:] = self.start
        for first, rows in self._blocks(x):
            part = sums[first : first + -(-len(rows) // LANES) * LANES]
            walk(trees.nodes, trees.cuts, trees.leaf, trees.roots, trees.depths, trees.used, trees.width, trees.planes, TILE, rows, part)
        return sums[: x.shape[0]]

    def plain(self, x: NDArray[np.float32]) -> NDArray[Any]:
        """Return the same in numpy."""
        self._slow = self._slow or [NumpyWalk(self.trees)]  # made on first use: it takes as much memory as the trees again
        return np.concatenate([self._slow[0].sums(rows, self.start) for _, rows in self._blocks(x)])

    def _blocks(self, x: NDArray[Any]) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield rows as they are walked, with the number of the first of each block; columns of sets are made for some rows at a time."""
        if self.sets is None:
            yield 0, np.ascontiguousarray(x, dtype=np.float32)
            return
        size = max(1, CELLS // (self.sets.first + self.sets.n_sets) // LANES) * LANES
        for first in range(0, max(1, x.shape[0]), size):
            yield first, self.sets.widened(np.asarray(x[first : first + size], dtype=np.float32))

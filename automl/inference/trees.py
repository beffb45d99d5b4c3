"""Tree ensembles in a compact form, walked for many rows and trees at once.

Form. All trees one after another, nodes in preorder, so that a left child follows its parent and a bit per node (split
or leaf) is the whole structure. `splits` (n_nodes,) packed bits; `feature` (n_splits,); a threshold per split, either
`threshold` (n_splits,) float32, or `bin`, packed positions in the feature's sorted cut points (`cut_counts` per feature,
`cuts16` where all are exact as halves, else `cuts32`); `missing_right` packed bits (n_splits,) where any is set; leaf
values `leaf` (n_leaves, width), whole numbers with `leaf.scale` (n_trees,) at 16 and 8 bits. Going right means
x >= threshold; NaN goes left unless `missing_right`.

config: n_trees, n_outputs, mode "sum" (tree t adds to margin t mod n_margins, or where leaves are wider than one to all,
from `base`) or "mean" (of leaf rows).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, softmax

CELLS = 1 << 17  # rows x trees walked together: the state stays in the second-level cache


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
    if stored.dtype == np.float32:
        return stored
    tree_of_node = np.repeat(np.arange(len(roots)), np.diff(np.append(roots, len(splits))))
    scale = form.arrays["leaf.scale"].astype(np.float32)[tree_of_node[~splits]]
    widened: NDArray[np.float32] = stored.astype(np.float32) * scale[:, None]
    return widened


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of a form as described above; it takes dense float32 (n_rows, n_features)."""
    arrays, config = form.arrays, form.config
    n_nodes, n_trees, n_outputs = int(config["n_nodes"]), int(config["n_trees"]), int(config["n_outputs"])
    splits = np.unpackbits(arrays["splits"], count=n_nodes).astype(bool)
    at = np.flatnonzero(splits)
    roots = roots_of(splits)
    feature = np.zeros(n_nodes, dtype=np.int64)
    feature[at] = arrays["feature"]
    threshold = np.full(n_nodes, -np.inf, dtype=np.float32)
    threshold[at] = thresholds_of(form)
    step = np.repeat(np.arange(n_nodes), 2)  # leaves stay where they are
    step[2 * at] = at + 1
    step[2 * at + 1] = right_children(splits)[at]
    leaf_row = np.cumsum(~splits) - 1
    leaf = leaves_of(form, splits, roots)
    missing_right: NDArray[np.bool_] | None = None
    if "missing_right" in arrays:
        missing_right = np.zeros(n_nodes, dtype=bool)
        missing_right[at] = np.unpackbits(arrays["missing_right"], count=len(at)).astype(bool)
    depth = _depth(splits, n_trees, roots, step)
    base = np.asarray(config["base"], dtype=np.float32)

    def block(x: NDArray[np.float32]) -> NDArray[np.float32]:
        flat = np.ascontiguousarray(x, dtype=np.float32).ravel()
        offset = (np.arange(len(x), dtype=np.int64) * x.shape[1])[:, None]
        node = np.repeat(roots[None, :], len(x), axis=0)
        has_missing = bool(np.isnan(flat).any())
        for _ in range(depth):
            value = flat.take(feature.take(node) + offset)
            right = value >= threshold.take(node)
            if has_missing and missing_right is not None:
                right |= np.isnan(value) & missing_right.take(node)
            # a leaf's children are itself, whatever the comparison said
            node = step.take(2 * node + right)
        found = leaf[leaf_row.take(node)]  # (n_rows, n_trees, width)
        if config["mode"] == "mean":
            mean: NDArray[np.float32] = found.mean(axis=1, dtype=np.float64).astype(np.float32)
            return mean
        by_round = found if found.shape[2] > 1 else found[:, :, 0].reshape(len(x), n_trees // len(base), len(base))
        summed = by_round.sum(axis=1, dtype=np.float64)
        return softmax((summed + base).astype(np.float32))

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        if n_trees == 0:
            return softmax(np.repeat(base[None, :], x.shape[0], axis=0))
        rows = max(1, CELLS // n_trees)
        out = np.empty((x.shape[0], n_outputs), dtype=np.float32)
        for start in range(0, x.shape[0], rows):
            out[start : start + rows] = block(x[start : start + rows])
        return out

    return predict


def _depth(splits: NDArray[np.bool_], n_trees: int, roots: NDArray[np.int64], step: NDArray[np.int64]) -> int:
    """Return the most splits on any path."""
    level = roots
    depth = 0
    while len(level := level[splits[level]]):
        level = np.concatenate([step[2 * level], step[2 * level + 1]])
        depth += 1
    return depth

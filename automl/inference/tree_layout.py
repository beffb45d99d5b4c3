"""Trees as they are walked: nodes of four words, the two children of a split side by side, level after level of each tree.

A leaf's threshold is -inf and its child the node before it, so that a walk which has come to a leaf steps onto it again.
Missing values need no test of their own: they stand in a block of rows as -inf, and where some split sends them right, a
second time as +inf; a split looks into the one copy of its feature or into the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TILE = 512  # rows that the compiled walk takes together: a large tree is read once for all; their features stay in the second-level cache

Bits = NDArray[np.bool_]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """`nodes` (4 * n_nodes,) holds of each node TILE * its place in a block, its threshold, 4 * its left child, and its leaf.

    Thresholds are float32 in the same four bytes, and so are leaves of one value; of wider ones it is the position in `leaf`
    of the first of `width` values. The place of feature `used[i]` is i * `planes`, one more in the copy with +inf. `roots`
    (n_trees,) are 4 * positions, `depths` (n_trees,) the most splits on a path, `ends` (n_leaves,) the numbers of the nodes that are
    the form's leaves.
    """

    nodes: NDArray[np.int32]
    leaf: NDArray[np.float32]
    roots: NDArray[np.int32]
    depths: NDArray[np.int32]
    used: Positions
    width: int
    planes: int
    ends: Positions

    @property
    def splits(self) -> Bits:
        """Return per node whether it is a split."""
        found: Bits = self.cuts[1::4] != -np.inf
        return found

    @property
    def left(self) -> Positions:
        """Return per node the number of its left child; the right one follows it. Of leaves it means nothing."""
        found: Positions = self.nodes[2::4].astype(np.int64) // 4
        return found

    @property
    def asked(self) -> tuple[Positions, NDArray[np.float32], Bits]:
        """Return feature, threshold and whether missing values go right of each split, in the order of the nodes."""
        splits = self.splits
        place = self.nodes[0::4][splits].astype(np.int64) // TILE
        return self.used[place // self.planes], self.cuts[1::4][splits], place % self.planes == 1

    @property
    def cuts(self) -> NDArray[np.float32]:
        """Return the words of the nodes as float32."""
        return self.nodes.view(np.float32)


def layout_of(
    splits: Bits, roots: Positions, right: NDArray[np.int32], feature: NDArray[np.integer], threshold: NDArray[np.float32],
    missing_right: Bits | None, leaf: NDArray[np.float32],
) -> Layout:  # fmt: skip
    """Return the layout of trees in preorder: `splits` and `right` (n_nodes,), `feature` to `missing_right` (n_splits,), `leaf` (n_leaves, width)."""
    nodes_in_order, depths = _by_level(splits, roots, right)
    place = np.empty(len(splits), dtype=np.int64)
    place[nodes_in_order] = np.arange(len(splits))
    at, ends = np.flatnonzero(splits), np.flatnonzero(~splits)
    used = np.unique(feature).astype(np.int64)
    planes, width = (1 if missing_right is None else 2), leaf.shape[1]
    block_place = np.searchsorted(used, feature) * planes
    if missing_right is not None:
        block_place += missing_right
    nodes = np.zeros((len(splits), 4), dtype=np.int32)
    cuts = nodes.view(np.float32)
    nodes[place[at], 0] = block_place * TILE
    cuts[place[at], 1] = lifted(threshold)
    nodes[place[at], 2] = place[at + 1] * 4
    cuts[place[ends], 1] = -np.inf
    nodes[place[ends], 2] = place[ends] * 4 - 4
    if width == 1:
        cuts[place[ends], 3] = leaf[:, 0]
    else:
        nodes[place[ends], 3] = np.arange(len(ends)) * width
    return Layout(nodes.ravel(), leaf.ravel(), (place[roots] * 4).astype(np.int32), depths, used, width, planes, place[ends])


def lifted(threshold: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return thresholds that missing values, as -inf, stay below."""
    return np.maximum(threshold, np.finfo(np.float32).min)


def _by_level(splits: Bits, roots: Positions, right: NDArray[np.int32]) -> tuple[Positions, NDArray[np.int32]]:
    """Return the nodes tree after tree, in each level after level, siblings together; and the depth of each tree."""
    trees = np.arange(len(roots), dtype=np.uint16 if len(roots) < 1 << 16 else np.int64)  # sorted by digits where they are short
    depths = np.zeros(len(roots), dtype=np.int32)
    level, tree = roots, trees
    levels, owners = [level], [tree]
    while len(level):
        inner = splits[level]
        level, tree = level[inner], np.repeat(tree[inner], 2)
        level = np.stack([level + 1, right[level]], axis=1).ravel()
        depths[tree] += 1  # one for each tree that goes on, however often it is named
        levels.append(level)
        owners.append(tree)
    every: Positions = np.concatenate(levels)
    return every[np.argsort(np.concatenate(owners), kind="stable")], depths

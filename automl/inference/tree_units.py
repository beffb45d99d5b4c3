"""Boosted trees as vectors of bytes take them: bins of features, and trees cut into units of up to three levels.

A boosted model splits a feature at 255 values at most, so the number of cut points that a value reaches fits into a byte and
says all that the splits ask: x >= the k-th cut point means bin > k. A missing value is bin 0 for splits that send it left, 255 for those that send it
right; a feature that has both kinds of split stands twice in the block of bins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.inference.tree_layout import Bits, Positions

ROWS = 256  # of a tile of kernels.lanes
MOST_CUTS = 255
NEVER = 255  # a threshold that no bin is above
FILL, UPPER3, KINDS = 0, 4, 7
"""Kinds of unit in the order in which a tree's are run: a leaf alone, bottoms of 1 to 3 levels, uppers of 3, 1 and 2 levels."""


@dataclass(frozen=True)
class Bins:
    """The cut points of feature `used[i]`: `count[i]` of them from `first[i]`, then NaN up to a power of two.

    `low_plane` is its place in the block where missing values are 0, `high_plane` where they are 255; -1 where no split looks there.
    """

    used: NDArray[np.int64]
    cuts: NDArray[np.float32]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    low_plane: NDArray[np.int32]
    high_plane: NDArray[np.int32]

    @property
    def n_planes(self) -> int:
        """Return how many features and copies of features the block holds."""
        return int((self.low_plane >= 0).sum() + (self.high_plane >= 0).sum())


@dataclass(frozen=True)
class Units:
    """`code` (n_words,) are the words of all units in the order they are run; `counts` (n_trees, KINDS) says how many of each kind a tree has."""

    code: NDArray[np.int32]
    counts: NDArray[np.int32]
    most_slots: int
    n_nodes: int


def bins_of(feature: Positions, threshold: NDArray[np.float32], missing_right: Bits | None) -> tuple[Bins, NDArray[np.int64], NDArray[np.int64]] | None:
    """Return the bins, and per split its place in the block and the position of its threshold; None where a feature has more than MOST_CUTS cut points."""
    right = np.zeros(len(feature), bool) if missing_right is None else missing_right
    used, index = np.unique(feature, return_inverse=True)
    key = np.lexsort((threshold, index))
    new = np.ones(len(key), dtype=bool)  # in this order, whether a split is the first with its cut point
    new[1:] = (np.diff(index[key]) != 0) | (threshold[key][1:] != threshold[key][:-1])  # an infinite one less itself is no number
    owner = index[key][new]
    count = np.bincount(owner, minlength=len(used)).astype(np.int64)
    if count.max(initial=0) > MOST_CUTS:
        return None
    starts = np.cumsum(count) - count
    position = np.empty(len(feature), dtype=np.int64)
    position[key] = np.cumsum(new) - 1 - starts[index[key]]
    room = 2 ** np.ceil(np.log2(count + 1)).astype(np.int64)
    first = np.cumsum(room) - room
    cuts = np.full(int(room.sum()), np.nan, dtype=np.float32)
    cuts[first[owner] + np.arange(len(owner)) - starts[owner]] = threshold[key][new]
    has_low, has_high = np.zeros(len(used), bool), np.zeros(len(used), bool)
    has_low[index[~right]], has_high[index[right]] = True, True
    numbered = np.cumsum(np.stack([has_low, has_high], axis=1).ravel()).reshape(-1, 2) - 1
    low, high = np.where(has_low, numbered[:, 0], -1).astype(np.int32), np.where(has_high, numbered[:, 1], -1).astype(np.int32)
    return Bins(used.astype(np.int64), cuts, first, count, low, high), np.where(right, high[index], low[index]).astype(np.int64), position


def units_of(
    splits: Bits, roots: Positions, left: Positions, depths: NDArray[np.int32], plane: Positions, position: Positions, leaf: NDArray[np.unsignedinteger],
    lanes: int,
) -> Units:  # fmt: skip
    """Return the units of trees: `splits` (n_nodes,), `left` children (n_nodes,), the right ones follow them; `plane` and
    `position` (n_splits,), `leaf` (n_nodes,) bits of one, two or four bytes, read at leaves only.

    Units end at the deepest level of their tree, every third level above begins new ones. Where a branch is shorter, a unit has
    splits that no bin goes right at.
    """
    offset, threshold = np.zeros(len(splits), np.int64), np.full(len(splits), NEVER, np.int64)
    offset[splits], threshold[splits] = plane * ROWS, position
    found = _cut(splits, roots, left, depths)
    tree, kind, layer, root = (np.concatenate([getattr(g, name) for g in found]) for name in ("tree", "kind", "layer", "root"))
    order = np.lexsort((-layer, kind, tree))
    widths = np.array([_words(k, leaf.itemsize) for k in range(KINDS)])[kind[order]]
    begin = np.empty(len(order), dtype=np.int64)
    begin[order] = np.cumsum(widths) - widths
    counts = np.bincount(tree * KINDS + kind, minlength=len(roots) * KINDS).reshape(-1, KINDS)
    per_tree = counts.sum(axis=1)
    slot_of_node = np.zeros(len(splits), dtype=np.int64)
    slot_of_node[root[order]] = (np.arange(len(order)) - np.repeat(np.cumsum(per_tree) - per_tree, per_tree)) * lanes * leaf.itemsize
    code = np.zeros(int(widths.sum()), dtype=np.int64)
    at = 0
    for group in found:
        n, ends = len(group.root), group.heap.shape[1] // 2 + 1
        inner, frontier = group.heap[:, : ends - 1], group.heap[:, ends - 1 :]
        if group.upper:
            last = slot_of_node[frontier]
        else:
            last = np.concatenate([_repeated((leaf[frontier] >> (8 * p)) & 255) for p in range(leaf.itemsize)], axis=1)
        words = np.concatenate([offset[inner], _repeated(threshold[inner]), last], axis=1)
        code[begin[at : at + n, None] + np.arange(words.shape[1])] = words
        at += n
    nodes = int((counts @ np.array([0, 1, 3, 7, 7, 1, 3])).sum())
    return Units(code.astype(np.uint32).view(np.int32), counts.astype(np.int32), int(per_tree.max(initial=1)), nodes)


@dataclass(frozen=True)
class _Group:
    """Units of one size: `heap` (n_units, 2^(size + 1) - 1) are their nodes level by level, leaves repeated below themselves."""

    tree: Positions
    layer: Positions
    kind: Positions
    heap: Positions
    upper: bool

    @property
    def root(self) -> Positions:
        return self.heap[:, 0]


def _cut(splits: Bits, roots: Positions, left: Positions, depths: NDArray[np.int32]) -> list[_Group]:
    """Return the units of all trees."""
    out: list[_Group] = []
    level, tree, size = roots, np.arange(len(roots)), np.where(depths > 0, (depths.astype(np.int64) - 1) % 3 + 1, 0)
    layer = 0
    while len(level):
        below: list[tuple[Positions, Positions]] = []
        for s in np.unique(size).tolist():
            mine = size == s
            heap = heap_of(splits, left, level[mine], s)
            ends = heap[:, (1 << s) - 1 :]
            whole = ~splits[ends].any(axis=1)
            out += _bottoms(splits, heap[whole], tree[mine][whole], layer, s)
            if whole.all():
                continue
            heap, ends, owner = heap[~whole], ends[~whole], tree[mine][~whole]
            out.append(_group(owner, layer, UPPER3 + s % 3, heap, True))
            owners = np.repeat(owner, ends.shape[1]).reshape(ends.shape)
            first = np.ones(ends.shape, dtype=bool)  # a leaf higher up stands at the end several times in a row
            first[:, 1:] = ends[:, 1:] != ends[:, :-1]
            alone = first & ~splits[ends]
            out.append(_group(owners[alone], layer, FILL, ends[alone][:, None], False))
            below.append((ends[splits[ends]], owners[splits[ends]]))
        level = np.concatenate([b[0] for b in below]) if below else np.zeros(0, np.int64)
        tree = np.concatenate([b[1] for b in below]) if below else np.zeros(0, np.int64)
        size, layer = np.full(len(level), 3), layer + 1
    return [g for g in out if len(g.tree)]


def _bottoms(splits: Bits, heap: Positions, tree: Positions, layer: int, size: int) -> list[_Group]:
    """Return units whose ends are all leaves, each no higher than its splits are."""
    height = np.zeros(len(heap), dtype=np.int64)
    for s in range(size):
        height[splits[heap[:, (1 << s) - 1 : (2 << s) - 1]].any(axis=1)] = s + 1
    return [_group(tree[height == s], layer, s, heap[height == s, : (2 << s) - 1], False) for s in range(size + 1)]


def _group(tree: Positions, layer: int, kind: int, heap: Positions, upper: bool) -> _Group:
    return _Group(tree, np.full(len(tree), layer), np.full(len(tree), kind), heap, upper)


def heap_of(splits: Bits, left: Positions, roots: Positions, size: int) -> Positions:
    """Return (n, 2^(size + 1) - 1) nodes of perfect trees of so many levels of splits; below a leaf stands the leaf again."""
    heap = np.empty((len(roots), (2 << size) - 1), dtype=np.int64)
    heap[:, 0] = roots
    for i in range((1 << size) - 1):
        node = heap[:, i]
        heap[:, 2 * i + 1], heap[:, 2 * i + 2] = np.where(splits[node], left[node], node), np.where(splits[node], left[node] + 1, node)
    return heap


def _words(kind: int, planes: int) -> int:
    """Return the words of a unit."""
    if kind < UPPER3:
        return 2 * ((1 << kind) - 1) + planes * (1 << kind)
    size = (3, 1, 2)[kind - UPPER3]
    return 2 * ((1 << size) - 1) + (1 << size)


def _repeated(byte: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return bytes four times in a word."""
    return byte.astype(np.int64) * 0x01010101

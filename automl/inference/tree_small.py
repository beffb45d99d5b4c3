"""Trees in nodes of four bytes, and all numbers of a boosted model as one array of words, for kernels.few."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.tree_layout import Layout
from automl.inference.tree_units import NEVER, bins_of, heap_of

MOST_PLANES, MOST_NODES = 1 << 8, 1 << 16
HEADER = 17
"""Words in front: the numbers of used features, planes, trees, margins and columns, then where each part begins; 0 for heaps that are not there."""
LEVELS, TABLE = 6, 128
"""Most levels of a tree, and most planes, of heaps."""


def fits(trees: Layout) -> bool:
    """Return whether the nodes of trees fit into four bytes; a feature with two kinds of split counts twice."""
    widest = np.diff(np.append(trees.roots // 4, len(trees.left))).max(initial=0)
    return len(trees.used) * trees.planes <= MOST_PLANES and int(widest) <= MOST_NODES


def small_nodes(trees: Layout, plane: NDArray[np.int64], position: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return (n_nodes,) nodes: place of the bin, threshold times 2^8, children's place in their tree times 2^16; a leaf is its own child."""
    roots, n_nodes, splits = trees.roots.astype(np.int64) // 4, len(trees.left), trees.splits
    root = np.repeat(roots, np.diff(np.append(roots, n_nodes)))
    node = (np.arange(n_nodes) - root << 16) + (NEVER << 8)
    node[splits] = (trees.left[splits] - root[splits] << 16) + (position << 8) + plane
    small: NDArray[np.int32] = node.astype(np.uint32).view(np.int32)
    return small


def heaps(trees: Layout, plane: NDArray[np.int64], position: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return (96 * n_trees,) words: per tree the places of the bins of 64 nodes, their thresholds, and 64 leaves.

    Node i has the children 2i and 2i + 1, so that the first of the nodes is none. Trees have LEVELS levels at most.
    """
    splits, n_trees = trees.splits, len(trees.roots)
    heap = heap_of(splits, trees.left, trees.roots.astype(np.int64) // 4, LEVELS)
    bytes_of = np.zeros((n_trees, 2, 64), dtype=np.uint8)
    bytes_of[:, 1] = NEVER
    place, threshold = np.zeros(len(splits), np.uint8), np.full(len(splits), NEVER, np.uint8)
    place[splits], threshold[splits] = plane, position
    bytes_of[:, 0, 1:], bytes_of[:, 1, 1:] = place[heap[:, :63]], threshold[heap[:, :63]]
    leaf = trees.cuts[3::4][heap[:, 63:]]
    return np.concatenate([bytes_of.reshape(n_trees, -1).view(np.int32), leaf.view(np.int32)], axis=1).ravel()


def words(trees: Layout, base: NDArray[np.float32], at_once: bool = False) -> NDArray[np.int32]:
    """Return a boosted model whose nodes fit, with one value per leaf, as the words that kernels.few reads.

    `at_once`: with heaps for looking at all splits of a tree together, if its trees have few levels and features. Raises ValueError where its splits
    do not fit into bytes.
    """
    found = bins_of(*trees.asked)
    if found is None:
        raise ValueError("a feature has more cut points than a byte counts")
    bins, plane, position = found
    flat = at_once and int(trees.depths.max(initial=0)) <= LEVELS and bins.n_planes <= TABLE
    parts: list[NDArray[Any]] = [
        bins.used, bins.first, bins.count, bins.low_plane, bins.high_plane, bins.cuts, base, trees.roots // 4, trees.depths,
        small_nodes(trees, plane, position), np.ascontiguousarray(trees.cuts[3::4]), heaps(trees, plane, position) if flat else np.zeros(0, np.int32),
    ]  # fmt: skip
    as_words = [p.view(np.int32) if p.dtype == np.float32 else p.astype(np.int32) for p in parts]
    starts = HEADER + np.cumsum([0, *(len(p) for p in as_words)])[:-1]
    if not flat:
        starts[-1] = 0
    n_columns = int(bins.used.max(initial=-1)) + 1
    header = np.array([len(bins.used), bins.n_planes, len(trees.roots), len(base), n_columns, *starts], dtype=np.int32)
    return np.concatenate([header, *as_words])

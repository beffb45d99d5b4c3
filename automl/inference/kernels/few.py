"""Boosted trees for few rows: the bins of one row, then tree after tree, which overlap in the processor.

Where it can look up 64 bytes at once and the trees have six levels at most, all splits of a tree are answered together, and the
way down is read off the answers. Else each tree is walked by nodes of four bytes: the place of a feature's bin, a threshold, and where
the two children begin, counted from the root of the tree; a leaf is its own child. All numbers of a model come as one array, since
each array that is handed over takes a tenth of a microsecond; see `tree_small.words`.
"""

import numpy as np
from numba import njit, types

from automl.inference.kernels.cache import compiled
from automl.inference.kernels.chances import several, two
from automl.inference.kernels.lanes import CHUNK, PERMUTES, TABLE, answers, count_reached

HIGHEST, BYTE = np.uint8(255), np.uint32(255)
LEVELS, HEAP = 6, np.uint64(96)  # words of a tree: 64 places, 64 thresholds, 64 leaves
U = np.uint64  # unsigned all through: a signed index is tested for counting from the end


def _bins(model, singles, x, row, bins):
    """Write the bins of a row."""
    used, first, count, low, high, cuts = U(model[5]), U(model[6]), U(model[7]), U(model[8]), U(model[9]), U(model[10])
    for i in range(U(model[0])):
        value, n, at = x[row, U(model[used + i])], model[count + i], cuts + U(model[first + i])
        if n == 1:
            reached = np.int64(value >= singles[at])
        elif n < CHUNK:
            reached = np.int64(0)
            for k in range(U(n)):
                reached += value >= singles[at + k]
        else:
            reached = count_reached(singles, np.int64(at), np.int64((n + CHUNK - 1) // CHUNK), value)
        if model[low + i] >= 0:
            bins[U(model[low + i])] = np.uint8(reached)
        if model[high + i] >= 0:
            bins[U(model[high + i])] = HIGHEST if value != value else np.uint8(reached)


def _leaf_by_walk(model, bins, t):
    """Return the place of the leaf of tree t that a row comes to."""
    root, at = U(model[U(model[12]) + t]), U(0)
    first = U(model[14]) + root
    for _ in range(U(model[U(model[13]) + t])):
        node = np.uint32(model[first + at])
        at = U(node >> np.uint32(16)) + U(bins[U(node & BYTE)] > np.uint8(node >> np.uint32(8)))
    return U(model[15]) + root + at


def _leaf_by_answers(model, bins, t):
    """Return the same from all splits of the tree at once; node i has the children 2i and 2i + 1."""
    first = U(model[16]) + t * HEAP
    right, at = answers(bins, model, np.int64(first)), U(1)
    for _ in range(LEVELS):
        at = at + at + ((right >> at) & U(1))
    return first + at - U(32)  # leaves are 64 and up, and come after 32 words


_bins, _leaf_by_walk = njit(_bins, inline="always"), njit(_leaf_by_walk, inline="always")
_leaf_by_answers = njit(_leaf_by_answers, inline="always") if PERMUTES else _leaf_by_walk


def _few(model, x, out):
    if x.shape[1] < model[4]:
        return False
    singles, n_trees, n_margins, base, heaps = model.view(np.float32), U(model[2]), U(model[3]), U(model[11]), model[16] > 0
    bins = np.empty(TABLE if heaps else model[1], dtype=np.uint8)
    if n_margins == 1:
        for row in range(U(len(x))):
            _bins(model, singles, x, row, bins)
            total = singles[base]
            if heaps:
                for t in range(n_trees):
                    total += singles[_leaf_by_answers(model, bins, t)]
            else:
                for t in range(n_trees):
                    total += singles[_leaf_by_walk(model, bins, t)]
            two(total, out, row)
        return True
    sums, parts = np.empty(n_margins, dtype=np.float32), np.empty(n_margins, dtype=np.float64)
    for row in range(U(len(x))):
        _bins(model, singles, x, row, bins)
        for m in range(n_margins):
            sums[m] = singles[base + m]
        margin = U(0)
        if heaps:  # a choice within the loop would count references to the arrays at every tree
            for t in range(n_trees):
                sums[margin] += singles[_leaf_by_answers(model, bins, t)]
                margin = margin + U(1) if margin + U(1) < n_margins else U(0)
        else:
            for t in range(n_trees):
                sums[margin] += singles[_leaf_by_walk(model, bins, t)]
                margin = margin + U(1) if margin + U(1) < n_margins else U(0)
        several(sums, 0, 1, parts, out, row)
    return True


def get(kind):
    """Return the compiled kernel; it takes the words of `tree_small.words`, x (n_rows, n_features), and writes probabilities (n_rows, n_classes).

    It returns whether x has enough columns; nothing is written where not.
    """
    if kind not in _made:
        _made[kind] = compiled(types.boolean(types.int32[::1], types.float32[:, ::1], types.float32[:, ::1]))(_few)
    return _made[kind]


_made: dict[str, object] = {}

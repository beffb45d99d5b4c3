"""Boosted trees for many rows: bins of a tile of rows, then tree after tree by vectors of bytes.

See `lanes` for how trees are evaluated, `tree_units` for how they come as words, and `tree_sets` for sets of categories.
"""

import numpy as np
from numba import njit, types

from automl.inference.kernels.bins import VALUES, bin_rows
from automl.inference.kernels.cache import compiled
from automl.inference.kernels.chances import several, two
from automl.inference.kernels.code_sets import code_rows, members
from automl.inference.kernels.lanes import LANES, ROWS, add_leaves, bottom1, bottom2, bottom3, fill, upper1, upper2, upper3

FRONT = 64  # bytes that vectors should start at


def _tree(code, at, counts, t, block, first, scratch, size):
    """Run the units of a tree and return (the place after its words, the place after its last slot)."""
    slot = 0
    for _ in range(counts[t, 0]):
        fill(code, at, block, first, scratch, slot)
        at, slot = at + scratch.itemsize, slot + size
    for _ in range(counts[t, 1]):
        bottom1(code, at, block, first, scratch, slot)
        at, slot = at + 2 + 2 * scratch.itemsize, slot + size
    for _ in range(counts[t, 2]):
        bottom2(code, at, block, first, scratch, slot)
        at, slot = at + 6 + 4 * scratch.itemsize, slot + size
    for _ in range(counts[t, 3]):
        bottom3(code, at, block, first, scratch, slot)
        at, slot = at + 14 + 8 * scratch.itemsize, slot + size
    for _ in range(counts[t, 4]):
        upper3(code, at, block, first, scratch, slot)
        at, slot = at + 22, slot + size
    for _ in range(counts[t, 5]):
        upper1(code, at, block, first, scratch, slot)
        at, slot = at + 4, slot + size
    for _ in range(counts[t, 6]):
        upper2(code, at, block, first, scratch, slot)
        at, slot = at + 10, slot + size
    return at, slot


_tree = njit(_tree)


def _sets(first_plane, n_columns, set_first, which, column_of, table, t, block, lane):
    """Look up for a vector of rows which of a tree's sets their codes are in."""
    out = (first_plane + 2 * n_columns) * ROWS + lane
    for k in range(set_first[t], set_first[t + 1]):
        members(block, np.int64(first_plane + 2 * column_of[which[k]]) * ROWS + lane, table, np.int64(which[k]) * 32, out)
        out += ROWS


_sets = njit(_sets, inline="never")


def _predict(
    x, used, cuts, first, count, low_plane, high_plane, n_planes, columns, set_first, which, column_of, table, most_sets, code, counts, scale, base,
    most_slots, kind, out,
):  # fmt: skip
    n_rows, n_margins = len(out), len(base)
    size = LANES * kind.itemsize
    spare = np.zeros((n_planes + 2 * len(columns) + most_sets) * ROWS + FRONT, dtype=np.uint8)
    spot = -spare.ctypes.data % FRONT
    scratch = np.empty(most_slots * LANES + FRONT // kind.itemsize, dtype=kind.dtype)
    edge = -scratch.ctypes.data % FRONT // kind.itemsize
    slots = scratch[edge:]
    room = np.zeros(VALUES + FRONT // 4, dtype=np.float32)
    values = room[-room.ctypes.data % FRONT // 4 :]
    sums = np.empty(n_margins * ROWS, dtype=np.float32)
    parts = np.empty(n_margins, dtype=np.float64)
    for start in range(0, n_rows, ROWS):
        rows = min(ROWS, n_rows - start)
        bin_rows(x, start, rows, used, cuts, first, count, low_plane, high_plane, values, spot, spare)
        code_rows(x, start, rows, columns, n_planes * ROWS + spot, spare)
        for m in range(n_margins):
            sums[m * ROWS : (m + 1) * ROWS] = base[m]
        for lane in range(0, rows, LANES):
            at, margin = 0, 0
            for t in range(len(counts)):
                if most_sets:
                    _sets(n_planes, len(columns), set_first, which, column_of, table, t, spare, spot + lane)
                at, slot = _tree(code, at, counts, t, spare, spot + lane, slots, size)
                add_leaves(slots, slot - size, sums, margin * ROWS + lane, scale[t])
                margin = margin + 1 if margin + 1 < n_margins else 0
        if n_margins == 1:
            for r in range(rows):
                two(sums[r], out, start + r)
        else:
            for r in range(rows):
                several(sums, r, ROWS, parts, out, start + r)


def signature(kind):
    """Return the types of a call for leaves of one, two or four bytes."""
    ints, longs, singles = types.int32[::1], types.int64[::1], types.float32[::1]
    return types.void(
        types.float32[:, ::1], longs, singles, longs, longs, ints, ints, types.int64, longs, ints, ints, ints, types.uint8[::1], types.int64,
        ints, types.int32[:, ::1], singles, singles, types.int64, kind[::1], types.float32[:, ::1],
    )  # fmt: skip


def get(kind):
    """Return the compiled kernel for leaves as uint8 (8 bits), uint16 (16 bits) or uint32 (float32).

    It takes x (n_rows, n_features) float32, the tables of `tree_units.Bins`, `tree_sets.TreeSets` and `tree_units.Units`, `base` (n_margins,), an
    empty array of the leaves' kind, and writes probabilities to `out` (n_rows, n_classes): of base plus leaf after leaf, in single precision.
    """
    if kind not in _made:
        _made[kind] = compiled(signature(getattr(types, kind)))(_predict)
    return _made[kind]


_made: dict[str, object] = {}

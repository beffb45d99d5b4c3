"""Forests whose splits fit into bytes: a large tree is read once for thousands of rows, sixteen of which go down together.

Nodes are those of `tree_small`; what a leaf says is a row of whole numbers, found by `row_of` (n_nodes,). Sums of whole numbers are
the same in any order.
"""

import numpy as np
from numba import njit, types

from automl.inference.kernels.bins import VALUES, bin_rows
from automl.inference.kernels.cache import compiled
from automl.inference.kernels.lanes import ROWS

TOGETHER = 16  # tiles of rows that are binned before the first tree is read: their bins stay in the second-level cache
U = np.uint64
LANES = tuple(np.uint64(i) for i in range(16))
BYTE, EIGHT, SIXTEEN = np.uint32(255), np.uint32(8), np.uint32(16)


def _step(nodes, block, root, at, row):
    node = np.uint32(nodes[root + at])
    return U(node >> SIXTEEN) + U(block[(U(node & BYTE) << U(8)) + row] > np.uint8(node >> EIGHT))


def _add(sums, at, rows, first, width):
    for k in range(width):
        sums[at + U(k)] += np.int32(rows[first + U(k)])


_step, _add = njit(_step), njit(_add)


def _forest(x, used, cuts, first, count, low_plane, high_plane, n_planes, nodes, roots, depths, row_of, rows, sums):
    width = sums.shape[1]
    blocks = np.zeros(min(TOGETHER, (len(x) + ROWS - 1) // ROWS) * n_planes * ROWS, dtype=np.uint8)
    values = np.zeros(VALUES, dtype=np.float32)
    flat, wide = sums.reshape(-1), U(width)
    for start in range(0, len(x), TOGETHER * ROWS):
        many = min(TOGETHER * ROWS, len(x) - start)
        for tile in range(0, many, ROWS):
            bin_rows(x, start + tile, min(ROWS, many - tile), used, cuts, first, count, low_plane, high_plane, values, tile * n_planes, blocks)
        for t in range(len(roots)):
            root, depth = U(roots[t]), depths[t]
            for tile in range(0, many, ROWS):
                here = U(tile * n_planes)
                for part in range(0, min(ROWS, many - tile), 16):
                    r = here + U(part)
                    a = b = c = d = e = f = g = h = i = j = k = m = n = o = p = q = U(0)
                    for _ in range(depth):
                        y, z = _step(nodes, blocks, root, a, r), _step(nodes, blocks, root, b, r + LANES[1])
                        moved = (y ^ a) | (z ^ b)
                        a, b = y, z
                        y, z = _step(nodes, blocks, root, c, r + LANES[2]), _step(nodes, blocks, root, d, r + LANES[3])
                        moved |= (y ^ c) | (z ^ d)
                        c, d = y, z
                        y, z = _step(nodes, blocks, root, e, r + LANES[4]), _step(nodes, blocks, root, f, r + LANES[5])
                        moved |= (y ^ e) | (z ^ f)
                        e, f = y, z
                        y, z = _step(nodes, blocks, root, g, r + LANES[6]), _step(nodes, blocks, root, h, r + LANES[7])
                        moved |= (y ^ g) | (z ^ h)
                        g, h = y, z
                        y, z = _step(nodes, blocks, root, i, r + LANES[8]), _step(nodes, blocks, root, j, r + LANES[9])
                        moved |= (y ^ i) | (z ^ j)
                        i, j = y, z
                        y, z = _step(nodes, blocks, root, k, r + LANES[10]), _step(nodes, blocks, root, m, r + LANES[11])
                        moved |= (y ^ k) | (z ^ m)
                        k, m = y, z
                        y, z = _step(nodes, blocks, root, n, r + LANES[12]), _step(nodes, blocks, root, o, r + LANES[13])
                        moved |= (y ^ n) | (z ^ o)
                        n, o = y, z
                        y, z = _step(nodes, blocks, root, p, r + LANES[14]), _step(nodes, blocks, root, q, r + LANES[15])
                        moved |= (y ^ p) | (z ^ q)
                        p, q = y, z
                        if not moved:  # all have come to leaves
                            break
                    at = U(start + tile + part) * wide  # rows beyond the last are walked too; the caller leaves them out
                    for node in (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q):
                        _add(flat, at, rows, U(row_of[root + node]) * wide, width)
                        at += wide


def get(kind):
    """Return the compiled kernel for `row_of` of a kind of number ("uint8", "uint16" or "uint32").

    It takes x (n_rows, n_features), the tables of `tree_units.Bins`, nodes, roots and depths, and adds to `sums` (n_rows up to
    the next sixteen, n_classes) the `rows` of the leaves that each row comes to. Rows beyond the last must be in `sums`.
    """
    if kind not in _made:
        ints, longs, singles = types.int32[::1], types.int64[::1], types.float32[::1]
        _made[kind] = compiled(
            types.void(
                types.float32[:, ::1], longs, singles, longs, longs, ints, ints, types.int64, ints, ints, ints, getattr(types, kind)[::1], types.uint8[::1],
                types.int32[:, ::1],
            )
        )(_forest)  # fmt: skip
    return _made[kind]


_made: dict[str, object] = {}

"""The compiled walk of trees: sixteen rows at a time through one tree, without a branch that depends on the data."""

import numpy as np
from numba import njit

from automl.inference.kernels.cache import compiled

FEATURE, THRESHOLD, CHILD, LEAF, WORDS = (np.uint64(i) for i in range(5))  # places in a node, and its size: tree_layout.Layout
LANES = tuple(np.uint64(i) for i in range(16))
LOW, HIGH = np.float32(-np.inf), np.float32(np.inf)


def _step(nodes, cuts, block, node, row):
    # unsigned all through: a signed index is tested for counting from the end; the comparison is added, as a branch would be guessed wrong
    return np.uint64(nodes[node + CHILD]) + np.uint64(block[np.uint64(nodes[node]) + row] >= cuts[node + THRESHOLD]) * WORDS


def _turn(x, used, start, rows, planes, tile, block):
    for r in range(rows):
        for i in range(len(used)):
            value = x[start + r, used[i]]
            block[i * planes * tile + r] = LOW if value != value else value
            if planes == 2:
                block[(i * planes + 1) * tile + r] = HIGH if value != value else value


def _add(sums, at, leaf, first, width):
    for k in range(width):
        sums[at + k] += leaf[first + k]


_step, _turn, _add = njit(_step), njit(_turn), njit(_add)


def _walk(nodes, cuts, leaf, roots, depths, used, width, planes, tile, x, sums):
    n_rows, n_margins = x.shape[0], sums.shape[1]
    block = np.zeros(tile * len(used) * planes, dtype=np.float32)  # a feature's values side by side, so that rows are a constant apart
    flat = sums.reshape(-1)
    for start in range(0, n_rows, tile):
        rows = min(tile, n_rows - start)
        _turn(x, used, start, rows, planes, tile, block)
        for t in range(len(roots)):
            root, depth = np.uint64(roots[t]), depths[t]
            for first in range(0, rows, 16):
                r = np.uint64(first)
                if rows - first < 3:  # alone they are quicker
                    for row in range(first, rows):
                        a = root
                        for _ in range(depth):
                            a = _step(nodes, cuts, block, a, np.uint64(row))
                        at = (start + row) * n_margins
                        if width == 1:
                            flat[at + t % n_margins] += cuts[a + LEAF]
                        else:
                            _add(flat, at, leaf, nodes[a + LEAF], width)
                    continue
                # rows beyond the last are walked too; the caller leaves them out
                a = b = c = d = e = f = g = h = i = j = k = m = n = o = p = q = root
                for _ in range(depth):
                    a, b = _step(nodes, cuts, block, a, r), _step(nodes, cuts, block, b, r + LANES[1])
                    c, d = _step(nodes, cuts, block, c, r + LANES[2]), _step(nodes, cuts, block, d, r + LANES[3])
                    e, f = _step(nodes, cuts, block, e, r + LANES[4]), _step(nodes, cuts, block, f, r + LANES[5])
                    g, h = _step(nodes, cuts, block, g, r + LANES[6]), _step(nodes, cuts, block, h, r + LANES[7])
                    i, j = _step(nodes, cuts, block, i, r + LANES[8]), _step(nodes, cuts, block, j, r + LANES[9])
                    k, m = _step(nodes, cuts, block, k, r + LANES[10]), _step(nodes, cuts, block, m, r + LANES[11])
                    n, o = _step(nodes, cuts, block, n, r + LANES[12]), _step(nodes, cuts, block, o, r + LANES[13])
                    p, q = _step(nodes, cuts, block, p, r + LANES[14]), _step(nodes, cuts, block, q, r + LANES[15])
                at = (start + first) * n_margins
                if width == 1:
                    at += t % n_margins
                    for node in (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q):
                        flat[at] += cuts[node + LEAF]
                        at += n_margins
                else:
                    for node in (a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q):
                        _add(flat, at, leaf, nodes[node + LEAF], width)
                        at += n_margins


def get(kind):
    """Return the compiled walk that sums in single ("float32") or double precision ("float64").

    It adds to `sums` (n_rows up to the next sixteen, n_margins) what the trees of a layout say of x (n_rows, n_features).
    """
    if kind not in _made:
        _made[kind] = compiled(
            f"void(int32[::1], float32[::1], float32[::1], int32[::1], int32[::1], int64[::1], int64, int64, int64, float32[:, ::1], {kind}[:, ::1])"
        )(_walk)
    return _made[kind]


_made: dict[str, object] = {}

"""Networks whose sums are of bytes: a block of rows goes through all layers before the next; see `inference.network_bytes`."""

import numpy as np
from numba import njit, types

from automl.inference.kernels.bytes_product import COLUMNS, LANES, ROWS, WIDTH, first_product, largest, last_product, only_product, ramp_product, to_bytes
from automl.inference.kernels.cache import compiled
from automl.inference.kernels.chances import several, two

BLOCK = 20 * ROWS  # rows whose numbers of a layer stay in the second-level cache
HALF, LOW = np.float32(2047.0), np.int32(255)


def _split(x, start, rows, n_in, stride, upper, lower, row_scale):
    """Write rows of numbers as 12 bits in two bytes: rounded to parts of the largest one, plus 2048."""
    for r in range(rows):
        top = np.float32(0.0)
        for j in range(n_in):
            value = abs(x[start + r, j])
            top = value if value > top else top
        factor = HALF / top if top > 0 else np.float32(0.0)
        row_scale[r] = top / HALF
        for j in range(n_in):
            whole = np.int32(np.rint(x[start + r, j] * factor)) + np.int32(2048)
            upper[r * stride + j] = np.uint8(whole >> 8)
            lower[r * stride + j] = np.uint8(whole & LOW)


_split = njit(_split)


def _network(x, sizes, weights, starts, scales, biases, offsets, out):
    n_layers, n_rows = len(sizes) - 1, len(x)
    wide = np.max(sizes[1:])
    room = (wide + COLUMNS - 1) // COLUMNS * COLUMNS
    n_in = (sizes[0] + 3) // 4 * 4
    upper, lower = np.zeros(BLOCK * n_in, dtype=np.uint8), np.zeros(BLOCK * n_in, dtype=np.uint8)
    both = np.zeros(2 * BLOCK * n_in, dtype=np.uint8)
    row_bytes, row_scale = np.zeros(BLOCK * room, dtype=np.uint8), np.ones(BLOCK, dtype=np.float32)
    values = np.zeros(BLOCK * room, dtype=np.float32)
    n_margins = sizes[n_layers]
    parts = np.empty(n_margins, dtype=np.float64)
    for start in range(0, n_rows, BLOCK):
        rows = min(BLOCK, n_rows - start)
        groups = (rows + ROWS - 1) // ROWS
        _split(x, start, rows, sizes[0], n_in, upper, lower, row_scale)
        both[: BLOCK * n_in], both[BLOCK * n_in :] = upper, lower
        for layer in range(n_layers):
            steps = (sizes[layer] + 3) // 4
            columns = (sizes[layer + 1] + COLUMNS - 1) // COLUMNS
            stride = columns * COLUMNS
            from_ = n_in if layer == 0 else (sizes[layer] + COLUMNS - 1) // COLUMNS * COLUMNS
            w_at, first = offsets[layer, 0], offsets[layer, 1]
            for c in range(columns):
                for g in range(groups):
                    a_at, r, to = g * ROWS * from_, g * ROWS, g * ROWS * stride + c * COLUMNS
                    w, k = w_at + c * steps * COLUMNS * 4, first + c * COLUMNS
                    if layer == 0 and n_layers > 1:
                        first_product(both, a_at, BLOCK * n_in + a_at, from_, weights, w, steps, starts, scales, biases, k, row_scale, r, values, to, stride)
                    elif layer == 0:
                        only_product(both, a_at, BLOCK * n_in + a_at, from_, weights, w, steps, starts, scales, biases, k, row_scale, r, values, to, stride)
                    elif layer + 1 < n_layers:
                        ramp_product(row_bytes, a_at, 0, from_, weights, w, steps, starts, scales, biases, k, row_scale, r, values, to, stride)
                    else:
                        last_product(row_bytes, a_at, 0, from_, weights, w, steps, starts, scales, biases, k, row_scale, r, values, to, stride)
            if layer + 1 < n_layers:
                for r in range(rows):
                    top = largest(values, r * stride, stride // WIDTH)
                    row_scale[r] = top / np.float32(255.0)
                    to_bytes(values, r * stride, stride // WIDTH, np.float32(255.0) / top if top > 0 else np.float32(0.0), row_bytes, r * stride)
            else:
                for r in range(rows):
                    if n_margins == 1:
                        two(values[r * stride], out, start + r)
                    else:
                        several(values, r * stride, 1, parts, out, start + r)


def get(kind):
    """Return the compiled kernel. Raises RuntimeError where the processor has no products of bytes."""
    if not LANES:
        raise RuntimeError("no products of bytes")
    if kind not in _made:
        longs, singles = types.int64[::1], types.float32[::1]
        arrays = types.float32[:, ::1], longs, types.int8[::1], types.int32[::1], singles, singles, types.int64[:, ::1], types.float32[:, ::1]
        _made[kind] = compiled(types.void(*arrays))(_network)
    return _made[kind]


_made: dict[str, object] = {}

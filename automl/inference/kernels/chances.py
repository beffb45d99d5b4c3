"""Probabilities from margins in compiled code; see `inference.chances`, which it equals to the last bit."""

import math

import numpy as np
from numba import njit

from automl.inference.chances import HALVINGS, LEAST, LN2_HIGH, LN2_LOW, POWERS, SERIES


def _decay(x):
    x = x if x > LEAST else LEAST  # NaN too
    whole = math.floor(x * HALVINGS + 0.5)
    rest = (x - whole * LN2_HIGH) - whole * LN2_LOW
    total = SERIES[0]
    for term in SERIES[1:]:
        total = total * rest + term
    return total * POWERS[np.uint64(-whole)]


_decay = njit(_decay, inline="always")


def _two(margin, out, row):
    """Write the probabilities of two classes from one margin."""
    wide = np.float64(margin)
    less = _decay(-abs(wide))
    total = 1.0 + less
    if wide >= 0:
        out[row, 0], out[row, 1] = np.float32(less / total), np.float32(1.0 / total)
    else:
        out[row, 0], out[row, 1] = np.float32(1.0 / total), np.float32(less / total)


def _several(sums, first, step, parts, out, row):
    """Write the probabilities of classes whose margins stand `step` apart; `parts` (n_classes,) is for keeping what is between."""
    n, highest = len(parts), sums[first]
    for k in range(1, n):
        highest = max(highest, sums[first + k * step])
    total = 0.0
    for k in range(n):
        parts[k] = _decay(np.float64(sums[first + k * step]) - np.float64(highest))
        total = parts[k] if k == 0 else total + parts[k]
    for k in range(n):
        out[row, k] = np.float32(parts[k] / total)


two, several = njit(_two), njit(_several)

"""Probabilities from margins, computed so that numpy and compiled code give the same to the last bit.

Libraries' exponentials differ in their last bits, so both sides spell out one: the argument is split into a whole number of
halvings and a rest of at most ln(2)/2 (Cody and Waite 1980, chapter 6), the rest goes through its Taylor series up to the 13th power, whose
remainder is below 1e-17. Products and sums are those of double precision, in this order; results are rounded to single.
"""

import math

import numpy as np
from numpy.typing import NDArray

LEAST = -200.0  # e^LEAST is 0 in single precision
HALVINGS = 1.0 / math.log(2.0)
LN2_HIGH, LN2_LOW = (
    6.93147180369123816490e-01,
    1.90821492927058770002e-10,
)  # ln(2) in two parts; the first has 32 bits, so a product with a small whole number is exact
SERIES = tuple(1.0 / math.factorial(n) for n in range(13, -1, -1))
POWERS = np.array([2.0**-k for k in range(300)])


def decay(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return e^x for x up to 0."""
    x = np.where(x > LEAST, x, LEAST)  # NaN too
    whole = np.floor(x * HALVINGS + 0.5)
    rest = (x - whole * LN2_HIGH) - whole * LN2_LOW
    total = np.full(x.shape, SERIES[0])
    for term in SERIES[1:]:
        total = total * rest + term
    result: NDArray[np.float64] = total * POWERS[(-whole).astype(np.int64)]
    return result


def chances(margin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities (n_rows, n_classes) of margins (n_rows, n_margins); one column means two classes, by the logistic function."""
    wide = margin.astype(np.float64)
    if wide.shape[1] == 1:
        wide = np.concatenate([np.zeros_like(wide), wide], axis=1)
    with np.errstate(invalid="ignore"):
        parts = decay(wide - wide.max(axis=1, keepdims=True))
    total = np.add.accumulate(parts, axis=1)[:, -1:]  # one after the other
    return (parts / total).astype(np.float32)

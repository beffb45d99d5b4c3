"""Student's t without scipy, which takes most of a second to load: its quantile for a 95 % interval, and its p-value."""

import math

Z = 1.959963984540054  # of the normal distribution, two-sided 95 %


def reach(freedom: float) -> float:
    """Return the 0.975 quantile of Student's t; within 0.1 % from 4 degrees of freedom on, 0.7 % too small at 2 [Abramowitz and Stegun 1964, 26.7.5]."""
    v = max(1.0, freedom)
    terms = (
        (Z**3 + Z) / 4, (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96, (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
        (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160,
    )  # fmt: skip
    return Z + sum(term / v ** (k + 1) for k, term in enumerate(terms))


def p_value(t: float, freedom: float) -> float:
    """Return the two-sided p-value of t, by the normal deviate as far out [Wallace 1959]; from 19 degrees of freedom on at most a twentieth too large."""
    v = max(1.0, freedom)
    z = (8 * v + 1) / (8 * v + 3) * math.sqrt(v * math.log1p(t * t / v))
    return math.erfc(z / math.sqrt(2))

"""Hartigan's dip test: whether one-dimensional values have more than one mode."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def dip(values: Floats) -> float:
    """Return the dip of (n,) values: the least greatest distance of their distribution function to a unimodal one.

    Hartigan & Hartigan 1985, section 5: within an interval that holds the mode, the greatest convex minorant rises to it and
    the least concave majorant from it; the interval shrinks to where the two are farthest apart, until they are closer than
    what was lost outside it. Between 1 / 2n, one mode, and 1 / 4.
    """
    x, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    after = np.cumsum(counts).astype(np.float64)  # the distribution function steps from `before` to `after`, in rows
    before = after - counts
    low, high, lost = 0, len(x) - 1, 1.0
    below, above = _chain(x, before), [high - k for k in _chain(-x[::-1], -after[::-1])][::-1]
    while low < high:
        minorant, majorant = _walk(below, high, low)[::-1], _walk(above, low, high)
        at_minorant = np.interp(x[minorant], x[majorant], after[majorant]) - before[minorant]
        at_majorant = after[majorant] - np.interp(x[majorant], x[minorant], before[minorant])
        if max(at_minorant.max(), at_majorant.max()) <= lost:
            break
        if at_minorant.max() > at_majorant.max():
            left = int(minorant[at_minorant.argmax()])
            right = int(majorant[np.searchsorted(majorant, left)])
        else:
            right = int(majorant[at_majorant.argmax()])
            left = int(minorant[np.searchsorted(minorant, right, "right") - 1])
        rising, falling = slice(low, left), slice(right + 1, high + 1)  # the ends may be the mode, where a step costs nothing
        lost = max(lost, (after[rising] - np.interp(x[rising], x[minorant], before[minorant])).max(initial=0.0))
        lost = max(lost, (np.interp(x[falling], x[majorant], after[majorant]) - before[falling]).max(initial=0.0))
        if (left, right) == (low, high):
            break
        low, high = left, right
    return float(lost / (2 * after[-1])) if len(x) else 0.0


def _chain(x: Floats, y: Floats) -> list[int]:
    """Return for each point the one before it on the lower convex hull of the points up to it; x increases.

    The hull of any stretch that begins at a corner of the hull so far is read off by walking back from its end.
    """
    xs, ys = x.tolist(), y.tolist()
    out = [0]
    for k in range(1, len(xs)):
        j = k - 1
        while j > 0:
            i = out[j]
            if (ys[j] - ys[i]) * (xs[k] - xs[i]) < (ys[k] - ys[i]) * (xs[j] - xs[i]):
                break
            j = i
        out.append(j)
    return out


def _walk(chain: list[int], start: int, stop: int) -> NDArray[np.int64]:
    """Return the points from `start` to `stop` along a chain."""
    out = [start]
    while out[-1] != stop:
        out.append(chain[out[-1]])
    return np.array(out, dtype=np.int64)


# sqrt(n) times the dip of n = 1,000 uniform values, the least favourable unimodal ones: quantiles of 200,000 draws, 0 to 0.9999.
_QUANTILES = ((0.0, 0.0), (0.5, 0.371), (0.75, 0.430), (0.9, 0.493), (0.95, 0.535), (0.98, 0.584), (0.99, 0.620), (0.995, 0.654), (0.998, 0.698),
              (0.999, 0.726), (0.9995, 0.750), (0.9999, 0.818))  # fmt: skip


def dip_p(statistic: float, n: int) -> float:
    """Return the probability of a dip at least as great when n values have one mode, 0.0001 at least.

    From the limit of sqrt(n) times the dip; below some hundred values the true one is a little smaller.
    """
    shares, values = np.array(_QUANTILES).T
    return float(np.exp(np.interp(np.sqrt(n) * statistic, values, np.log(1 - shares))))

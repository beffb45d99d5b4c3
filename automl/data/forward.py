"""Forward in time: where to cut ordered rows, and which rows of a unit that spans the cut must go."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Times = NDArray[np.float64]


def cuts(time: Times, shares: Sequence[float]) -> list[float]:
    """Return the moments, rising, that leave about these shares of the rows before them; rows of one moment stay together.

    Each is the nearest beginning of a new moment, so a moment may be the nearest for two shares and is returned once; none
    when all rows are of one moment.
    """
    ordered = np.sort(time)
    begins = np.flatnonzero(ordered[1:] > ordered[:-1]) + 1
    if len(begins) == 0:
        return []
    wanted = np.asarray(shares) * len(ordered)
    after = np.clip(np.searchsorted(begins, wanted), 1, max(1, len(begins) - 1))
    if len(begins) > 1:
        nearest = np.where(wanted - begins[after - 1] <= begins[after] - wanted, begins[after - 1], begins[after])
    else:
        nearest = np.full(len(wanted), begins[0])
    return [float(moment) for moment in ordered[np.unique(nearest)]]


def part_at(time: Times, units: Rows | None, cut: float, end: float = np.inf) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int]:
    """Return (n_rows,) whether a row is before `cut`, whether it is from `cut` until `end`, and how many rows were taken out.

    A unit on both sides is taken out of the side where it has fewer rows; of the later one where they are equal.
    """
    before, after = time < cut, (time >= cut) & (time < end)
    if units is None:
        return before, after, 0
    width = int(units.max(initial=-1)) + 1
    earlier, later = np.bincount(units[before], minlength=width), np.bincount(units[after], minlength=width)
    spans = (earlier > 0) & (later > 0)
    keep_early, keep_late = ~(spans & (earlier < later)), ~(spans & (earlier >= later))
    kept = before & keep_early[units], after & keep_late[units]
    return *kept, int(before.sum() + after.sum() - kept[0].sum() - kept[1].sum())

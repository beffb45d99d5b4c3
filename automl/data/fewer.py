"""Fewer rows: some at random to look at, or a share to learn from under the contract of the split (units whole, classes alike, the latest in time)."""

import numpy as np
from numpy.typing import NDArray

from automl.data.forward import cuts, part_at
from automl.data.units import Units, dense

Rows = NDArray[np.int64]


def share_of(y: Rows, share: float, seed: int, unit: Rows | None = None, time: NDArray[np.float64] | None = None) -> Rows:
    """Return the positions, in order, of about a share of the rows, a smaller share always within a larger one.

    `y` (n_rows,) codes, of which none is lost; `unit` (n_rows,) rows that stay together; `time` (n_rows,) orders the rows:
    then the latest ones are kept (none where all are of one moment).
    """
    everything = np.arange(len(y))
    if share >= 1:
        return everything
    if time is not None:
        moments = cuts(time, [1 - share])
        return everything[part_at(time, None if unit is None else dense(unit), moments[0])[1]] if moments else everything[:0]
    units = Units.make(y, unit)
    rng = np.random.default_rng(seed)
    kept = np.zeros(len(units), dtype=bool)
    for code in np.unique(units.label):
        members = rng.permutation(np.flatnonzero(units.label == code))
        size = units.size[members]
        kept[members[np.cumsum(size) - size / 2 <= share * size.sum()]] = True
        kept[members[0]] = True
    return everything[kept[units.of]]


def sample(rows: Rows, most: int, seed: int = 0) -> Rows:
    """Return at most `most` of the rows, drawn at random with a seed, in their order."""
    if len(rows) <= most:
        return rows
    chosen: Rows = rows[np.sort(np.random.default_rng(seed).choice(len(rows), most, replace=False, shuffle=False))]
    return chosen

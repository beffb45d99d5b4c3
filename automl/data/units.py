"""Units: rows that no split may part; joined from what ties them, dealt out to parts by class, drawn again whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]

MOST_WEIGHED = 3000  # units of several rows whose classes are weighed one by one; beyond, the smaller ones are dealt out


def dense(labels: Rows) -> Rows:
    """Return (n_rows,) the labels (not negative) numbered again from 0 without gaps, in their own order."""
    most = int(labels.max(initial=-1))
    if most > 8 * len(labels) + 1024:
        return np.unique(labels, return_inverse=True)[1].astype(np.int64)
    seen = np.zeros(most + 1, dtype=bool)
    seen[labels] = True
    return np.asarray((np.cumsum(seen) - 1)[labels], dtype=np.int64)


def mean_of(values: NDArray[np.float64], units: Rows) -> tuple[float, float]:
    """Return the mean of values (n_rows,) and its standard error: what units (n_rows,) sum to is independent, their rows are not."""
    mean = float(values.mean())
    sums = np.bincount(dense(units), weights=values - mean)
    return mean, float(np.sqrt((sums**2).sum())) / len(values)


def join(ties: Sequence[Rows]) -> Rows | None:
    """Return (n_rows,) unit numbers from 0; rows with an equal label in any of `ties` stand in one unit, also by way of others.

    Units are the connected components of the graph of rows and labels. A negative label ties a row to none. None when no
    two rows are tied.
    """
    known = [_own(labels) for labels in ties]
    known = [labels for labels in known if len(labels) and labels.max() + 1 < len(labels)]
    if not known:
        return None
    units = known[0]
    for labels in known[1:]:
        units = _components(units, labels)
    return units


def _own(labels: Rows) -> Rows:
    """Return dense labels in which every negative one has become a label of its own."""
    loose = labels < 0
    return dense(np.where(loose, labels.max(initial=-1) + np.cumsum(loose), labels))


def _components(first: Rows, second: Rows) -> Rows:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n_first = int(first.max()) + 1
    tied = np.flatnonzero(np.bincount(second)[second] > 1)  # a label of one row joins nothing
    edges = (first[tied], n_first + dense(second[tied]))
    size = n_first + len(tied)
    graph = coo_array((np.ones(len(tied), dtype=np.int8), edges), shape=(size, size))
    return dense(connected_components(graph, directed=False)[1][first].astype(np.int64))


@dataclass(frozen=True)
class Units:
    """Units of some rows: `of` (n_rows,) numbers from 0; per unit its rows in `size` and its most frequent class in `label`."""

    of: Rows
    size: Rows
    label: Rows
    y: Rows

    @classmethod
    def make(cls, y: Rows, units: Rows | None = None) -> "Units":
        """Return the units of rows with class codes `y` (n_rows,); without `units` each row is one of its own."""
        if units is None:
            return cls(np.arange(len(y)), np.ones(len(y), dtype=np.int64), y, y)
        of = dense(units)
        size = np.bincount(of)
        if len(size) == len(y):
            label = np.empty_like(y)
            label[of] = y
            return cls(of, size, label, y)
        width = int(y.max()) + 1
        pairs, counts = np.unique(of * width + y, return_counts=True)
        unit = pairs // width
        order = np.lexsort((counts, unit))
        return cls(of, size, (pairs % width)[order][np.append(unit[1:] != unit[:-1], True)], y)

    def __len__(self) -> int:
        return len(self.size)

    def of_class(self) -> Rows:
        """Return (n_classes,) in how many units each class code occurs."""
        if len(self.size) == len(self.y):
            return np.bincount(self.y)
        width = int(self.y.max()) + 1
        return np.bincount(np.unique(self.of * width + self.y) % width, minlength=width)


def parts(units: Units, k: int, rng: np.random.Generator) -> Rows:
    """Return (n_units,) part numbers 0..k-1: stratified, and no part empty while there are as many units as parts.

    Units of several rows are weighed first, then single rows are dealt out class by class, so that without larger units
    every class is spread as evenly as it can be.
    """
    part, filled = _weigh(units, np.full(k, 1 / k), rng)
    rest = np.flatnonzero(part < 0)
    order = rest[np.lexsort((rng.random(len(rest)), units.label[rest]))]
    part[order] = np.argsort(filled.sum(axis=1), kind="stable")[np.arange(len(order)) % k]  # the emptiest part has the first turn
    return part


def held_out(units: Units, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return (n_units,) whether a unit is held out: about the share of each class, a class of two units or more on both sides."""
    part, filled = _weigh(units, np.array([1 - share, share]), rng)
    held = part == 1
    for code in np.unique(units.label):
        members = rng.permutation(np.flatnonzero((units.label == code) & (part < 0)))
        size = units.size[members]
        wanted = share * (size.sum() + filled[:, code].sum()) - filled[1, code]
        held[members[: int((np.cumsum(size) - size / 2 <= wanted).sum())]] = True
    n_classes = int(units.y.max()) + 1
    for wanted in (True, False):  # training comes last: a class that cannot be learned is worse than one that is not scored
        there = np.bincount(units.y[held[units.of] == wanted], minlength=n_classes) > 0
        for code in np.flatnonzero(~there):
            having = rng.permutation(np.unique(units.of[units.y == code]))
            if len(having) > 1:
                held[having[units.size[having].argmin()]] = wanted
    if not held.any() and len(units) > 1:  # a class in each unit: something must be kept apart all the same
        held[units.size.argmin()] = True
    return np.asarray(held)


def _weigh(units: Units, shares: NDArray[np.float64], rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Give each unit of several rows, the largest first, to the part that misses its classes most.

    A part is charged the squares of its class counts, each over the class's rows and the part's share; a unit goes where
    the charge rises least. Return (n_units,) parts, -1 where a unit was not weighed, and (n_parts, n_classes) rows given.
    """
    part = np.full(len(units), -1, dtype=np.int64)
    total = np.bincount(units.y)
    filled = np.zeros((len(shares), len(total)), dtype=np.int64)
    many = np.flatnonzero(units.size > 1)
    if len(many):
        urgency = units.size[many] * rng.uniform(0.8, 1.25, len(many))  # or a seed would change nothing, nor a repetition
        many = many[np.argsort(-urgency)[:MOST_WEIGHED]]
        place = np.full(len(units), -1, dtype=np.int64)
        place[many] = np.arange(len(many))
        rows = np.flatnonzero(place[units.of] >= 0)
        counts = np.bincount(place[units.of[rows]] * len(total) + units.y[rows], minlength=len(many) * len(total)).reshape(len(many), -1)
        weight = 1 / np.maximum(total, 1)
        for unit, count in zip(many, counts, strict=True):
            rise = (2 * filled + count) @ (count * weight) / shares
            least = np.flatnonzero(rise <= rise.min() * (1 + 1e-9))
            part[unit] = least[filled[least].sum(axis=1).argmin()]
            filled[part[unit]] += count
    return part, filled


def drawn(units: Units, rng: np.random.Generator, strata: bool = True) -> Rows:
    """Return (n_units,) how often each unit is drawn, with replacement, with `strata` as many of each class as there are.

    The bootstrap within strata (Davison and Hinkley 1997, section 3.2): no class is ever missing among the drawn. But a
    class of one unit is always drawn, so where units are few there may be nothing left to score.
    """
    times = np.zeros(len(units), dtype=np.int64)
    for code in np.unique(units.label) if strata else (None,):
        members = np.flatnonzero(units.label == code) if strata else np.arange(len(units))
        times[members] += np.bincount(rng.integers(0, len(members), len(members)), minlength=len(members))
    return times


class Draws:
    """Bootstrap draws of scored rows for intervals; rows of one unit are drawn together.

    The cluster bootstrap (Davison and Hinkley 1997, section 3.8; Field and Welsh 2007): rows that resemble each other say less
    than as many rows that do not, and an interval over single rows would be too narrow. Without units rows are drawn.
    """

    def __init__(self, n_rows: int, units: Any = None) -> None:
        """Take (n_rows,) unit labels, or None."""
        self.n_rows = n_rows
        own = dense(np.asarray(units)) if units is not None and n_rows else None
        self.units = own if own is not None and own.max() + 1 < n_rows else None
        self.n_units = n_rows if self.units is None else int(self.units.max()) + 1

    def rows(self, rng: np.random.Generator) -> Rows:
        """Return row positions, some of them several times."""
        picked = rng.integers(0, self.n_units, self.n_units)
        if self.units is None:
            return picked
        return np.repeat(np.arange(self.n_rows), np.bincount(picked, minlength=self.n_units)[self.units])

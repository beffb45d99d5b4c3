"""Makes the Split: what the holdout is, which folds; every choice with its reason, every row taken out counted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.forward import cuts, part_at
from automl.data.split.folds import folds_of
from automl.data.split.record import Rows, Split
from automl.data.split.ties import copies_of
from automl.data.split.ways import Ways, choose
from automl.data.units import Units, held_out, join
from automl.errors import DataError
from automl.spec.model import Spec
from automl.vocabulary import Decision

MOST_TIED = 0.5  # share of the rows that groups and copies together may tie into one unit; beyond, groups alone count


def make_split(dataset: Dataset, spec: Spec, asked: Mapping[str, Any] | None = None) -> Split:
    """Divide the rows; units (groups that were named, copies of rows, and what both tie together) stay whole.

    `asked` is what a check found better than the automatic choice: `strategy` ("time" with the array `time` (n_rows,), or
    "group" with the labels `group` (n_rows,), negative for none), `repeats`, and `because`, the reason. It gives way to
    what the spec says, and is not followed where the rows cannot be divided so; the decisions tell.
    Raises DataError when the rows cannot be divided as the spec asks.
    """
    if not asked:
        return _divide(dataset, spec, {})
    try:
        return _divide(dataset, spec, asked)
    except DataError as fault:
        split = _divide(dataset, spec, {})
        said = Decision("validation.asked", "not followed", f"{asked.get('because', 'a check asked for another split')}; but {fault.problem}")
        return replace(split, decisions=(*split.decisions, said))


def _divide(dataset: Dataset, spec: Spec, asked: Mapping[str, Any]) -> Split:
    rng = np.random.default_rng(spec.seed)
    ways = choose(dataset, spec, asked)
    given = dataset.tested if dataset.tested is not None and dataset.tested.any() else None
    pool = _pool(dataset, given, ways)
    side = np.full(len(dataset.y), -1, dtype=np.int64)
    side[pool] = 0
    if given is not None:
        side[given] = 1
    units = _units(dataset, side, ways)
    if given is not None:
        train, holdout = pool, np.flatnonzero(given)
        ways.decide("test", f"{len(holdout)} rows", f"`data.test`, {len(holdout) / len(dataset.y):.0%} of all rows, is scored at the end")
        if ways.time is not None and not np.isnan(ways.time[holdout]).all():
            late = int((ways.time[train] >= np.nanmin(ways.time[holdout])).sum())
            if late:
                ways.decide("late_rows", f"{late} rows", "of training are as late as the first of `data.test`, or later; they were given so")
    elif spec.validation.test is None:
        train, holdout = pool, pool[:0]
        ways.decide("test", "none", "asked for: every row trains, scores are out of fold")
    elif not dataset.classes:
        train, holdout = pool, pool[:0]
        ways.decide("test", "none", "there is no target to score, so every row is looked at")
    else:
        train, holdout = _test_part(dataset, pool, units, spec.validation.test, ways, rng)
    if dataset.classes and len(np.unique(dataset.y[train])) < 2:  # a table without a target has no class to miss
        raise ways.fault("D321", ("validation",), f"all {len(train)} rows that are left to learn from are of one class", "divide the rows another way")
    folds = folds_of(dataset.y, train, units, ways, rng)
    return Split(train, holdout, folds, tuple(ways.decisions), ways.strategy, units, ways.time)


def _pool(dataset: Dataset, given: NDArray[np.bool_] | None, ways: Ways) -> Rows:
    """Return the rows that training and, without a given test table, the holdout are made of."""
    usable = np.ones(len(dataset.y), dtype=bool)
    if given is not None:
        usable = ~given
        shared = np.zeros_like(usable)
        for group in ways.groups:
            shared |= usable & (group >= 0) & np.isin(group, group[given])
        if shared.any():
            usable &= ~shared
            ways.decide("removed", f"{int(shared.sum())} rows", "of training: their group is also in `data.test`, and no group may be on both sides")
    if ways.time is not None:
        known = ways.time < np.inf  # not NaN; -inf is the oldest
        if (usable & ~known).any():
            ways.decide("without_time", f"{int((usable & ~known).sum())} rows left out", "they cannot be put in order")
            usable &= known
    if not usable.any():
        raise ways.fault("D321", ("data", "test") if given is not None else ("data", "columns", "time"), "no row is left to learn from")
    return np.flatnonzero(usable)


def _units(dataset: Dataset, side: Rows, ways: Ways) -> Rows | None:
    """Return (n_rows,) units, None where each row stands alone; rows of no side (-1) tie nothing together.

    Copies of training rows in a given test table do not count here: the check `split_overlap` takes them out of training.
    """
    equal = copies_of(dataset, ways.spec.checks.duplicate_rows or ways.spec.checks.default)
    groups = [_tied(labels, side) for labels in ways.groups]
    units = join(groups)
    if ways.groups:
        several = sum(len(np.unique(labels[(side >= 0) & (labels >= 0)])) for labels in ways.groups)
        ways.decide("groups", several, "rows of a group stay on one side of every split")
    if equal is None:
        return units
    joined = join([*groups, _tied(equal, side)])
    if units is not None and joined is not None and _largest(joined) > max(_largest(units), MOST_TIED * int((side >= 0).sum())):
        ways.decide("copies", "not together", f"groups that share equal rows would tie {_largest(joined)} of {len(side)} rows into one")
        return units
    ways.decide("copies", "together", "equal rows stay on one side of every split")
    return joined


def _tied(labels: Rows, side: Rows) -> Rows:
    """Return labels that tie rows of one side only."""
    return np.where((side < 0) | (labels < 0), -1, 2 * labels + side)


def _largest(units: Rows) -> int:
    return int(np.bincount(units).max())


def _test_part(dataset: Dataset, pool: Rows, units: Rows | None, share: float, ways: Ways, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Return (train, holdout): the last rows in time, or whole units drawn by class."""
    own = units[pool] if units is not None else None
    if ways.time is None:
        whole = Units.make(dataset.y[pool], own)
        if len(whole) < 2:
            raise ways.fault("D321", ("data", "columns", "group"), "all rows are tied together, so none can be kept apart", "name another column")
        held = held_out(whole, share, rng)[whole.of]
        train, holdout = pool[~held], pool[held]
        ways.decide("test", f"{len(holdout) / len(pool):.0%}", f"{len(holdout)} rows are kept for the report")
        return train, holdout
    time = ways.time[pool]
    moments = cuts(time, [1 - share])
    if not moments:
        raise ways.fault("D321", ("data", "columns", "time"), f"all {len(pool)} rows are of one moment, {ways.moment(time[0])}", "name another column")
    before, after, gone = part_at(time, own, moments[0])
    day = ways.moment(moments[0])
    if not before.any() or not after.any():
        message = f"no row is left on one side of {day}: the groups span it, and each stays on the side where it has more rows"
        raise ways.fault("D321", ("data", "columns"), message, "`validation: {strategy: group}` divides by group alone; or take `group` or `time` out")
    train, holdout = pool[before], pool[after]
    ways.decide("test", f"{len(holdout) / len(pool):.0%}", f"the last {len(holdout)} rows, from {day} on, are kept for the report")
    if gone:
        thin = len(holdout) < share * len(pool) / 2
        advice = "; little is left to score, and `validation: {strategy: group}` would divide by group alone" if thin else ""
        ways.decide("removed", f"{gone} rows", f"of units that span {day}, taken out of the side where they have fewer rows{advice}")
    return train, holdout

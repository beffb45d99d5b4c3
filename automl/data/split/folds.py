"""Folds of the training rows, one function per kind: dealt out, forward in time, drawn with replacement, each unit once."""

import numpy as np
from numpy.typing import NDArray

from automl.data.forward import cuts, part_at
from automl.data.split.record import Rows
from automl.data.split.ways import Ways
from automl.data.units import Units, drawn, parts

Folds = list[tuple[Rows, Rows]]

MANY_ROWS = 20_000  # beyond, three folds: the spread of a score is small and a fold is dear
VERY_MANY_ROWS = 200_000
USUAL, FEW = 5, 3
FIT_SECONDS, CELL_SECONDS = 0.1, 3e-6  # of a boosted model: fixed, and per row and unit of width (one core of a server of 2024)
MOST_OF_TIME = 0.15  # of the time limit, that one boosted model may take over all its folds
MOST_LEFT_OUT = 1000  # units that leave_one_out takes; each is a fit
ATTEMPTS = 20  # draws of a bootstrap until a fold can be fitted and scored


def folds_of(y: Rows, train: Rows, units: Rows | None, ways: Ways, rng: np.random.Generator) -> tuple[tuple[Rows, Rows], ...]:
    """Return (learn, valid) positions per fold; folds that could not be fitted are left out, and the decisions tell.

    Raises DataError when more folds are asked for than there can be, or none is left.
    """
    whole = Units.make(y[train], units[train] if units is not None else None)
    if ways.strategy == "leave_one_out":
        found = _left_out(whole, ways)
    elif ways.strategy == "bootstrap":
        found = _bootstrap(whole, ways, rng)
    elif ways.time is not None:
        found = _forward(whole, ways.time[train], units is not None, ways)
    else:
        found = _dealt(whole, ways, rng)
    usable = [fold for fold in found if _can_be_fitted(whole.y, fold)]
    if not usable:
        message = "no fold can be made: each would learn from one class alone, or have no row to be scored on"
        raise ways.fault("D321", ("validation", "strategy"), message, "divide the rows another way")
    if _single(ways, len(train)):
        usable = usable[:1]
    elif len(usable) < len(found):
        ways.decide("folds_left_out", len(found) - len(usable), "they would learn from one class alone, or have no row to be scored on")
    return tuple((train[learn], train[valid]) for learn, valid in usable)


def _can_be_fitted(y: Rows, fold: tuple[Rows, Rows]) -> bool:
    learn, valid = fold
    if not len(learn) or not len(valid):
        return False
    return bool((y[learn] != y[learn[0]]).any() or (y == y[0]).all())  # a table without a target has no class to miss


def _single(ways: Ways, n_rows: int) -> bool:
    """Return whether one part is enough to compare candidates on, or all that there is time for."""
    asked = ways.spec.validation
    automatic = asked.strategy == "auto" and asked.folds is None and ways.repeats == 1
    return ways.strategy == "holdout" or (automatic and (n_rows > VERY_MANY_ROWS or _in_time(ways, n_rows) == 1))


def _fits_in_time(ways: Ways, n_rows: int) -> float:
    """Return how many fits of a boosted model take its share of the time limit."""
    limit = ways.spec.constraints.time
    return float("inf") if limit is None else MOST_OF_TIME * limit / (FIT_SECONDS + CELL_SECONDS * n_rows * ways.width)


def _in_time(ways: Ways, n_rows: int) -> int:
    """Return how many folds a boosted model can be fitted on within its share of the time limit: five, three, or one."""
    return next((k for k in (USUAL, FEW) if k <= _fits_in_time(ways, n_rows)), 1)


def _number(ways: Ways, n_rows: int, largest: int, rarest: str) -> int:
    """Return how many folds to make and note why. Raises DataError when that many were asked for that there cannot be."""
    asked = ways.spec.validation.folds
    if _single(ways, n_rows):
        few = "there is no time to fit each candidate more than once"
        because = f"{n_rows} rows: one validation part is precise enough" if n_rows > VERY_MANY_ROWS else few
        because = "asked for: one part of the training rows" if ways.strategy == "holdout" else because
        ways.decide("folds", 1, because)
        return min(USUAL, largest)
    if asked is not None:
        if asked > largest:
            raise ways.fault("D320", ("validation", "folds"), f"{asked} folds cannot be made: {rarest}", f"the largest possible is {largest}")
        ways.decide("folds", asked, "asked for")
        return asked
    usual = min(FEW if n_rows > MANY_ROWS else USUAL, max(FEW, _in_time(ways, n_rows)))
    if usual > largest:
        ways.decide("folds", largest, rarest)
        return largest
    why = "five folds" if usual == USUAL else "three folds are precise enough" if n_rows > MANY_ROWS else "there is time for three folds"
    ways.decide("folds", usual, f"{n_rows} rows: {why}")
    return usual


def _dealt(whole: Units, ways: Ways, rng: np.random.Generator) -> Folds:
    """Return k folds, stratified, as often as repeats say, each time dealt anew."""
    of_class = whole.of_class()
    rarest = int(of_class[of_class > 1].min(initial=len(whole)))  # a class in one unit is learned from or scored, whatever the number
    kind = "rows" if len(whole) == len(whole.y) else "groups of rows that stay together" if ways.groups else "distinct rows"
    k = _number(ways, len(whole.y), max(2, rarest), f"the rarest class has {rarest} {kind}")
    repeats = ways.repeats
    if ways.spec.validation.strategy == "auto" and not ways.spec.validation.repeats and repeats * k > _fits_in_time(ways, len(whole.y)):
        repeats = max(1, int(_fits_in_time(ways, len(whole.y)) // k))
        ways.decide("repeats", repeats, f"{ways.repeats} would be better for so few rows, and there is no time for them")
    elif repeats > 1:
        ways.decide("repeats", repeats, "asked for" if ways.spec.validation.repeats else "the folds are dealt out again, and a score is the mean of all")
    found: Folds = []
    for _ in range(repeats):
        part = parts(whole, k, rng)[whole.of]
        found += [(np.flatnonzero(part != number), np.flatnonzero(part == number)) for number in range(k)]
    return found


def _forward(whole: Units, time: NDArray[np.float64], tied: bool, ways: Ways) -> Folds:
    """Return folds whose learning rows grow with time (an expanding window); the first part is never scored.

    Forward validation as in Tashman 2000 (out-of-sample tests of forecasting accuracy, rolling origin).
    """
    moments = len(np.unique(time))
    if moments < 2:
        raise ways.fault("D321", ("data", "columns", "time"), f"all training rows are of one moment, {ways.moment(time[0])}", "name another column")
    k = _number(ways, len(time), moments - 1, f"the training rows are of {moments} moments")
    single = _single(ways, len(time))
    at = cuts(time, [1 - 1 / USUAL] if single else [i / (k + 1) for i in range(1, k + 1)])
    found: Folds = []
    removed = 0
    for start, end in zip(at, [*at[1:], np.inf], strict=True):
        learn, valid, gone = part_at(time, whole.of if tied else None, start, end)
        found.append((np.flatnonzero(learn), np.flatnonzero(valid)))
        removed += gone
    ways.decide("cuts", ", ".join(ways.moment(moment) for moment in at), "each fold learns what is before and is scored on what follows, up to the next")
    if removed:
        ways.decide("removed_in_folds", f"{removed} rows", "of units that span a cut, taken out of the side where they have fewer rows")
    return found


def _bootstrap(whole: Units, ways: Ways, rng: np.random.Generator) -> Folds:
    """Return draws with replacement, within classes, scored on what was not drawn (Efron and Tibshirani 1993, chapter 17)."""
    ways.decide("repeats", ways.repeats, "asked for" if ways.spec.validation.repeats else "draws; about a third of the rows is left out of each")
    found: Folds = []
    for _ in range(ways.repeats):
        for attempt in range(ATTEMPTS):
            times = drawn(whole, rng, strata=attempt < ATTEMPTS / 2)[whole.of]
            fold = np.repeat(np.arange(len(times)), times), np.flatnonzero(times == 0)
            if _can_be_fitted(whole.y, fold):
                break
        found.append(fold)
    return found


def _left_out(whole: Units, ways: Ways) -> Folds:
    """Return one fold per unit."""
    n = len(whole)
    if n > MOST_LEFT_OUT:
        message = f"`leave_one_out` would fit {n} times in every trial; {MOST_LEFT_OUT} is the most"
        raise ways.fault("D320", ("validation", "strategy"), message, "`strategy: kfold` or `repeated` costs a hundredth")
    order = np.argsort(whole.of, kind="stable")
    ends = np.cumsum(whole.size)
    everything = np.arange(len(whole.of))
    ways.decide("folds", n, "each unit once; a trial is scored on all its predictions at once")
    if getattr(ways.spec.task, "metric", "auto") in ("auto", "roc_auc"):
        ways.decide("pooled", "pessimistic", "a ROC AUC over models that each left out one row is too low where little is known (Airola et al. 2011)")
    found: Folds = []
    for start, end in zip(ends - whole.size, ends, strict=True):
        valid = np.sort(order[start:end])
        found.append((np.delete(everything, valid), valid))
    return found

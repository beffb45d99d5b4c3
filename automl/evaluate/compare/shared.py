"""The rows that two runs scored, matched by their number in the source and checked to be the same rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.units import join
from automl.errors import AutoMLError, DataError, UsageError
from automl.evaluate.compare.read import FinishedRun, Scored

LEAST_ROWS = 20  # that both scored: below, an interval over them says nothing


@dataclass(frozen=True)
class Shared:
    """Rows of two runs side by side; codes are into `classes`, those of the first run and then what only the second knows.

    y (n_rows,); labels and probas per run (n_rows,) and (n_rows, n_classes); unit (n_rows,) or None: rows that either run
    kept together, also by way of others.
    """

    row: NDArray[np.int64]
    y: NDArray[np.int64]
    labels: tuple[NDArray[np.int64], NDArray[np.int64]]
    probas: tuple[NDArray[np.float64], NDArray[np.float64]]
    unit: NDArray[np.int64] | None
    classes: list[str]
    positive: int

    @property
    def n_units(self) -> int:
        """Return how many units there are, rows where each stands alone."""
        return len(self.y) if self.unit is None else int(self.unit.max()) + 1


def why_not(first: FinishedRun, second: FinishedRun) -> AutoMLError | None:
    """Return why two runs answer different questions, whatever rows they scored; None where they do not."""
    a, b = first.letter, second.letter
    if first.plan["task"] != second.plan["task"]:
        return UsageError(f"{a} is a {first.plan['task']}, {b} a {second.plan['task']}: they have no score in common", "RUN", "compare runs of one task")
    targets = [run.profile["target"] for run in (first, second)]
    if targets[0] != targets[1]:
        return UsageError(f"{a} predicts `{targets[0]}`, {b} predicts `{targets[1]}`: they answer different questions", "RUN", "compare runs of one target")
    for run in (first, second):
        if run.evaluation["score_rows"] == "training":
            return DataError(f"{run.letter} was scored on the rows it was trained on, which proves nothing", "RUN", "set `validation.test` in its spec")
    return None


def shared_rows(first: FinishedRun, second: FinishedRun, same_rows: bool = False) -> Shared:
    """Return the rows that both runs scored.

    Runs of files that differ are refused, unless `same_rows` says that their row numbers mean the same rows. Raises UsageError
    where the runs answer different questions; DataError, with counts, where the data differ or too few rows are shared.
    """
    if fault := why_not(first, second):
        raise fault
    one, two, a, b = first.scored, second.scored, first.letter, second.letter
    classes = list(dict.fromkeys([*one.classes, *two.classes]))
    row, at_one, at_two = np.intersect1d(one.row, two.row, return_indices=True)
    places = [np.array([classes.index(name) for name in scored.classes]) for scored in (one, two)]
    y, y_two = places[0][one.y[at_one]], places[1][two.y[at_two]]
    differing = int((y != y_two).sum())
    counts = f"{a} scored {len(one.row):,} rows, {b} {len(two.row):,}; row numbers in both: {len(row):,}, of which {differing:,} have another target"
    if first.profile["sha256"] != second.profile["sha256"] and not same_rows:
        read = "; ".join(f"{r.letter} read {r.profile['source']}, {r.profile['rows']:,} rows, sha256 {r.profile['sha256'][:12]}" for r in (first, second))
        fix = (
            "run both on one file" if differing else "run both on one file; if rows of equal number are the same all the same (a column was added): --same-rows"
        )
        raise DataError(f"{a} and {b} read different data, so their scores are not compared\n      {read}\n      {counts}", "RUN", fix)
    if differing:
        raise DataError(
            f"{a} and {b} know different targets for the same rows, so their scores are not compared\n      {counts}", "RUN", "run both on one table"
        )
    if len(row) < LEAST_ROWS:
        raise DataError(
            f"{a} and {b} share too few scored rows for a test: {len(row)}, and {LEAST_ROWS} are the least\n      {counts}", "RUN",
            "give both specs the same `seed` and `validation`: the same rows are kept apart then; or `validation: {test: none}`: all are scored",
        )  # fmt: skip
    units = [np.arange(len(row)) if scored.unit is None else scored.unit[at] for scored, at in ((one, at_one), (two, at_two))]
    labels = places[0][one.label[at_one]], places[1][two.label[at_two]]
    probas = _wide(one, at_one, places[0], len(classes)), _wide(two, at_two, places[1], len(classes))
    positive = first.evaluation["positive_class"]
    code = classes.index(positive) if positive in classes else min(1, len(classes) - 1)
    return Shared(row, y, labels, probas, None if one.unit is None and two.unit is None else join(units), classes, code)


def _wide(scored: Scored, at: Any, place: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Return (n_rows, n_classes) the probabilities at some rows; 0 for a class that the run does not know."""
    out = np.zeros((len(at), n_classes))
    out[:, place] = scored.proba[at]
    return out

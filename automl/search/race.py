"""The race: after each fold, a trial against the best of its family on the same rows; one that is clearly worse ends there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.store import Rows, Store
from automl.search.study import Trial
from automl.search.workers.trial import PREDICTIONS

ERRORS = 2.0  # standard errors that a trial must be worse by: one in forty of equal trials would be ended at a look
LEAST_UNITS = 20  # below, a standard error says little
KEPT = 16  # trials whose rows' values are held in memory

Values = NDArray[np.float64]


def log_loss(y: Rows, p: Values, positive: int) -> Values:
    """Return (n,) the loss of each row in nats, clipped as the metric is."""
    true = p[np.arange(len(y)), y] / np.maximum(p.sum(axis=1), 1e-300)
    return np.asarray(-np.log(np.clip(true, np.finfo(np.float32).eps, 1.0)))


def brier(y: Rows, p: Values, positive: int) -> Values:
    """Return (n,) the squared distance of each row's probabilities from its class."""
    off = p.copy()
    off[np.arange(len(y)), y] -= 1.0
    return np.asarray((off**2).sum(axis=1))


def wrong(y: Rows, p: Values, positive: int) -> Values:
    """Return (n,) 1 for each row whose most probable class is not its own."""
    return np.asarray(p.argmax(axis=1) != y, dtype=np.float64)


def misplaced(y: Rows, p: Values, positive: int) -> Values:
    """Return (n,) of each row the share of rows of the other class that it stands on the wrong side of; a tie is half.

    One minus the structural components of the area under the ROC curve [DeLong et al. 1988, section 3], from ranks
    [Sun and Xu 2014, algorithm 2]: over the rows of either class their mean is one minus the area.
    """
    score, hit = p[:, positive], y == positive
    out = np.empty(len(y))
    placed = _midranks(score)
    for side in (hit, ~hit):
        others = len(y) - int(side.sum())
        below = (placed[side] - _midranks(score[side])) / max(others, 1)  # share of the other class below each row
        out[side] = (1.0 - below) if side is hit else below
    return out


def _midranks(values: Values) -> Values:
    """Return (n,) ranks from 1; equal values share the mean of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(values) else np.empty(0, dtype=np.int64)
    last = np.append(first[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((first + 1 + last) / 2.0, last - first)
    return ranks


LOSSES: dict[str, Callable[[Rows, Values, int], Values]] = {"log_loss": log_loss, "brier_score": brier, "accuracy": wrong, "roc_auc": misplaced}
"""What each row adds to a metric, as a loss; metrics that are no mean over rows are not raced."""


class Race:
    """Compares trials on the predictions that they wrote; reads them and the classes of the rows when it is first asked."""

    def __init__(self, plan: Plan, files: RunDir) -> None:
        self.plan, self.files = plan, files
        self._store: Store | None = None
        self._known: dict[int, list[Values]] = {}

    @property
    def store(self) -> Store:
        """Return the rows of the run."""
        if self._store is None:
            self._store = Store.open(self.files.store)
        return self._store

    def forget(self, number: int) -> None:
        """Forget what a running trial predicted: it begins anew."""
        self._known.pop(number, None)

    def worse(self, best: Trial, trial: Trial) -> str:
        """Return why a running trial should end: how far it is behind the best of its family on the rows both predicted; else nothing.

        Judged are the folds it has done. Rows of a unit, and one row scored by several folds, count as one in the standard error.
        """
        done = len(trial.fold_scores)
        if done == 0 or len(best.fold_scores) < self.plan.n_folds:
            return ""
        folder = self.files.running_trial(trial.number, trial.attempt)
        mine, theirs = self._values(trial.number, folder, done), self._values(best.number, self.files.trial(best.number), done)
        if mine is None or theirs is None:
            return ""
        folds = [self.store.folds[k][1] for k in range(done)]
        if self.plan.pooled:
            folds = [np.concatenate(folds)]
        gap, error = self._gap([a - b for a, b in zip(mine, theirs, strict=True)], folds)
        if not gap > ERRORS * error:
            return ""
        rows = sum(len(rows) for rows in folds)
        return (
            f"behind trial {best.number}, the best of its family, on the same {rows:,} rows after {done} of {self.plan.n_folds} folds: "
            f"by {gap:.4f}, with a standard error of {error:.4f}"
        )

    def _values(self, number: int, folder: Path, done: int) -> list[Values] | None:
        """Return what each row adds, by fold; of pooled folds in one piece. None where predictions are missing."""
        loss = LOSSES[self.plan.metric]
        known = self._known.pop(number, [])
        if not self.plan.pooled and len(known) >= done:
            self._known[number] = known
            return known[:done]
        valid = [self.store.folds[k][1] for k in range(done)]
        p = read_rows(folder / PREDICTIONS, sum(map(len, valid)))
        if p is None:
            return None
        if self.plan.pooled:
            return [loss(self.store.y[np.concatenate(valid)], p, self.plan.positive)]
        ends = np.cumsum([len(rows) for rows in valid])
        for k in range(len(known), done):
            known.append(loss(self.store.y[valid[k]], p[ends[k] - len(valid[k]) : ends[k]], self.plan.positive))
        self._known[number] = known
        while len(self._known) > KEPT:
            self._known.pop(next(iter(self._known)))
        return known

    def _gap(self, differences: list[Values], folds: list[Rows]) -> tuple[float, float]:
        """Return the mean difference over folds and its standard error; (0, infinity) where too few rows say anything.

        What each row adds to the mean, above its even share, is summed over its unit; the squares of these sums add up to the
        variance. For the area under the ROC curve, where either class is a sample of its own, this is DeLong's but for n/(n-1).
        """
        judged = [(d, rows, *found) for d, rows in zip(differences, folds, strict=True) if (found := self._weights(rows)) is not None]
        if not judged:
            return 0.0, float("inf")
        units, at = np.unique(np.concatenate([self.store.unit_of(rows) for _, rows, _, _ in judged]), return_inverse=True)
        if len(units) < LEAST_UNITS:
            return 0.0, float("inf")
        gap = float(np.mean([(weight * d)[summed].sum() for d, _, weight, summed in judged]))
        parts = np.concatenate([weight * (d - gap) for d, _, weight, _ in judged]) / len(judged)
        sums = np.bincount(at, parts)
        return gap, float(np.sqrt((sums**2).sum() * len(units) / (len(units) - 1)))

    def _weights(self, rows: Rows) -> tuple[Values, NDArray[np.bool_]] | None:
        """Return (n,) the weight of each row in its fold's mean, and the rows this is summed over: those of one class for an area.

        None where a class is missing, as there is no area then, or where no row counts. Rows that count differently do so in the
        mean; which share of the other class a row stands on the wrong side of is counted in rows all the same, near enough to
        end hopeless trials by.
        """
        own = self.store.weight_of(rows)
        own = np.ones(len(rows)) if own is None else own
        if self.plan.metric != "roc_auc":
            return (own / own.sum(), np.ones(len(rows), dtype=bool)) if own.sum() > 0 else None
        hit = self.store.y[rows] == self.plan.positive
        there = own[hit].sum(), own[~hit].sum()
        if not all(there):
            return None
        return np.where(hit, own / there[0], own / there[1]), hit


def read_rows(path: Path, n_rows: int) -> Any:
    """Return (n_rows, n_outputs) the first predictions of a trial, float64, while more are still being added; None where they are not there."""
    try:
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            shape, _, kind = np.lib.format.read_array_header_1_0(file)
            width = int(np.prod(shape[1:]))
            found = np.fromfile(file, dtype=kind, count=n_rows * width)
    except (OSError, ValueError):
        return None
    return found.reshape(n_rows, *shape[1:]).astype(np.float64) if len(found) == n_rows * width else None

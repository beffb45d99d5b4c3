"""What may start, and until when: the budget shared out in units of work, by what they are predicted to cost."""

import heapq
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automl.plan.candidates import CandidateFamily
from automl.plan.plan import Plan
from automl.search.budget import Budget
from automl.search.cost import CostModel, Estimate
from automl.search.study import Trial

FIRST_SHARE = 0.4  # of the time left, that the first trial of a family may take while others wait for theirs
LEAST_LENGTH = 1 / 3  # of its length, that a first trial must be able to reach before it is cut
SURE_SHARE = 0.1  # of the time left, that nine of ten units stay below, for a fit that cannot be cut
LEAST_SECONDS = 0.3  # below, nothing is started: a process alone takes a tenth of a second
REFIT_START = 0.7  # seconds a refit needs beside its fit: its process, its files, the comparison with the library
SLACK_SECONDS = 2.0  # that a unit gets beside its fit, to be exported, scored and written


@dataclass(frozen=True)
class Allowance:
    """Until when a unit of work should end by itself, and when it is ended by force (time.monotonic() scale)."""

    soft: float
    hard: float


class Schedule:
    """Judges units of work against the end of the search; of a run without a time limit, all of them fit."""

    def __init__(self, plan: Plan, budget: Budget, others: Sequence[CandidateFamily] = ()) -> None:
        self.plan, self.budget = plan, budget
        self.costs = CostModel(plan, others)

    def left(self) -> float:
        """Return the seconds until the search must have stopped."""
        return self.budget.search_end - time.monotonic()

    def fits(self, family: str, params: Mapping[str, Any], *, first: bool, none_yet: bool) -> bool:
        """Return whether a trial may start: whether all its folds should end in time.

        `first`: the family was not tried before; such a trial may be cut by its share of the time, to a third of its length.
        `none_yet`: no trial has ended well so far; then anything that can be cut may start.
        """
        if not self.plan.clocked:
            return True
        left, unit = self.left(), self.unit(family, params)
        if left < LEAST_SECONDS:
            return False
        if not self.costs.family(family).interruptible:
            return unit.p90 <= SURE_SHARE * left and unit.p50 * self.plan.n_folds <= (FIRST_SHARE if first else 1.0) * left
        if none_yet:
            return True
        whole = unit.p50 * self.plan.n_folds
        return whole * LEAST_LENGTH <= FIRST_SHARE * left if first else whole <= left

    def next_fits(self, family: str, params: Mapping[str, Any]) -> bool:
        """Return whether a further fold of a running trial may start."""
        if not self.plan.clocked:
            return True
        left, unit = self.left(), self.unit(family, params)
        return left >= LEAST_SECONDS and (unit.p50 * LEAST_LENGTH if self.costs.family(family).interruptible else unit.p90) <= left

    def unit(self, family: str, params: Mapping[str, Any]) -> Estimate:
        """Return the predicted seconds of one fold."""
        return self.costs.unit(family, params)

    def end_of_trial(self, *, first: bool, others_wait: bool) -> float:
        """Return when a trial that starts now should be over: the end of the search, or its share while other families wait."""
        now = time.monotonic()
        end = soft_deadline(self.budget.search_end)
        return now + FIRST_SHARE * max(0.0, end - now) if first and others_wait else end

    def allowance(self, end: float, folds_left: int, unit: Estimate) -> Allowance:
        """Return the allowance of the next fold of a trial that should be over at `end`, sharing what is left by the folds left.

        A fold that should take far less than its share may still have three times what nine of ten take, and then is ended.
        """
        if not self.plan.clocked:
            return Allowance(float("inf"), float("inf"))
        now = time.monotonic()
        soft = now + max(0.0, end - now) / max(1, folds_left)
        return Allowance(soft, min(self.budget.search_end, max(soft, now + 3 * unit.p90) + SLACK_SECONDS))


def refit_seconds(plan: Plan, trials: Sequence[Trial]) -> float:
    """Return the predicted seconds of fits on all training rows, the longest first, each on the worker that is free first."""
    ends = [0.0] * max(1, plan.workers)
    for seconds in sorted((max(t.fold_seconds, default=0.0) * plan.growth * plan.record(t.family).copies + REFIT_START for t in trials), reverse=True):
        heapq.heapreplace(ends, ends[0] + seconds)
    return max(ends)


def soft_deadline(kill: float) -> float:
    """Return when a fit should end by itself, so that what it has can still be exported and scored before the kill."""
    left = kill - time.monotonic()
    return kill - max(0.3, min(3.0, 0.12 * left))

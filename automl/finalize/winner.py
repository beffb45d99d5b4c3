"""The winner: several trials that answer together where that pays and the time allows, else the best one, fitted on all training rows."""

import time

from automl.finalize.candidate import Candidate
from automl.finalize.ensemble import Choice, assemble, choose
from automl.finalize.refit import refit
from automl.finalize.refits import Refitted, refit_all
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.schedule import refit_seconds
from automl.search.store import Store
from automl.search.study import Study
from automl.search.workers.local import LocalExecutor

GAIN_SHARE = 0.5  # of the seconds for bootstraps, that the interval of an ensemble's gain may take


def winner(
    plan: Plan, study: Study, store: Store, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop
) -> tuple[Candidate, Choice | None]:  # fmt: skip
    """Return the best candidate that there is time for, and how its members were chosen; None where it is one trial."""
    choice = _affordable(plan, study, store, files, budget) if not stop.hard.is_set() else None
    made: dict[int, Refitted] = {}
    while choice is not None:
        missing = [t for t in choice.trials if t.number not in made]
        made |= refit_all(plan, missing, files, executor, budget, on_event, stop)
        good = [t.number for t in choice.trials if made[t.number].features is not None]
        if len(good) == len(choice.trials):
            return assemble(plan, choice, made, store, files), choice
        # what failed is left out, and the weights are chosen anew among the models that are there
        choice = choose(plan, study, store, files, _seconds(budget), good) if len(good) > 1 else None
    return refit(plan, study, store, files, executor, budget, on_event, stop, made), None


def _affordable(plan: Plan, study: Study, store: Store, files: RunDir, budget: Budget) -> Choice | None:
    """Return the ensemble whose fits should end in time: where all do not, that of its heaviest members."""
    choice = choose(plan, study, store, files, _seconds(budget))
    while choice is not None:
        kept = list(choice.trials)
        while len(kept) > 1:
            budget.predict_seconds = sum(t.predict_seconds for t in kept)  # what comes after the fits takes its time too
            if refit_seconds(plan, kept) <= budget.refit_end - time.monotonic():
                break
            kept.pop()
        if len(kept) == len(choice.trials):
            return choice
        choice = choose(plan, study, store, files, _seconds(budget), [t.number for t in kept]) if len(kept) > 1 else None
    return None


def _seconds(budget: Budget) -> float:
    return GAIN_SHARE * budget.bootstrap_seconds

"""The winner: several trials that answer together where that pays and the time allows, else the best one, fitted on all training rows."""

import time

from automl.finalize.candidate import Candidate
from automl.finalize.ensemble import Choice, assemble, choose
from automl.finalize.maker import Maker
from automl.finalize.refits import refit_all
from automl.search.schedule import refit_seconds


def winner(maker: Maker) -> tuple[Candidate, Choice | None]:
    """Return the best candidate that there is time for, and how its members were chosen; None where it is one trial.

    Where one model is always to learn the ensemble's answers, it is that one, if it can be made.
    """
    choice = _affordable(maker) if not maker.stop.hard.is_set() else None
    if choice is not None and maker.plan.distill == "always" and (option := maker.distilled(choice)) is not None:
        candidate = maker.make(option)
        if candidate is not None:
            return candidate, None
    while choice is not None:
        missing = [t for t in choice.trials if t.number not in maker.made]
        maker.made |= refit_all(maker.plan, missing, maker.files, maker.executor, maker.budget, maker.on_event, maker.stop)
        good = [t.number for t in choice.trials if maker.made[t.number].features is not None]
        if len(good) == len(choice.trials):
            return assemble(maker.plan, choice, maker.made, maker.store, maker.files), choice
        # what failed is left out, and the weights are chosen anew among the models that are there
        choice = _chosen(maker, good) if len(good) > 1 else None
    return maker.last_resort(), None


def _affordable(maker: Maker) -> Choice | None:
    """Return the ensemble whose fits should end in time: where all do not, that of its heaviest members."""
    choice = _chosen(maker)
    while choice is not None:
        kept = list(choice.trials)
        while len(kept) > 1:
            maker.budget.predict_seconds = sum(t.predict_seconds for t in kept)  # what comes after the fits takes its time too
            if refit_seconds(maker.plan, kept) <= maker.budget.refit_end - time.monotonic():
                break
            kept.pop()
        if len(kept) == len(choice.trials):
            return choice
        choice = _chosen(maker, [t.number for t in kept]) if len(kept) > 1 else None
    return None


def _chosen(maker: Maker, among: list[int] | None = None) -> Choice | None:
    return choose(maker.plan, maker.study, maker.store, maker.files, maker.gain_seconds, among)

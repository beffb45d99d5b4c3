"""Which family has the next turn, once the portfolio is over: the better it ranks, and the quicker its trials are, the likelier."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from automl.families.base import Context, Family
from automl.plan.plan import Plan
from automl.registry import resolve
from automl.search.study import Trial
from automl.vocabulary import State

# Measured by benchmarks/portfolio/turns.py: a steeper fall, the full second, and FLAML's estimated cost of a gain [Wang et al. 2021,
# MLSys, section 4.2] were no better for one model, nor for several that answer together.
FALL = 0.7  # of the weight, with each rank further down
POWER = 0.5  # of the seconds, that a weight is divided by
TRIAL_SECONDS = 0.25  # of a trial beside its fits: a process, features, files
GUESS = 1.0  # seconds of a fit of a family that gives no guess


class Turns:
    """Weights of families for the next turn, from the trials told. Where the run is not `clocked` seconds are guessed, not measured."""

    def __init__(self, plan: Plan) -> None:
        self.sign = -1.0 if plan.greater_is_better else 1.0
        self.clocked = plan.clocked
        self._guess = {c.family: _guess(resolve(c.locator), Context(**plan.context(c, 1))) for c in plan.candidates}
        self.best: dict[str, float] = {}  # of each family, the less the better
        self.seconds: dict[str, list[float]] = {c.family: [] for c in plan.candidates}
        self.per_turn = {b.family: b.trials for b in plan.batching}  # trials that one turn may bring

    def tell(self, trial: Trial) -> None:
        """Take in how a trial ended: one that was ended early, or a fault, costs its seconds and has no score."""
        measured = trial.work_seconds if trial.batch else sum(trial.fold_seconds)
        fits = measured if self.clocked else len(trial.fold_scores) * self._guess[trial.family](trial.params)
        self.seconds[trial.family].append(fits + TRIAL_SECONDS)
        if trial.state == State.OK and trial.score is not None:
            self.best[trial.family] = min(self.sign * trial.score, self.best.get(trial.family, math.inf))

    def weights(self, families: list[str]) -> list[float]:
        """Return a weight for each of the families; those without a score rank last, and one whose turn brings several trials has fewer turns."""
        ranked = sorted(families, key=lambda f: self.best.get(f, math.inf))
        return [FALL ** ranked.index(f) / self._usual(f) ** POWER / self.per_turn.get(f, 1) for f in families]

    def _usual(self, family: str) -> float:
        """Return the mean seconds of the trials of a family."""
        known = self.seconds[family]
        return sum(known) / len(known) if known else GUESS


def _guess(family: Any, context: Context) -> Callable[[Mapping[str, Any]], float]:
    """Return what guesses the seconds of a fit."""
    known: Family = family
    return lambda params: GUESS if known.cost is None else known.cost(context, dict(params))

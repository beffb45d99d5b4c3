"""Which family has the next turn, once the portfolio is over: the less a further gain of it should cost, the likelier.

The estimated cost for improvement of FLAML [Wang, Wu, Weimer and Zhu 2021, MLSys, section 4.2].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from automl.families.base import Context, Family
from automl.plan.plan import Plan
from automl.registry import resolve
from automl.search.study import Trial
from automl.vocabulary import State

TRIAL_SECONDS = 0.25  # of a trial beside its fits: a process, features, files
GUESS = 1.0  # seconds of a fit of a family that gives no guess
UNSEEN = 0.01  # of the largest weight, for a family that has faults only
TINY = 1e-12


@dataclass
class Course:
    """The trials of a family so far: seconds of all of them, and (seconds until then, error) of each that was better than all before."""

    seconds: float = 0.0
    steps: list[tuple[float, float]] = field(default_factory=list)

    def add(self, error: float | None, seconds: float) -> None:
        """Take in a trial; None is the error of one that ended without a score."""
        self.seconds += seconds
        if error is not None and (not self.steps or error < self.steps[-1][1]):
            self.steps.append((self.seconds, error))

    @property
    def best(self) -> float:
        """Return the least error."""
        return self.steps[-1][1]

    def cost(self, leader: float) -> float:
        """Return the seconds that a gain should cost: those of the last one, or those since; for a family behind, twice those to close the gap.

        `leader` is the least error of all families. A family closes the gap as fast as it last gained, from nothing at first.
        """
        last, error = self.steps[-1]
        before, was = self.steps[-2] if len(self.steps) > 1 else (0.0, 2 * abs(error))
        own = max(self.seconds - last, last - before)
        speed = max(was - error, TINY) / max(last - before, TINY)
        return max(own, 2 * (error - leader) / speed)


class Turns:
    """Weights of families for the next turn, from the trials told. Where the run is not `clocked` seconds are guessed, not measured."""

    def __init__(self, plan: Plan) -> None:
        self.greater, self.clocked = plan.greater_is_better, plan.clocked
        self._guess = {c.family: _guess(resolve(c.locator), Context(**plan.context(c, 1))) for c in plan.candidates}
        self.courses = {c.family: Course() for c in plan.candidates}

    def tell(self, trial: Trial) -> None:
        """Take in how a trial ended: a fault, or one that was ended early, costs its seconds and gains nothing."""
        fits = sum(trial.fold_seconds) if self.clocked else len(trial.fold_scores) * self._guess[trial.family](trial.params)
        score = trial.score if trial.state == State.OK else None
        error = None if score is None else 1.0 - score if self.greater else score
        self.courses[trial.family].add(error, fits + TRIAL_SECONDS)

    def weights(self, families: list[str]) -> list[float]:
        """Return a weight for each of the families; one without a score has next to none while another has one."""
        scored = [f for f in families if self.courses[f].steps]
        if not scored:
            return [1.0] * len(families)
        leader = min(self.courses[f].best for f in scored)
        found = {f: 1.0 / self.courses[f].cost(leader) for f in scored}
        least = UNSEEN * max(found.values())
        return [found.get(f, least) for f in families]


def _guess(family: Any, context: Context) -> Callable[[Mapping[str, Any]], float]:
    """Return what guesses the seconds of a fit."""
    known: Family = family
    return lambda params: GUESS if known.cost is None else known.cost(context, dict(params))

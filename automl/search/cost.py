"""What a unit of work (one fold of one trial) will cost: a family's own guess, corrected by what was measured."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from automl.families.base import Context, Family
from automl.plan.candidates import CandidateFamily
from automl.plan.plan import Plan
from automl.registry import resolve

FIRST_SPREAD = math.log(3.0)  # of a guess that nothing has been measured of: a third to three times
LEAST_SPREAD = 0.1  # two fits with the same options differ by about this much on a shared machine
UNKNOWN_SECONDS = 1.0  # of a family that gives no guess
KEPT = 15  # measurements of a family that count, the latest ones
Z90 = 1.2816  # standard normal quantile at 90 %
MAD = 1.4826  # a median absolute deviation times this estimates a standard deviation (Rousseeuw and Croux 1993, section 1)


@dataclass(frozen=True)
class Estimate:
    """Seconds of one unit of work: the middle, and what nine of ten stay below."""

    p50: float
    p90: float


class CostModel:
    """Predicts seconds by family and options. What a family's guess is off by is learned as a factor, on the log scale.

    A family that was not measured yet borrows the factor of the others: it is mostly the speed of the machine. Where the run
    is not `clocked`, nothing is learned, so that no choice hangs on the clock. `others` are families beside the plan's.
    """

    def __init__(self, plan: Plan, others: Sequence[CandidateFamily] = ()) -> None:
        self.clocked = plan.clocked
        self.rows = round(plan.n_rows / max(plan.growth, 1e-9))
        every = {c.family: c for c in (*others, *plan.candidates)}.values()
        self._context = {c.family: replace(Context(**plan.context(c, plan.threads_per_trial)), n_rows=self.rows) for c in every}
        self._family: dict[str, Family] = {c.family: resolve(c.locator) for c in every}  # type: ignore[misc]
        self._off: dict[str, list[float]] = defaultdict(list)

    def family(self, name: str) -> Family:
        """Return the record of a family."""
        return self._family[name]

    def guess(self, family: str, params: Mapping[str, Any]) -> float:
        """Return the family's own guess of the seconds of a fit."""
        cost = self._family[family].cost
        return max(1e-3, cost(self._context[family], dict(params))) if cost is not None else UNKNOWN_SECONDS

    def unit(self, family: str, params: Mapping[str, Any]) -> Estimate:
        """Return the seconds of a fit with these options, corrected."""
        own = self._off[family][-KEPT:]
        others = [median(off[-KEPT:]) for name, off in self._off.items() if off and name != family]
        centre = median(own) if own else median(others) if others else 0.0
        spread = FIRST_SPREAD if not own else max(LEAST_SPREAD, MAD * median(abs(o - centre) for o in own), FIRST_SPREAD / (2 * len(own)))
        p50 = self.guess(family, params) * math.exp(centre)
        return Estimate(p50, p50 * math.exp(Z90 * spread))

    def learn(self, family: str, params: Mapping[str, Any], seconds: float) -> None:
        """Take in what a fit took."""
        if self.clocked and seconds > 0:
            self._off[family].append(math.log(seconds / self.guess(family, params)))

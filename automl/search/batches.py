"""Which configurations train side by side in one job, how many of them, and until when."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from automl.families.base import Context, Together
from automl.plan.batching import Batching, gain
from automl.plan.plan import Plan
from automl.search.schedule import SLACK_SECONDS, Allowance, Schedule
from automl.search.study import Trial

SHARE_OF_LEFT = 0.25  # of the time left, that a batch may be predicted to take: what comes after it should still learn from it
ANSWER_SECONDS = 0.02  # of a fit, to be exported, scored and written, where nothing was measured


class Batches:
    """Judges by the plan; a family's first complete trial runs alone, so that what a fit takes by itself is known."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.of: dict[str, Batching] = {b.family: b for b in plan.batching if b.trials > 1}
        rows = round(plan.n_rows / max(plan.growth, 1e-9))
        self._context = {name: replace(Context(**plan.context(plan.candidate(name), plan.threads_per_trial)), n_rows=rows) for name in self.of}

    def _together(self, family: str) -> Together:
        together = self.plan.record(family).together
        assert together is not None, f"{family} cannot train side by side"
        return together

    def key(self, family: str, params: Mapping[str, Any]) -> str:
        """Return what configurations that may share a batch have alike, in words; empty for one that trains alone."""
        known = self.of.get(family)
        if known is None or (known.most_work is not None and self.work(family, params) > known.most_work):
            return ""
        return self._together(family).signature(dict(params))

    def work(self, family: str, params: Mapping[str, Any]) -> float:
        """Return what a step of one multiplies about."""
        return self._together(family).work(self._context[family], dict(params))

    def size(self, family: str, params: Mapping[str, Any], schedule: Schedule, most: int) -> int:
        """Return how many trials should train beside each other, the given one counted: as many as fit into a share of the time left."""
        if not self.key(family, params):
            return 1
        known = self.of[family]
        size = min(known.trials, most)
        if self.plan.clocked:
            unit = schedule.unit(family, params).p50
            while size > 1 and self.seconds(family, params, size, unit) > SHARE_OF_LEFT * schedule.left():
                size -= 1
        return max(1, size)

    def shrink(self, family: str) -> None:
        """Have fewer trials of a family side by side, as a batch of it did not get done; none at last."""
        known = self.of[family]
        self.of[family] = replace(known, trials=known.trials // 2)
        if self.of[family].trials < 2:
            del self.of[family]

    def seconds(self, family: str, params: Mapping[str, Any], size: int, unit: float) -> float:
        """Return the predicted seconds of so many trials at once, where a fit alone takes `unit`."""
        slots = size * self.plan.n_folds
        return slots * unit / gain(self.work(family, params), slots, self.of[family].device)

    def allowance(self, end: float, size: int, best: Trial | None, score_seconds: float) -> Allowance:
        """Return the allowance of a batch that should be over at `end`: time is kept for the answers of all its fits, should they all end there."""
        if not self.plan.clocked:
            return Allowance(float("inf"), float("inf"))
        answer = ANSWER_SECONDS if best is None else ANSWER_SECONDS + best.predict_seconds / max(1, len(best.fold_scores)) + score_seconds
        answers = size * self.plan.n_folds * answer
        return Allowance(max(time.monotonic(), end - answers), end + SLACK_SECONDS)

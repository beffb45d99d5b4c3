"""How much of a fit to do before the next look at the clock."""

import time

from automl.families.base import Progress


class Pace:
    """Deals out the rounds or trees of a fit so that the last ones end by its deadline.

    A portion takes about half of the time left, judged by the portion before, so that a fit with much time has few portions
    and one with little ends within one unit of its deadline. The first is a single unit, unless nothing limits the time.
    """

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.left = progress, total
        self._began = 0.0
        self._units = 0

    def next(self) -> int:
        """Return how many units to make now; 0 when all are made, or when no more would be done in time."""
        now = time.monotonic()
        if self._units == 0:
            portion = self.left if self.progress.deadline == float("inf") else 1
        elif self.progress.expired():
            portion = 0
        else:
            each = max(now - self._began, 1e-6) / self._units
            seconds = self.progress.deadline - now
            portion = 0 if seconds < each else int(min(self.left, max(1.0, seconds / each / 2)))
        portion = min(portion, self.left)
        self._began, self._units, self.left = now, portion, self.left - portion
        return portion

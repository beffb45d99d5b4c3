"""Seconds with an end, and what it takes to predict so many rows, as measured: what does not fit is not begun."""

import math
import time
from collections.abc import Callable

import numpy as np

from automl.data.fewer import sample
from automl.evaluate.explain.scored import Scored

FEW, MORE = 16, 1000  # rows that are predicted to see how long it takes
GROWTH, EASY = 4, 0.25  # times as many rows, where these take no more than this share of what is left even if the time grew with them
SLOWER = 1.25  # than measured, that a prediction may be


class Pace:
    """Wall seconds with an end; without one (infinity) everything fits, so that nothing hangs on the clock."""

    def __init__(self, seconds: float = math.inf, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._end = now() + seconds
        self.call, self.each = 0.0, 0.0  # seconds of a prediction, and of each row in it

    def left(self) -> float:
        """Return the seconds left, negative when over."""
        return self._end - self._now()

    def share(self, fraction: float) -> "Pace":
        """Return a part of the seconds left, with the same speed."""
        own = Pace(fraction * max(0.0, self.left()), self._now)
        own.call, own.each = self.call, self.each
        return own

    def cost(self, rows: int) -> float:
        """Return the seconds that predicting so many rows takes, with some room."""
        return SLOWER * (self.call + self.each * rows)

    def fits(self, rows: int, times: float = 1.0) -> bool:
        """Return whether so many predictions of so many rows fit into what is left."""
        return times * self.cost(rows) <= self.left()

    def measure(self, scored: Scored) -> bool:
        """Measure the speed on a few rows, then on more and more while these fit easily; False where the time is out after it."""
        rows = np.arange(scored.n_rows)
        few = scored.take(sample(rows, FEW))
        first = self._timed(few) if self.left() > 0 else math.inf
        if 4 * first < self.left():
            first = min(first, self._timed(few))  # the first time something may be loaded
        self.call, self.each = first, first / few.n_rows
        if self.left() <= 2 * SLOWER * first:
            return False
        size, seconds = few.n_rows, first
        while size < min(MORE, scored.n_rows) and GROWTH * seconds < EASY * self.left():
            more = scored.take(sample(rows, min(MORE, GROWTH * size)))
            size, seconds = more.n_rows, self._timed(more)
            self.each = max(0.0, (seconds - first) / (size - few.n_rows))
            self.call = max(0.0, min(first, seconds) - self.each * few.n_rows)
        return True

    def _timed(self, scored: Scored) -> float:
        began = self._now()
        scored.predict()
        return self._now() - began

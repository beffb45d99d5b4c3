"""The time that a look at the data may take, and what was sampled for it."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LEAST_SECONDS = 2.0
SHARE_OF_TIME = 0.1


def eda_seconds(time_limit: float | None) -> float:
    """Return the wall seconds that the look at the data may take, of `constraints.time`: a tenth, and 2 s at least."""
    return math.inf if time_limit is None else max(LEAST_SECONDS, SHARE_OF_TIME * time_limit)


class Clock:
    """Wall seconds with an end. Parts get a share of what is left and are told apart; work that is out of time is skipped
    by whoever does it, and says so.
    """

    def __init__(self, seconds: float = math.inf, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._end = now() + seconds
        self.kept = 0.0  # seconds of it that are kept for a later part
        self.seconds: dict[str, float] = {}
        self.sampling: list[dict[str, object]] = []

    def left(self) -> float:
        """Return the seconds left, negative when over."""
        return self._end - self._now()

    def spent(self, part: str) -> float:
        """Return the seconds that a part has taken so far."""
        return self.seconds.get(part, 0.0)

    @contextmanager
    def share(self, part: str, fraction: float = 1.0) -> Iterator["Clock"]:
        """Give a part a clock of its own: a fraction of the seconds left here. What it takes is counted under its name."""
        began = self._now()
        own = Clock(max(0.0, fraction * self.left()), self._now)
        own.sampling = self.sampling
        try:
            yield own
        finally:
            self.seconds[part] = self.spent(part) + self._now() - began

    def sampled(self, part: str, rows: int, of: int, why: str) -> None:
        """Note that a part looked at some rows only; nothing to note where it saw all."""
        if rows < of:
            self.sampling.append({"part": part, "rows": rows, "of": of, "why": why})

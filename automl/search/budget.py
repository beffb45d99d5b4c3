"""The clock of a run: counts from process start to the written report, and holds back what the end will need."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


def process_started() -> float:
    """Return when this process started, on the scale of time.monotonic(); now, where the system does not tell."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        return time.monotonic() - max(0.0, uptime - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError):
        return time.monotonic()


@dataclass
class Budget:
    """Seconds from `started` (time.monotonic() scale); `seconds` None means no limit."""

    started: float
    seconds: float | None
    refit_seconds: float = 0.0
    predict_seconds: float = 0.0

    @property
    def deadline(self) -> float:
        """Return the moment the report must be there."""
        return float("inf") if self.seconds is None else self.started + self.seconds

    @property
    def tail(self) -> float:
        """Return the seconds that packing, measuring and reporting need after the refit.

        Fixed part measured at 1.3 s on two cores (benchmarks/README.md); each of three rungs predicts the training rows
        (out of fold) and the holdout once, and timing takes 3 % of the budget at most.
        """
        return 1.8 + 0.03 * min(self.seconds or 0.0, 100.0) + 4.0 * self.predict_seconds

    @property
    def search_end(self) -> float:
        """Return the moment by which the search must have stopped."""
        return self.deadline - self.tail - 1.3 * self.refit_seconds

    @property
    def refit_end(self) -> float:
        """Return the moment by which the refit must have stopped."""
        return self.deadline - self.tail

    def used(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self.started

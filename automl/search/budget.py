"""The clock of a run: counts from process start to the written report, and holds back what the end will need."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

DIAGNOSIS_SHARE = 0.08  # of the budget, that looking closer at the winner may take
CHOICE_SHARE = 0.15  # of the budget, that further models may take where the first does not keep what was asked
EXPLANATION_SHARE = 0.04  # of the budget, that explaining the winner may take
TUNING_SHARE, TUNING_SECONDS = 0.05, 30.0  # of the budget, and at most, that fine-tuning networks at 8 bits may take
OPTIONS_SHARE = 0.01  # of the budget, that telling which options mattered may take
EXPLANATION_LEAST = 0.3  # seconds of it that do not go by the rows predicted
OPTIONS_LEAST = 1.0  # seconds for telling which options mattered; a family takes about half of that
REPORT_SECONDS = 1.0  # that writing the report takes, beside what goes by rows and columns
ALL_ROWS = 1.25  # of the time of a fit on the training rows, that one on all rows takes: a fifth of them is kept for the report
LEAST_SECONDS = 10.0  # that a start of a run has, however much earlier ones used: enough to finish from the trials there are


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
    """Seconds from `started` (time.monotonic() scale); `seconds` None means no limit.

    `earlier` seconds were used by earlier starts of the same run; they count, but each start has ten seconds at least.
    `choices` is for how many further models there should be time, where the first one does not keep what was asked. `all_rows`
    says that time is kept for one more fit of the winner, on the rows of the holdout too, `brief` that no more is measured than a
    model and its score need.
    """

    started: float
    seconds: float | None
    refit_seconds: float = 0.0
    predict_seconds: float = 0.0
    feature_seconds: float = 0.0
    score_seconds: float = 0.0
    diagnosis_needs: tuple[float, ...] = ()
    earlier: float = 0.0
    passes: float = 3.0
    rows_seconds: float = 0.0
    choices: int = 0
    explanation_passes: float = 0.0
    all_rows: bool = False
    brief: bool = False

    @property
    def here(self) -> float | None:
        """Return the seconds that this start has, None without a limit."""
        return None if self.seconds is None else max(self.seconds - self.earlier, min(LEAST_SECONDS, self.seconds))

    @property
    def deadline(self) -> float:
        """Return the moment the report must be there."""
        return float("inf") if self.here is None else self.started + self.here

    @property
    def tail(self) -> float:
        """Return the seconds that packing, measuring and reporting need after the refit.

        A fixed part (1.3 s measured on two cores, with some room), and one that grows with the rows; the predictions of the
        rungs (`passes` over the rows that the folds score, of which `predict_seconds` is one); features of the holdout; the two
        bootstraps, as long as they take or may take; and the explanation.
        """
        bootstraps = min(self.bootstrap_seconds, 1000 * self.score_seconds)
        fixed = 1.8 + 0.02 * min(self.here or 0.0, 100.0) + self.rows_seconds
        return fixed + (1.0 + self.passes) * self.predict_seconds + 0.5 * self.feature_seconds + bootstraps + self.explanation_kept

    @property
    def bootstrap_seconds(self) -> float:
        """Return the most that the bootstraps may take together: a twelfth of the budget, 5 s at most."""
        return min(5.0, self.here / 12) if self.here is not None else 10.0

    @property
    def tuning_seconds(self) -> float:
        """Return the most that fine-tuning networks at 8 bits may take now: its share of the budget, and none that the rest of the run needs."""
        if self.here is None:
            return TUNING_SECONDS
        return max(0.0, min(TUNING_SECONDS, TUNING_SHARE * self.here, self.deadline - time.monotonic() - self.tail))

    @property
    def diagnosis_kept(self) -> float:
        """Return the seconds kept for the diagnosis of the winner: the most of what it may need that is within its share of the budget."""
        return max((need for need in self.diagnosis_needs if need <= DIAGNOSIS_SHARE * (self.here or 0.0)), default=0.0)

    @property
    def diagnosis_seconds(self) -> float | None:
        """Return the most that the diagnosis of the winner may take now: what is left before the tail, its share of the budget at most."""
        return None if self.here is None else max(0.0, min(DIAGNOSIS_SHARE * self.here, self.refit_end - time.monotonic()))

    @property
    def explanation_kept(self) -> float:
        """Return the seconds kept for the explanation: what its predictions will likely take, within its share of the budget.

        They are of `explanation_passes` times the rows that the folds score, each with its features made anew.
        """
        if not self.explanation_passes:
            return 0.0
        need = EXPLANATION_LEAST + self.explanation_passes * (self.predict_seconds + self.feature_seconds)
        return min(need, EXPLANATION_SHARE * (self.here or 0.0)) + min(OPTIONS_LEAST, OPTIONS_SHARE * (self.here or 0.0))

    @property
    def explanation_seconds(self) -> float | None:
        """Return the most that the explanation may take now: its share of the budget, the report must still be written; None without a limit."""
        if self.here is None:
            return None
        return max(0.0, min(EXPLANATION_SHARE * self.here, self.deadline - time.monotonic() - REPORT_SECONDS - self.rows_seconds))

    @property
    def fresh_seconds(self) -> float:
        """Return the most that asking the artifact in a fresh process may take now: what the explanation and the report do not need."""
        if self.here is None:
            return float("inf")
        return max(0.0, self.deadline - time.monotonic() - REPORT_SECONDS - self.rows_seconds - self.explanation_kept)

    @property
    def compile_seconds(self) -> float:
        """Return the most that compiled code may be waited for now: what packing, measuring and reporting do not need."""
        return float("inf") if self.here is None else max(0.0, self.deadline - time.monotonic() - self.tail)

    @property
    def options_seconds(self) -> float | None:
        """Return the most that telling which options mattered may take now: a hundredth of the budget; None without a limit."""
        if self.here is None:
            return None
        return max(0.0, min(OPTIONS_SHARE * self.here, self.deadline - time.monotonic() - REPORT_SECONDS - self.rows_seconds))

    @property
    def comparison_seconds(self) -> float | None:
        """Return the most that the comparison of trials may take now, half of what is left; the report must still be written."""
        return None if self.seconds is None else max(0.0, min(self.bootstrap_seconds / 2, (self.deadline - time.monotonic()) / 2))

    @property
    def choice_seconds(self) -> float:
        """Return the seconds kept for further models, packed and measured: a share of the budget at most, none where nothing is asked of the winner."""
        most = CHOICE_SHARE * (self.here or 0.0)
        return min(most, self.choices * (1.3 * self.refit_seconds + 0.5 * self.tail)) if self.choices else 0.0

    @property
    def search_end(self) -> float:
        """Return the moment by which the search must have stopped."""
        return self.refit_end - self.diagnosis_kept - 1.3 * self.refit_seconds - self.choice_seconds

    @property
    def refit_end(self) -> float:
        """Return the moment by which the refit must have stopped; the one on all rows comes after it, once `all_rows` is no more."""
        return self.deadline - self.tail - (1.3 * ALL_ROWS * self.refit_seconds if self.all_rows else 0.0)

    def used(self) -> float:
        """Return the seconds since the start, those of earlier starts among them."""
        return self.earlier + time.monotonic() - self.started

"""Trial and Study: what was tried, how each trial ended, and which are the best."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from automl.vocabulary import State

NO_TIME = "the time for the search was over"
"""The cause of a trial that the end of the search cut off; one that was ended for passing a deadline of its own is said to hang."""

NOT_FAILED = (State.OK, State.PRUNED, State.CANCELLED)


@dataclass(frozen=True)
class Trial:
    """One configuration over all folds; `score` is the mean of `fold_scores`, in the metric's own sign.

    Where predictions are pooled, folds have no score of their own: each is None, and `score` is that of all predictions.
    `train_scores` are of each fold's model on (some of) the rows it learned from. `size_bytes` of its model at float32 and
    `latency_ms` of one row are the mean over folds. `note` says where its options came from, and what of its fits went otherwise than
    asked; `reference`: it is there to compare with, does not count as a trial and is never shipped. `distilled`: it learned the answers of
    the ensemble, after the search.
    `scores` are further ones, of a task that judges by several. `device_mb` is the most memory of an accelerator, where that is known.

    `batch`, of a trial that trained beside others: `job` and how many `trials` and `slots` (fits) it had, `at_once` of them side by side, `device`,
    this trial's share of its `seconds`, `peak_mb` and `notes`. `fold_seconds` of such a trial are what each fit would about take alone.
    """

    number: int
    family: str
    params: dict[str, Any]
    device: str
    state: State
    cause: str = ""
    fold_scores: tuple[float | None, ...] = ()
    score: float | None = None
    seconds: float = 0.0
    fold_seconds: tuple[float, ...] = ()
    predict_seconds: float = 0.0
    rounds: tuple[int, ...] = ()
    peak_memory_mb: int = 0
    pid: int = 0
    started: float = 0.0
    spread: float | None = None
    train_scores: tuple[float | None, ...] = ()
    size_bytes: int | None = None
    latency_ms: float | None = None
    predicted_seconds: float | None = None
    attempt: int = 1
    note: str = ""
    reference: bool = False
    distilled: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    device_mb: int = 0
    batch: dict[str, Any] = field(default_factory=dict)

    def after_fold(self, told: Mapping[str, Any]) -> "Trial":
        """Return the trial with what a worker told of one more fold."""
        done = len(self.fold_scores) + 1
        return replace(
            self,
            fold_scores=(*self.fold_scores, told["score"]),
            fold_seconds=(*self.fold_seconds, told["seconds"]),
            train_scores=(*self.train_scores, told.get("train_score")),
            predict_seconds=self.predict_seconds + told["predict_seconds"],
            rounds=(*self.rounds, told["rounds"]) if told["rounds"] is not None else self.rounds,
            size_bytes=_running_mean(self.size_bytes, told.get("size_bytes"), done, whole=True),
            latency_ms=_running_mean(self.latency_ms, told.get("latency_ms"), done),
            device_mb=max(self.device_mb, told.get("device_mb") or 0),
            note="; ".join(dict.fromkeys([*filter(None, self.note.split("; ")), *told.get("notes", ())])),
        )

    @property
    def work_seconds(self) -> float:
        """Return the seconds it took; of a trial that trained beside others, its share of them."""
        return float(self.batch["seconds"]) if self.batch else self.seconds

    def record(self) -> dict[str, Any]:
        """Return the trial as JSON values."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Trial":
        """Return the trial of a record; values that this version does not know are left out. Raises KeyError, TypeError, ValueError."""
        known = {f.name for f in fields(cls)}
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items() if k in known}
        values["state"] = State(record["state"])
        return cls(**values)


@dataclass
class Study:
    """All trials of a run, best first by `ranked`; `greater_is_better` is the metric's direction.

    `objectives` are what is traded off; of trials equal in score the cheaper one is the better, in the order of these.
    `pooled`: a trial is scored on the predictions of all folds at once, so one that did not finish has no score.
    """

    greater_is_better: bool
    n_folds: int
    trials: list[Trial] = field(default_factory=list)
    stopped: str = ""
    pooled: bool = False
    objectives: tuple[str, ...] = ("score",)

    def ranked(self) -> list[Trial]:
        """Return the complete trials, best first, without references; ties go to the cheaper one where cost is an objective, then to the earlier."""
        return self._sorted(self.own())

    def references(self) -> list[Trial]:
        """Return the complete references, best first."""
        return self._sorted([t for t in self.trials if t.reference])

    def own(self) -> list[Trial]:
        """Return the trials of the search, without the references that it is compared with."""
        return [t for t in self.trials if not t.reference]

    def _sorted(self, trials: list[Trial]) -> list[Trial]:
        done = [t for t in trials if t.state == State.OK and t.score is not None]
        return sorted(done, key=lambda t: (-t.score if self.greater_is_better else t.score, *self._costs(t), t.number))  # type: ignore[operator]

    def _costs(self, trial: Trial) -> tuple[float, ...]:
        """Return ms of one row and bytes, as far as these are objectives; what was not measured counts as dear."""
        found = [{"latency": trial.latency_ms, "size": trial.size_bytes}[name] for name in self.objectives if name != "score"]
        return tuple(math.inf if value is None else float(value) for value in found)

    def usable(self) -> list[Trial]:
        """Return the trials a model can be made of, best first.

        Complete trials by their score. One that did not finish stands before them when, on the folds it did, it is better
        than the best complete one by more than that one's spread; without a complete one, trials are compared on the folds
        that all of them did. Without scores of folds (`pooled`) those that did not finish stand in their own order.
        """
        ranked = self.ranked()
        partial = [t for t in self.own() if t.state != State.OK and any(self.pooled or s is not None for s in t.fold_scores)]
        sign = 1.0 if self.greater_is_better else -1.0
        if not ranked:
            least = min((len(t.fold_scores) for t in partial), default=0)
            return sorted(partial, key=lambda t: (-sign * _mean(t.fold_scores[:least]), t.number))
        best = ranked[0]
        ahead = [
            t for t in partial
            if sign * (_mean(t.fold_scores) - _mean(best.fold_scores[: len(t.fold_scores)])) > (best.spread or 0.0)
        ]  # fmt: skip
        return sorted(ahead, key=lambda t: -sign * _mean(t.fold_scores)) + ranked

    def counts(self) -> dict[str, int]:
        """Return how many trials completed, were pruned and failed, and how many of the last the end of the search cut; references are no trials."""
        own = self.own()
        return {
            "complete": sum(t.state == State.OK for t in own),
            "pruned": sum(t.state == State.PRUNED for t in own),
            "failed": sum(t.state not in NOT_FAILED for t in own),
            **({"cut": cut} if (cut := sum(t.state == State.TIMEOUT and t.cause == NO_TIME for t in own)) else {}),
        }


def _mean(scores: tuple[float | None, ...]) -> float:
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known else 0.0


def _running_mean(mean: float | None, value: float | None, n: int, whole: bool = False) -> Any:
    """Return the mean of n values from that of n - 1 and the last one."""
    if value is None:
        return mean
    now = value if mean is None else mean + (value - mean) / n
    return round(now) if whole else now


def with_score(trial: Trial) -> Trial:
    """Return the trial with mean and standard deviation over its folds filled in; a pooled score stays as it is."""
    scores = tuple(score if score is not None and score == score else None for score in trial.fold_scores)
    trial = replace(trial, fold_scores=scores)
    known = [score for score in scores if score is not None]
    n = len(known)
    if n == 0:
        return trial
    mean = sum(known) / n
    spread = (sum((s - mean) ** 2 for s in known) / (n - 1)) ** 0.5 if n > 1 else None
    return replace(trial, score=mean, spread=spread)

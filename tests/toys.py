"""Small stand-ins that several rooms of tests share: a plan, a store, trials, and an executor that plays a script."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.space import Float, Space
from automl.inference.table import Field
from automl.plan.candidates import CandidateFamily
from automl.plan.plan import Plan
from automl.search.store import Store
from automl.search.study import Trial
from automl.search.workers.local import Event, Limits
from automl.testing.contract import FIELDS, sample
from automl.vocabulary import State

LINEAR = "automl.families.classifiers.logistic_regression:FAMILY"


def toy_plan(**changes: Any) -> Plan:
    """Return a plan of two classes and one family; `changes` replace its values."""
    values: dict[str, Any] = {
        "task": "classification", "metric": "roc_auc", "greater_is_better": True, "also_report": ("log_loss", "accuracy"), "positive": 1, "n_outputs": 2,
        "seed": 0, "fields": FIELDS, "candidates": (CandidateFamily("linear", LINEAR, Space({"C": Float(1e-3, 1e3, 1.0, log=True)}), "cpu"),),
        "n_rows": 80, "n_folds": 2, "pooled": False, "growth": 2.0, "seconds": 60.0, "max_trials": None, "stop_after_no_gain": 60, "workers": 1, "threads_per_trial": 1, "cores": 1,
        "memory_mb_per_worker": 4000, "precisions": ("float32", "float16", "int8"), "max_drop": 0.005, "prefer": "smallest", "decisions": (),
    }  # fmt: skip
    return Plan(**{**values, **changes})


def toy_store(folder: Path, n_rows: int = 80, n_classes: int = 2, fields: tuple[Field, ...] = FIELDS) -> Store:
    """Write a store of two folds; the last tenth of its rows are in none, as a holdout would be."""
    table, y = sample(n_rows, n_classes)
    train = np.arange(n_rows - n_rows // 10)
    folds = [(train[train // n_classes % 2 != k], train[train // n_classes % 2 == k]) for k in (0, 1)]
    return Store.create(folder, table, fields, y, train, folds)


def toy_trial(number: int = 1, score: float | None = 0.8, **changes: Any) -> Trial:
    """Return a trial that ended well."""
    values: dict[str, Any] = {"number": number, "family": "linear", "params": {"C": 1.0}, "device": "cpu", "state": State.OK, "score": score}
    return Trial(**{**values, **changes})


Outcome = list[dict[str, Any]]


def ends_ok(*scores: float, seconds: float = 0.01) -> Outcome:
    """Return what a job sends that scores its folds and leaves in order."""
    folds = [
        {
            "kind": "fold",
            "fold": i,
            "score": s,
            "seconds": seconds,
            "predict_seconds": 0.001,
            "rounds": None,
            "feature_seconds": 0.0,
            "score_seconds": 0.0,
            "cut": False,
        }
        for i, s in enumerate(scores)
    ]
    return [*folds, {"kind": "exited", "status": 0, "peak_memory_mb": 7}]


def ends_badly(status: int = signal.SIGKILL) -> Outcome:
    """Return what the executor says of a job that was killed."""
    return [{"kind": "exited", "status": status, "peak_memory_mb": 7}]


class Script:
    """An executor without processes: each job gets what `play(position)` says; an outcome without an exit runs until it is cancelled."""

    def __init__(self, play: Callable[[int], Outcome], slots: int = 1) -> None:
        self.play, self.slots = play, slots
        self.submitted: list[tuple[str, Path]] = []
        self.running: dict[str, int] = {}
        self.cancelled: list[str] = []
        self._pending: list[Event] = []
        self.most_at_once = 0
        self.said: list[tuple[str, bool, dict[str, Any]]] = []
        self.limits: dict[str, Limits] = {}
        self._dropped: set[str] = set()

    def put(self, folder: Path) -> str:
        return str(folder)

    def admit(self, job: str, **message: Any) -> None:
        self.said.append((job, True, message))

    def evict(self, job: str, **message: Any) -> None:
        """What the job had still to say is not said; it ends in order."""
        self.said.append((job, False, message))
        self._dropped.add(job)

    def limit(self, job: str, limits: Limits) -> None:
        self.limits[job] = limits

    def submit(self, name: str, path: Path, limits: Limits | None = None) -> None:
        self.limits[name] = limits or Limits()
        pid = 1000 + len(self.submitted)
        self.running[name] = pid
        self.most_at_once = max(self.most_at_once, len(self.running))
        for data in [{"kind": "started", "pid": pid}, *self.play(len(self.submitted))]:
            self._pending.append(Event(data["kind"], name, {**data, "id": name}))
        self.submitted.append((name, path))

    def cancel(self, job: str) -> None:
        if job in self.running:
            self.cancelled.append(job)
            self._pending.append(Event("exited", job, {"id": job, "kind": "exited", "status": signal.SIGKILL, "peak_memory_mb": 0}))

    def events(self, timeout: float) -> list[Event]:
        while self._pending:
            event = self._pending.pop(0)
            if event.job in self._dropped and event.kind != "exited":
                continue
            if event.kind == "exited":
                self.running.pop(event.job, None)
            return [event]
        return []

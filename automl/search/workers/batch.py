"""Several trials as one training inside a worker: a fit for each trial and fold, side by side, and each trial told as soon as it ends."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from automl.errors import AutoMLError
from automl.families.base import Family, FitData, Progress, Watch
from automl.hardware import of_memory, peak_mb
from automl.plan.batching import gain
from automl.registry import resolve
from automl.rundir import is_full
from automl.search.store import Store
from automl.search.workers.fitting import fit_data, limited, moment
from automl.search.workers.job import Send, Told, log_fault
from automl.search.workers.trial import FoldRows, Record


def run_batch(job: dict[str, Any], send: Send, told: Told) -> None:
    """Fit all folds of all trials of a job at once; a trial's folds are announced in their order, and then its end, while others go on.

    A fault of one trial ends that one; a fault of the training itself ends the job, and the trials that had not ended are the driver's to try
    again. A trial that the driver gives up is dropped.
    """
    family: Family = resolve(job["family"])  # type: ignore[assignment]
    assert family.together is not None, f"{job['name']} cannot train side by side"
    batch = _Batch(job, family, Store.open(Path(job["store"])), send, told)
    first = batch.rows(0, job["trials"][0]["params"]).context
    with limited(first.threads):
        estimators, data = batch.begin()
        family.together.fit_many(estimators, data, Progress(batch.deadline), Watch(batch.ended, batch.wanted))


class _Batch:
    """The trials of a job and what became of them; a unit is a trial on a fold."""

    def __init__(self, job: dict[str, Any], family: Family, store: Store, send: Send, told: Told) -> None:
        self.job, self.family, self.store, self.send, self.told = job, family, store, send, told
        self.deadline = moment(job["trials"][0].get("deadline"))
        self.soft = np.load(job["soft"], mmap_mode="r") if job.get("soft") else None
        self.members: dict[int, dict[str, Any]] = {member["number"]: member for member in job["trials"]}
        self.records = {number: Record(job, member, family, store) for number, member in self.members.items()}
        self.units: list[tuple[int, int]] = []
        self.estimators: list[Any] = []
        self.waiting: dict[int, dict[int, tuple[int, float]]] = {number: {} for number in self.members}  # of each trial: fold, unit, seconds
        self.done: dict[int, int] = dict.fromkeys(self.members, 0)  # folds announced
        self.spent: dict[int, float] = dict.fromkeys(self.members, 0.0)  # seconds of the device, shared by those beside
        self.over: set[int] = set()
        self.training: set[int] = set()
        self.clock, self.began = 0.0, time.monotonic()  # the clock: seconds that each unit had so far, where all share alike
        self.last = self.began
        self._rows: dict[tuple[str, int], FoldRows] = {}
        self._data: dict[tuple[str, int], FitData] = {}

    def rows(self, fold: int, params: Mapping[str, Any]) -> FoldRows:
        """Return the rows of a fold; those of models with the same needs are one object."""
        key = (self.family.needs_of(params).key(), fold)
        if key not in self._rows:
            self._rows[key] = FoldRows.of(self.job, self.family, self.store, fold, dict(params))
        return self._rows[key]

    def data(self, fold: int, params: Mapping[str, Any]) -> FitData:
        """Return the rows to learn from and to stop on of a fold, one object as well."""
        key = (self.family.needs_of(params).key(), fold)
        if key not in self._data:
            rows = self.rows(fold, params)
            self._data[key] = fit_data(self.family, self.job, rows.context, rows.x, self.store.y[rows.learn], *rows.about(self.store, self.soft))
        return self._data[key]

    def begin(self) -> tuple[list[Any], list[FitData]]:
        """Return an estimator and the rows for each unit; a trial that cannot be built is over."""
        data = []
        for number, member in self.members.items():
            params = member["params"]
            try:
                built = [self.family.build(params, self.rows(fold, params).context) for fold in range(len(self.store.folds))]
            except Exception as fault:
                self._failed(number, fault)
                continue
            self.units += [(number, fold) for fold in range(len(built))]
            self.estimators += built
            data += [self.data(fold, params) for fold in range(len(built))]
        self.training, self.began = set(range(len(self.units))), time.monotonic()
        self.clock, self.last = 0.0, self.began
        return self.estimators, data

    def wanted(self, unit: int) -> bool:
        """Return whether a unit should go on; what the driver said meanwhile is heard first."""
        while answer := self.told(wait=False):
            for number in self.members if "trial" not in answer else [answer["trial"]]:
                if not answer.get("go") and number not in self.over:
                    self._end(number)
        return self.units[unit][0] not in self.over

    def ended(self, unit: int) -> None:
        """Take a fit that is ready; announce the folds of its trial as far as their order goes, and its end after the last."""
        number, fold = self.units[unit]
        self._leave([unit])
        self.waiting[number][fold] = (unit, self._alone(unit, self.clock, time.monotonic() - self.began))
        if number in self.over:
            return
        try:
            self._announce(number)
        except Exception as fault:
            self._failed(number, fault)
        self.last = time.monotonic()  # to score a model is no training

    def _leave(self, units: Sequence[int]) -> None:
        """Count the seconds of units that train no longer: all that train share the time between two ends evenly."""
        now = time.monotonic()
        self.clock += (now - self.last) / max(1, len(self.training))
        self.last = now
        for unit in self.training.intersection(units):
            self.spent[self.units[unit][0]] += self.clock
            self.training.remove(unit)

    def _alone(self, unit: int, share: float, wall: float) -> float:
        """Return about the seconds that a fit would have taken by itself: never more than it took beside others."""
        number, fold = self.units[unit]
        assert self.family.together is not None
        context = self.rows(fold, self.members[number]["params"]).context
        return min(wall, share * gain(self.family.together.work(context, self.members[number]["params"]), len(self.units), context.device))

    def _announce(self, number: int) -> None:
        waiting, record, params = self.waiting[number], self.records[number], self.members[number]["params"]
        while (fold := self.done[number]) in waiting:
            unit, seconds = waiting.pop(fold)
            rows, estimator = self.rows(fold, params), self.estimators[unit]
            packet = record.take(fold, rows, estimator, self.family.export(estimator, rows.context), seconds + rows.seconds, time.monotonic() >= self.deadline)
            self.done[number] += 1
            self.send({**packet, "trial": number})
            if self.done[number] == len(self.store.folds):
                if self.job.get("pooled"):
                    self.send({**record.pooled(), "trial": number})
                self._end(number, getattr(estimator, "ledger", None))

    def _end(self, number: int, ledger: Any = None) -> None:
        """Say that a trial is over, and what it took of the device."""
        self.over.add(number)
        self._leave([unit for unit, (of, _) in enumerate(self.units) if of == number])
        facts = {
            "job": self.job["trials"][0]["number"], "trials": len(self.members), "slots": len(self.units), "seconds": round(self.spent[number], 4),
            "device": getattr(ledger, "device", self.job["context"]["device"]), "peak_mb": getattr(ledger, "peak_mb", 0),
            "at_once": getattr(ledger, "slots", len(self.units)), "notes": list(getattr(ledger, "notes", ())),
        }  # fmt: skip
        self.send({"kind": "ended", "trial": number, "batch": facts, "peak_memory_mb": round(peak_mb())})

    def _failed(self, number: int, fault: Exception) -> None:
        """Say that a trial is over by a fault of its own. A full disk is nobody's fault and ends the job."""
        log_fault()
        if isinstance(fault, OSError) and is_full(fault, Path(self.members[number]["folder"])):
            raise fault
        short = (fault.problem if isinstance(fault, AutoMLError) else f"{type(fault).__name__}: {fault}").splitlines()[0][:300]
        memory = isinstance(fault, MemoryError) or of_memory(short)
        self.send({"kind": "fault", "trial": number, "state": "memory" if memory else "error", "cause": short})
        self._end(number)

"""A pool of fits in processes of their own: each is killed past its deadline or its memory, and its siblings go on."""

import contextlib
import itertools
import json
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families import FAMILIES
from automl.inference.storage import read_form
from automl.rundir import refused
from automl.search.fits import Fit, Fitted
from automl.search.outcome import disk_full, faulty, forced, verdict
from automl.search.workers.fits import LABELS, MATRIX
from automl.search.workers.local import Event, Limits, LocalExecutor
from automl.vocabulary import State

MOST_FITS = 200  # of one process, before another takes its place: what libraries leave behind adds up
JOBS = itertools.count(1)  # of all pools: the end of a process is told late at times, and must not be taken for that of another pool's
NO_TIME = "no time was left"


@dataclass
class _Asked:
    """A fit that waits or runs; `attempt` counts, as one whose process was killed from outside is tried again once."""

    number: int
    fit: Fit
    deadline: float
    attempt: int = 1


@dataclass
class _Worker:
    job: str
    pid: int = 0
    fits: int = 0
    asked: _Asked | None = None
    began: float = 0.0
    memory: str = ""
    told: bool = False


@dataclass(frozen=True)
class Begun:
    """A fit that a process took up: its number in the pool, and the process."""

    number: int
    fit: Fit
    pid: int


@dataclass
class ProcessPool:
    """Runs fits of a task in up to `slots` processes of the executor; `folder` is where matrices and results lie, and is its own.

    `end` (time.monotonic()) is the moment past which nothing runs, whatever a fit's own deadline. `on_begin` is told when a
    process takes a fit up; once `ended` says so, what runs and waits is cancelled. Families that can use `device` may do so.
    The processes stay from fit to fit, so that a fit costs little beside itself.
    """

    task: str
    executor: LocalExecutor
    folder: Path
    log: Path
    threads: int = 1
    memory_mb: int = 4000
    end: float = float("inf")
    on_begin: Callable[[Begun], None] = lambda begun: None
    ended: Callable[[], bool] = lambda: False
    device: str = "cpu"
    peak_memory_mb: int = 0
    _queue: deque[_Asked] = field(default_factory=deque)
    _workers: dict[str, _Worker] = field(default_factory=dict)
    _done: list[Fitted] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _count: int = 0

    def __post_init__(self) -> None:
        with refused(self.folder, what="write the rows for the workers"):
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)

    @property
    def slots(self) -> int:
        """Return how many fits run at once."""
        return self.executor.slots

    def put(self, name: str, x: NDArray[np.float32], y: NDArray[np.int64] | None = None) -> None:
        """Make a matrix known under a name that was not used before. Raises ValueError, EnvironmentFault."""
        if name in self._names:
            raise ValueError(f"the matrix `{name}` is there already")
        place = self.folder / name
        with refused(place, x.nbytes, what="write the rows for the workers"):
            place.mkdir()
            np.save(place / MATRIX, np.ascontiguousarray(x, dtype=np.float32))
            if y is not None:
                np.save(place / LABELS, np.asarray(y, dtype=np.int64))
        self._names.add(name)

    def submit(self, fit: Fit, deadline: float = float("inf")) -> None:
        """Queue a fit on a matrix that is known."""
        if fit.data not in self._names:
            raise ValueError(f"there is no matrix `{fit.data}`")
        self._count += 1
        self._queue.append(_Asked(self._count, fit, min(deadline, self.end)))
        self._hand_out()

    def pending(self) -> int:
        """Return how many fits were submitted and have not come back."""
        return len(self._queue) + sum(w.asked is not None for w in self._workers.values()) + len(self._done)

    def results(self, timeout: float) -> list[Fitted]:
        """Return what ended, waiting up to `timeout` seconds for the first of it."""
        until = time.monotonic() + timeout
        while True:
            if self.ended():
                self._cancel()
            self._hand_out()
            if self._done:
                out, self._done = self._done, []
                return out
            left = until - time.monotonic()
            if left < 0 or not any(w.asked for w in self._workers.values()):
                return []
            for event in self.executor.events(min(left, 0.25)):
                self._take(event)

    def close(self) -> None:
        """End all processes and forget what waits."""
        self._queue.clear()
        for worker in self._workers.values():
            self.executor.cancel(worker.job)
        end = time.monotonic() + 2.0
        while self._workers and time.monotonic() < end:
            for event in self.executor.events(0.1):
                if event.kind == "exited":
                    self._workers.pop(event.job, None)
        self._workers.clear()

    def _cancel(self) -> None:
        """End what runs, and give back all that was asked for as cancelled."""
        asked = [*(w.asked for w in self._workers.values() if w.asked is not None), *self._queue]
        self.close()
        self._done += [Fitted(a.fit, State.CANCELLED, 0.0, cause="stopped by the user") for a in asked]

    def _hand_out(self) -> None:
        while self._queue:
            now = time.monotonic()
            if now >= self._queue[0].deadline:
                late = self._queue.popleft()
                self._done.append(Fitted(late.fit, State.TIMEOUT, 0.0, cause=NO_TIME))
                continue
            worker = next((w for w in self._workers.values() if w.asked is None), None)
            if worker is None:
                if len(self._workers) >= self.slots:
                    return
                worker = self._start()
            self._give(worker, self._queue.popleft(), now)

    def _start(self) -> _Worker:
        name = f"fits-{next(JOBS)}"
        path = self.folder / f"{name}.json"
        job = {
            "kind": "fits", "log": str(self.log), "folder": str(self.folder), "memory_mb": self.memory_mb,
            "families": {known: FAMILIES.locator(self.task, known) for known in FAMILIES.names(self.task)},
            "context": {"task": self.task, "device": self.device, "threads": self.threads},
        }  # fmt: skip
        with refused(path, what="start a worker"):
            path.write_text(json.dumps(job))
        worker = self._workers[name] = _Worker(name)
        self.executor.submit(name, path, Limits(float("inf"), self.memory_mb))
        return worker

    def _give(self, worker: _Worker, asked: _Asked, now: float) -> None:
        worker.asked, worker.began, worker.told = asked, now, False
        worker.fits += 1
        deadline = None if asked.deadline == float("inf") else asked.deadline
        self.executor.limit(worker.job, Limits(asked.deadline, self.memory_mb))
        self.executor.admit(worker.job, number=asked.number, fit=asdict(asked.fit), deadline=deadline)
        self._tell(worker)

    def _tell(self, worker: _Worker) -> None:
        if worker.pid and worker.asked is not None and not worker.told:
            worker.told = True
            self.on_begin(Begun(worker.asked.number, worker.asked.fit, worker.pid))

    def _take(self, event: Event) -> None:
        worker, data = self._workers.get(event.job), event.data
        if worker is None:
            return
        if event.kind == "started":
            worker.pid = data["pid"]
            self._tell(worker)
        elif event.kind == "fault" and data.get("full"):
            raise disk_full(data)
        elif event.kind == "exited":
            self._left(worker, data)
        elif worker.asked is not None and data.get("number") == worker.asked.number:
            asked, seconds = worker.asked, time.monotonic() - worker.began
            worker.asked = None
            if event.kind == "fitted":
                self.peak_memory_mb = max(self.peak_memory_mb, data["peak_memory_mb"])
                self._done.append(self._read(asked, data))
            else:
                self._done.append(Fitted(asked.fit, State(data["state"]), seconds, cause=data["cause"]))
            if worker.fits >= MOST_FITS or data.get("state") == "memory":
                self._dismiss(worker)
            else:
                self.executor.limit(worker.job, Limits(float("inf"), self.memory_mb))

    def _dismiss(self, worker: _Worker) -> None:
        """Let a process end in good order; another takes its place when there is work."""
        del self._workers[worker.job]
        self.executor.evict(worker.job)

    def _left(self, worker: _Worker, data: dict[str, Any]) -> None:
        """Take in that a process ended, with the fit it was at."""
        del self._workers[worker.job]
        self.peak_memory_mb = max(self.peak_memory_mb, int(data.get("peak_memory_mb", 0)))
        asked = worker.asked
        if asked is None:
            return
        state, cause = forced(data, self.memory_mb) or verdict(data["status"], complete=False)
        if state == State.KILLED and faulty(cause) and asked.attempt == 1:
            self._queue.appendleft(_Asked(asked.number, asked.fit, asked.deadline, 2))
            return
        self._done.append(Fitted(asked.fit, state, time.monotonic() - worker.began, cause=cause))

    def _read(self, asked: _Asked, data: dict[str, Any]) -> Fitted:
        """Read what a fit left in the folder, and remove it there."""
        output, form, facts = (self.folder / f"{asked.number}.{suffix}" for suffix in ("npy", "safetensors", "json"))
        with refused(output, what="read what a worker found"):
            found = Fitted(
                asked.fit, State.OK, data["seconds"], np.load(output), read_form(form) if data["form"] else None,
                facts=json.loads(facts.read_text()) if facts.exists() else {},
            )  # fmt: skip
        for path in (output, form, facts):
            with contextlib.suppress(OSError):
                path.unlink()
        return found

"""The local executor: starts jobs as processes of this machine, reports what they say and how they end."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automl.errors import EnvironmentFault
from automl.hardware import descendants, own_memory_mb
from automl.search.workers.zygote import PACKET

PRELOAD = ("automl.search.workers.trial", "automl.search.workers.refit", "sklearn.linear_model", "sklearn.ensemble")


GRACE_SECONDS = 1.0  # between the deadline of a job and its end by force
LOOK_SECONDS = 0.2  # between looks at the memory of running jobs


@dataclass(frozen=True)
class Limits:
    """What a job may take: it is ended a second after `deadline` (time.monotonic()), and when its own memory passes `memory_mb`."""

    deadline: float = float("inf")
    memory_mb: int | None = None


@dataclass(frozen=True)
class Event:
    """Something a job did: kind is started, exited, or what the job itself sent; `data` is the whole packet.

    An exit that a limit forced has `limit` in its data: "deadline" or "memory".
    """

    kind: str
    job: str
    data: dict[str, Any]


@dataclass
class LocalExecutor:
    """Runs up to `slots` jobs at once; each is a fresh process that can be killed without harm to its siblings.

    A job holds one trial, or several that share a device; its packets say which they are about. An engine that works on
    other machines has the same methods: slots, put, submit, events, admit, evict, cancel, close.
    """

    slots: int
    preload: tuple[str, ...] = ()
    running: dict[str, int] = field(default_factory=dict)
    _limits: dict[str, Limits] = field(default_factory=dict)
    _forced: dict[str, str] = field(default_factory=dict)
    _looked: float = 0.0
    _process: "subprocess.Popen[bytes] | None" = None
    _link: socket.socket | None = None
    _restarts: int = 0
    _cancelled: set[str] = field(default_factory=set)

    def start(self) -> "LocalExecutor":
        """Start the process that jobs are forked from; returns at once, its imports run beside the caller."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {
            **os.environ,
            # one thread until a fit asks for more, and no spinning while it waits: two busy pools on two cores were
            # measured 25 times slower with the default
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE",
            "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        }  # fmt: skip
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "automl.search.workers.zygote", str(theirs.fileno()), str(os.getpid()), *PRELOAD, *self.preload],
                pass_fds=[theirs.fileno()], env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as fault:
            raise EnvironmentFault(f"cannot start a worker process: {fault.strerror}") from fault
        theirs.close()
        self._link = ours
        return self

    def slots_for(self, workers: int) -> int:
        """Return how many jobs run at once where the plan has so many workers."""
        return workers

    def put(self, folder: Path) -> str:
        """Make a folder of data known to all slots and return what jobs call it: here, its path."""
        return str(folder)

    def submit(self, name: str, path: Path, limits: Limits | None = None) -> None:
        """Start the job whose description lies at `path`."""
        self.running[name] = 0
        self._limits[name] = limits or Limits()
        self._say({"id": name, "path": str(path)})

    def admit(self, job: str, **message: Any) -> None:
        """Tell a job that waits to go on with its next unit of work; `message` says what it should know of it."""
        self._say({"to": job, "message": {"go": True, **message}})

    def evict(self, job: str, **message: Any) -> None:
        """Tell a job that waits to end in good order with what it has."""
        self._say({"to": job, "message": {"go": False, **message}})

    def limit(self, job: str, limits: Limits) -> None:
        """Change what a running job may take."""
        if job in self.running:
            self._limits[job] = limits

    def _say(self, packet: dict[str, Any]) -> None:
        assert self._link is not None, "start() comes first"
        with contextlib.suppress(OSError):  # a dead zygote shows as an end of its socket in `events`
            self._link.send(json.dumps(packet).encode())

    def _enforce(self) -> None:
        """End jobs that passed a limit."""
        now = time.monotonic()
        look = now - self._looked >= LOOK_SECONDS
        for job, pid in self.running.items():
            limits = self._limits.get(job, Limits())
            if job in self._forced or not pid:
                continue
            if now > limits.deadline + GRACE_SECONDS:
                self._forced[job] = "deadline"
            elif look and limits.memory_mb is not None and own_memory_mb(pid) > limits.memory_mb:
                self._forced[job] = "memory"
            if job in self._forced:
                self.cancel(job)
        self._looked = now if look else self._looked

    def events(self, timeout: float) -> list[Event]:
        """Return what happened, waiting up to `timeout` seconds for the first of it."""
        assert self._link is not None, "start() comes first"
        found: list[Event] = []
        end = time.monotonic() + timeout
        while True:
            self._enforce()
            left = 0.0 if found else max(0.0, end - time.monotonic())
            ready, _, _ = select.select([self._link], [], [], min(left, LOOK_SECONDS))
            if not ready:
                if left > LOOK_SECONDS:
                    continue
                return found
            try:
                packet = self._link.recv(PACKET)
            except OSError:
                packet = b""
            if not packet:
                return found + self._revive()
            data = json.loads(packet)
            kind, job = data["kind"], data["id"]
            if kind == "started":
                if job in self.running:
                    self.running[job] = data["pid"]
                    if job in self._cancelled:
                        self.cancel(job)
            elif kind == "exited":
                self.running.pop(job, None)
                self._limits.pop(job, None)
                self._cancelled.discard(job)
                if job in self._forced:
                    data["limit"] = self._forced.pop(job)
            found.append(Event(kind, job, data))

    def _revive(self) -> list[Event]:
        """Start a new zygote after the old one died; what it was running is reported as killed."""
        lost = [Event("exited", job, {"pid": pid, "status": signal.SIGKILL, "peak_memory_mb": 0}) for job, pid in self.running.items()]
        self.running.clear()
        self._limits.clear()
        self._forced.clear()
        self._restarts += 1
        if self._restarts > 3:
            raise EnvironmentFault("the worker process keeps dying", fix="see run.log; is the machine short of memory?")
        self.close()
        self.start()
        return lost

    def cancel(self, job: str) -> None:
        """Kill a job's process and all it started; one that has not started yet is killed as soon as it has."""
        self._cancelled.add(job)
        pid = self.running.get(job, 0)
        if not pid:
            return
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it has not made its own group yet, or is gone
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill what runs and end the zygote; leaves no process behind."""
        started = descendants(self._process.pid) if self._process is not None and self.running else []
        for job in list(self.running):
            self.cancel(job)
        if self._link is not None:
            self._link.close()
            self._link = None
        if self._process is not None:
            self._process.kill()
            for pid in started:  # those in sessions of their own, which no group holds
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

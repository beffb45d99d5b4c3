"""An executor that works in the caller's own process, a thread per job: for small fits, where starting processes would cost more than the work."""

import json
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from automl.errors import AutoMLError
from automl.hardware import of_memory
from automl.registry import resolve
from automl.search.workers.job import KINDS
from automl.search.workers.local import Event, Limits, LocalExecutor

FAILED = 1 << 8  # the status of a process that ended with exit code 1


class InlineExecutor(LocalExecutor):
    """Runs jobs as LocalExecutor does and keeps none of its guards: a fit cannot be killed, its memory is the caller's, a crash is the caller's.

    One job runs at a time, so that a run is the same whenever it is repeated. A cancelled job is let go: what it still says is not heard.
    """

    def __init__(self) -> None:
        super().__init__(1)
        self._packets: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
        self._inbox: dict[str, queue.SimpleQueue[dict[str, Any]]] = {}
        self._deaf: set[str] = set()

    def start(self) -> "InlineExecutor":
        """Return itself: there is nothing to start."""
        return self

    def slots_for(self, workers: int) -> int:
        """Return one, however many the plan has."""
        return 1

    def submit(self, name: str, path: Path, limits: Limits | None = None) -> None:
        """Start the job whose description lies at `path`."""
        self.running[name] = os.getpid()
        self._deaf.discard(name)
        self._inbox[name] = queue.SimpleQueue()
        threading.Thread(target=self._work, args=(name, path, self._inbox[name]), daemon=True).start()

    def _work(self, name: str, path: Path, inbox: "queue.SimpleQueue[dict[str, Any]]") -> None:
        def send(packet: dict[str, object]) -> None:
            self._packets.put((name, dict(packet)))

        def told(wait: bool = True) -> dict[str, Any]:
            try:
                return inbox.get(block=wait)
            except queue.Empty:
                return {}

        job = json.loads(path.read_text())
        send({"kind": "started", "pid": os.getpid()})
        status = 0
        try:
            run: Callable[[dict[str, Any], Any, Any], None] = resolve(KINDS[job["kind"]])  # type: ignore[assignment]
            run(job, send, told)
        except BaseException as fault:  # whatever a family raises ends its trial, not the run
            with Path(job["log"]).open("a", encoding="utf-8") as log:
                log.write(traceback.format_exc())
            said = fault.problem if isinstance(fault, AutoMLError) else f"{type(fault).__name__}: {fault}"
            said = said.splitlines()[0][:300]
            send({"kind": "fault", "state": "memory" if isinstance(fault, MemoryError) or of_memory(said) else "error", "cause": said})
            status = FAILED
        send({"kind": "exited", "pid": os.getpid(), "status": status, "peak_memory_mb": 0})

    def _say(self, packet: dict[str, Any]) -> None:
        if packet.get("to") in self._inbox:
            self._inbox[packet["to"]].put(packet["message"])

    def events(self, timeout: float) -> list[Event]:
        """Return what happened, waiting up to `timeout` seconds for the first of it."""
        found: list[Event] = []
        while True:
            try:
                name, data = self._packets.get(timeout=max(0.0, timeout)) if not found else self._packets.get_nowait()
            except queue.Empty:
                return found
            if name in self._deaf and not data.get("forced"):
                continue
            if data["kind"] == "exited":
                self.running.pop(name, None)
            found.append(Event(data["kind"], name, data))

    def cancel(self, job: str) -> None:
        """Let a job go: it is told to end where it asks, and counts as ended now."""
        if job in self.running and job not in self._deaf:
            self._deaf.add(job)
            self._inbox[job].put({"go": False})
            self._packets.put((job, {"kind": "exited", "pid": os.getpid(), "status": int(signal.SIGKILL), "peak_memory_mb": 0, "forced": True}))

    def close(self) -> None:
        """Let go of what runs."""
        for job in list(self.running):
            self.cancel(job)

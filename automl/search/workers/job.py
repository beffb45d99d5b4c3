"""What runs inside a worker: reads what is asked, limits its own memory, and tells every fault as one packet."""

import contextlib
import faulthandler
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from automl.errors import AutoMLError
from automl.hardware import of_memory
from automl.registry import resolve
from automl.rundir import is_full, shown

Send = Callable[[dict[str, object]], None]
Told = Callable[..., dict[str, Any]]

MOST_TRACEBACK = 20_000  # characters of one that are kept in the log

KINDS = {
    "trial": "automl.search.workers.trial:run_trials",
    "batch": "automl.search.workers.batch:run_batch",
    "refit": "automl.search.workers.refit:run_refit",
    "fits": "automl.search.workers.fits:run_fits",
    "diagnose": "automl.search.workers.diagnose:run_diagnose",
}


def run_job(path: str, send: Send, told: Told) -> int:
    """Run the job described at `path`; return the exit code. Faults are sent as a packet, their traceback goes to the log.

    `told` waits for what the driver has to say to this job; `told(wait=False)` returns at once, nothing where nothing was said.
    """
    job = json.loads(Path(path).read_text())
    with contextlib.suppress(OSError):  # a full disk shows soon enough
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        faulthandler.enable(all_threads=False)  # what a library crashed in stands in the log then
    try:
        _limit_memory(job.get("memory_mb"), job["context"]["device"])
        run: Callable[[dict[str, Any], Send, Told], None] = resolve(KINDS[job["kind"]])  # type: ignore[assignment]
        run(job, send, told)
    except MemoryError:
        send({"kind": "fault", "state": "memory", "cause": f"needed more than the {job.get('memory_mb')} MB a worker may use"})
        return 1
    except Exception as fault:
        log_fault()
        if isinstance(fault, OSError) and is_full(fault, Path(path)):  # no fault of the trial: the run must stop
            send({"kind": "fault", "state": "error", "cause": "the disk is full: a trial cannot write what it found", "full": shown(Path(path).parent)})
            return 1
        short = fault.problem if isinstance(fault, AutoMLError) else f"{type(fault).__name__}: {fault}"
        short = short.splitlines()[0][:300]
        send({"kind": "fault", "state": "memory" if of_memory(short) else "error", "cause": short})
        return 1
    return 0


def log_fault() -> None:
    """Write the traceback of the fault that is being handled to the log, as far as the disk takes it."""
    with contextlib.suppress(OSError):
        print(_cut(traceback.format_exc()), file=sys.stderr, flush=True)


def _cut(text: str) -> str:
    """Return a traceback, of which a message without measure is left out."""
    return text if len(text) <= MOST_TRACEBACK else f"{text[:MOST_TRACEBACK]} ... ({len(text) - MOST_TRACEBACK} more characters)"


def _limit_memory(limit_mb: int | None, device: str) -> None:
    if limit_mb and device == "cpu" and sys.platform == "linux":
        import resource

        # RLIMIT_DATA, not RLIMIT_AS: libraries reserve far more address space than they fill
        resource.setrlimit(resource.RLIMIT_DATA, (limit_mb << 20, limit_mb << 20))

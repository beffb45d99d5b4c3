"""How a worker's end is read: state and cause of a trial from a wait status, or from the limit that ended it."""

import os
import signal
from typing import Any

from automl.errors import EnvironmentFault
from automl.vocabulary import State

OUTSIDE = "from outside"


def signal_name(number: int) -> str:
    """Return the name of a signal; real-time ones have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def verdict(status: int, complete: bool) -> tuple[State, str]:
    """Return state and cause from a wait status; a process that left without its last fold is no success."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGKILL:
            return State.KILLED, f"the worker process was killed {OUTSIDE} by SIGKILL, likely because the machine ran out of memory"
        return State.KILLED, f"the worker process was killed by {signal_name(number)}"
    code = os.waitstatus_to_exitcode(status)
    if code == 0 and complete:
        return State.OK, ""
    return State.CRASHED, f"the worker process ended with code {code}" + (", before it had a result" if code == 0 else "")


def forced(data: dict[str, Any], memory_mb: int) -> tuple[State, str] | None:
    """Return state and cause where a limit ended the worker, None where it did not."""
    if data.get("limit") == "deadline":
        return State.TIMEOUT, "it went on past its deadline and was ended"
    if data.get("limit") == "memory":
        return State.MEMORY, f"needed more than the {memory_mb} MB a worker may use"
    return None


def faulty(cause: str) -> bool:
    """Return whether the cause of a kill lies outside the trial, so that it deserves another chance."""
    return OUTSIDE in cause


def disk_full(data: dict[str, Any]) -> EnvironmentFault:
    """Return the error for a fault packet of a worker that found the disk full: no fault of what it tried, and nothing else can go on."""
    return EnvironmentFault(data["cause"], data["full"], "free some space, then start the same command again: it goes on from here")

"""The lock of a run folder: held by the kernel for the process that runs, so that it ends with it, however that ends."""

import contextlib
import errno
import json
import os
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from automl.errors import EnvironmentFault
from automl.rundir.writing import shown

SECONDS = 0.5  # that a lock is waited for: the processes of a run that was just killed need a moment to be gone


@dataclass
class Lock:
    """A lock that is held; `before` says who held it last and did not give it back, `kept` is False where locks do not work."""

    handle: int
    before: str = ""
    kept: bool = True

    def release(self) -> None:
        """Give the lock back; the file stays, empty."""
        if self.handle < 0:
            return
        with contextlib.suppress(OSError):
            os.ftruncate(self.handle, 0)
        os.close(self.handle)  # ends the lock
        self.handle = -1


def acquire(path: Path) -> Lock:
    """Take the lock at `path`, whose folder is there. Raises EnvironmentFault when another process holds it, or there can be none.

    The descriptor is closed in programs that this process starts, so that no worker can outlive it with the lock in hand.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as fault:
        raise EnvironmentFault(f"cannot lock the run folder: {fault.strerror}", shown(path)) from fault
    kept = True
    end = time.monotonic() + SECONDS
    while True:
        try:
            _flock(handle)
            break
        except (BlockingIOError, PermissionError):
            if time.monotonic() < end:
                time.sleep(0.05)
                continue
            holder = _holder(handle)
            os.close(handle)
            raise EnvironmentFault(
                f"the run folder is in use {holder}".rstrip(), shown(path.parent), "wait for that run, stop it, or name another folder with --out"
            ) from None
        except OSError as fault:
            if fault.errno not in (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL):
                os.close(handle)
                raise EnvironmentFault(f"cannot lock the run folder: {fault.strerror}", shown(path)) from fault
            kept = False  # some network file systems have none
            break
    before = _holder(handle)
    said = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")}
    with contextlib.suppress(OSError):  # it is only for the message
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(said).encode(), 0)
    return Lock(handle, before, kept)


def _flock(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # not on this system
        raise OSError(errno.ENOSYS, "no file locks") from None
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(handle: int) -> str:
    """Return the words on whom a lock's content names; empty when it names nobody."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        said: dict[str, Any] = json.loads(os.pread(handle, 4096, 0))
        return f"by pid {said['pid']} on {said['host']} since {said['since']}"
    return ""

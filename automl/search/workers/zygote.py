"""The process that others are forked from: it imports the training libraries once, fits nothing, starts no thread.

Talks to the driver over one SOCK_SEQPACKET socket, a JSON object per packet. A job's process sends its own packets over
the same socket; packets are atomic, so a kill in the middle tears none. What the driver has to say to a job (`to` names
it) is handed on over a socket of the job's own.
"""

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from automl.hardware import megabytes

PACKET = 1 << 16
STRAY_ROUNDS = 20  # generations of processes that a job may leave behind


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when `parent` ends (Linux; elsewhere the socket's end is the sign)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it ended before the kernel was asked
            os._exit(1)


def adopt_orphans() -> None:
    """Ask the kernel to make this process the parent of what its children leave behind, so that it can end it (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


@dataclass
class _Child:
    """A job's process, as the zygote sees it: its name, and the socket on which it is spoken to."""

    job: str
    voice: socket.socket


def _fork(link: socket.socket, request: dict[str, str], running: dict[int, _Child]) -> None:
    """Start a job's process and note it in `running`."""
    parent = os.getpid()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid:
        theirs.close()
        ours.setblocking(False)
        running[pid] = _Child(request["id"], ours)
        return
    code = 70
    try:
        os.setsid()
        die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ours.close()
        for sibling in running.values():
            sibling.voice.close()
        if sys.platform == "linux":
            # where memory runs out, the kernel should take a trial and not the run
            with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as out:  # noqa: PTH123
                out.write("800")
        from automl.search.workers.job import run_job

        code = run_job(request["path"], lambda message: _send(link, {**message, "id": request["id"]}), lambda wait=True: _told(theirs, wait))
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:  # whatever happens, this copy of the zygote must end here
        import traceback

        with contextlib.suppress(OSError):
            traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):  # where a full disk takes nothing more
                stream.flush()
        os._exit(code)


def _send(link: socket.socket, message: dict[str, object]) -> None:
    link.send(json.dumps(message).encode()[: PACKET - 1])


def _told(voice: socket.socket, wait: bool = True) -> dict[str, Any]:
    """Wait for what the driver says to this job; nothing once there is nobody to say it, or where it says nothing now and need not be waited for."""
    try:
        packet = voice.recv(PACKET, 0 if wait else socket.MSG_DONTWAIT)
    except BlockingIOError:
        packet = b""
    message: dict[str, Any] = json.loads(packet) if packet else {}
    return message


def _hand_on(request: dict[str, Any], running: dict[int, _Child]) -> None:
    """Hand what the driver says on to the job it is meant for; one that has just ended needs no answer."""
    for child in running.values():
        if child.job == request["to"]:
            with contextlib.suppress(OSError):
                child.voice.send(json.dumps(request["message"]).encode())


def _reap(link: socket.socket, running: dict[int, _Child]) -> None:
    for pid in list(running):
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            child = running.pop(pid)
            _end_what_it_started(pid, running)
            child.voice.close()
            _send(link, {
                "kind": "exited", "id": child.job, "pid": pid, "status": status, "peak_memory_mb": round(megabytes(usage.ru_maxrss)),
                "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 4),
            })  # fmt: skip


def _end_what_it_started(pid: int, running: dict[int, _Child]) -> None:
    """End the processes that a job left: those of its group, and those in sessions of their own, which are this one's children now."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    for _ in range(STRAY_ROUNDS):  # each round orphans the next generation
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as listed:  # noqa: PTH123
                strays = [int(word) for word in listed.read().split() if int(word) not in running]
        except OSError:  # not Linux, or a kernel that does not list them
            return
        for stray in strays:
            with contextlib.suppress(OSError):
                os.kill(stray, signal.SIGKILL)
                os.waitpid(stray, 0)
        if not strays:
            return


def main(descriptor: int, parent: int, preload: list[str]) -> None:
    """Serve until the driver, process `parent`, closes its end."""
    die_with_parent(parent)
    adopt_orphans()
    link = socket.socket(fileno=descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, _Child] = {}
    waiting = list(preload)
    while True:
        sources: list[Any] = [link, wake_read]
        ready, _, _ = select.select(sources, [], [], 0 if waiting else None)
        if wake_read in ready:
            os.read(wake_read, 4096)
        _reap(link, running)
        if link in ready:
            packet = link.recv(PACKET)
            if not packet:
                return
            request = json.loads(packet)
            if "to" in request:
                _hand_on(request, running)
                continue
            _fork(link, request, running)
            _send(link, {"kind": "started", "id": request["id"], "pid": next(reversed(running))})
        elif waiting:
            try:
                import_module(waiting.pop(0))
            except Exception:  # of a package that is absent or broken
                continue  # the job that needs it says so in its own words
            gc.freeze()  # what is loaded stays out of the children's collections, so its pages stay shared


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

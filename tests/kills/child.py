"""Carries out specs in forked processes that kill themselves, or find the disk full, at the n-th operation on a run folder.

Reads lines of JSON from stdin ({"spec", "out", "how", "n"}) and answers each with a line ({"code", "operations"}); `how` is
count, kill, full, or nothing. One process imports the libraries once, each run is a fork of it.
"""

import errno
import json
import os
import signal
import sys
from pathlib import Path

import automl
import automl.report.render
import automl.resume.latest
from automl.errors import AutoMLError

automl.run  # noqa: B018 - resolves the name, so that forks find it imported
FULL = ("open", "os.mkdir", "fsync", "write")
CALLS = {"fsync": os.fsync, "write": os.write, "ftruncate": os.ftruncate, "pwrite": os.pwrite}


class Operations:
    """Counts what is done to a folder, and acts at the n-th."""

    def __init__(self, root: Path, how: str, n: int) -> None:
        self.root, self.how, self.n, self.done = f"{root}{os.sep}", how, n, 0
        self.kinds: list[str] = []

    def seen(self, kind: str, path: object) -> None:
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        if not f"{text}{os.sep}".startswith(self.root):
            return
        self.done += 1
        self.kinds.append(f"{kind} {text.removeprefix(self.root)}")
        if self.how == "kill" and self.done == self.n:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.how == "full" and self.done >= self.n and kind in FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), text)

    def audit(self, event: str, given: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = given
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and not isinstance(path, int):
                self.seen("open", path)
        elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir"):
            self.seen(event, given[0])

    def called(self, name: str):
        def call(handle: int, *more: object):
            try:
                path = str(Path(f"/proc/self/fd/{handle}").readlink())
            except OSError:
                path = ""
            self.seen(name, path)
            return CALLS[name](handle, *more)

        return call

    def install(self) -> None:
        sys.addaudithook(self.audit)
        for name in CALLS:
            setattr(os, name, self.called(name))


def carry_out(request: dict[str, object], answer: Path) -> int:
    """Run the spec in this process and return the exit code that the command would have."""
    operations = Operations(Path(str(request["out"])), str(request["how"]), int(str(request["n"])))
    operations.install()
    try:
        automl.run(Path(str(request["spec"])), out=Path(str(request["out"])))
        code = 0
    except AutoMLError as fault:
        print(fault.render(), file=sys.stderr)
        code = fault.exit_code
    operations.how = ""
    answer.write_text(json.dumps(operations.kinds))
    return code


def main() -> None:
    answers = Path(sys.argv[1])
    for line in sys.stdin:
        answers.unlink(missing_ok=True)
        pid = os.fork()
        if not pid:
            os.setsid()
            code = 70
            try:
                code = carry_out(json.loads(line), answers)
            finally:
                sys.stderr.flush()
                os._exit(code)
        print(json.dumps({"pid": pid}), flush=True)
        status = os.waitpid(pid, 0)[1]
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "operations": json.loads(answers.read_text()) if answers.exists() else []}), flush=True)


if __name__ == "__main__":
    main()

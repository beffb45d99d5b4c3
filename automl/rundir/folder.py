"""Where things lie in a run folder and in the folder of a look at the data."""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automl.errors import EnvironmentFault, UsageError
from automl.rundir.writing import read_json, refused, shown

TEMPORARY = ".tmp-"  # what a name begins with as long as it is not whole
STOPPED = "stopped by a signal to end"  # how a run ended that the system, not its user, asked to end


class RunDir:
    """Paths of one run folder. Creating the object touches nothing; `create` makes the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lock = root / "lock"
        self.identity = root / "identity.json"
        self.spec = root / "spec.yaml"
        self.resolved_spec = root / "spec.resolved.yaml"
        self.plan = root / "plan.json"
        self.profile = root / "profile.json"
        self.split = root / "split.npz"
        self.trials = root / "trials"
        self.fits = root / "fits"
        self.study = root / "study.json"
        self.leaderboard = root / "leaderboard.csv"
        self.events = root / "events.ndjson"
        self.log = root / "run.log"
        self.artifact = root / "artifact"
        self.rungs = root / "rungs"
        self.evaluation = root / "evaluation.json"
        self.explanation = root / "explanation.json"
        self.labels = root / "labels.parquet"
        self.embedding = root / "embedding.parquet"
        self.predictions = root / "predictions.parquet"
        self.report_html = root / "report.html"
        self.report_json = root / "report.json"
        self.report_md = root / "report.md"
        self.scratch = root / ".work"
        self.store = self.scratch / "store"
        self.soft_labels = self.scratch / "soft.npy"

    @property
    def report(self) -> Path:
        """Return the report that a person opens: the page, or what was written in its place."""
        return next((path for path in (self.report_html, self.report_md, self.report_json) if path.is_file()), self.report_html)

    def create(self) -> None:
        """Make the folder. Raises UsageError when it holds anything already but a lock, EnvironmentFault when it cannot be made."""
        self.check()
        try:
            self.trials.mkdir(parents=True, exist_ok=True)
            self.scratch.mkdir(exist_ok=True)
        except OSError as fault:
            raise EnvironmentFault(f"cannot create the run folder: {fault.strerror}", shown(self.root), "choose another with --out") from fault

    def check(self) -> None:
        """Raise UsageError when the folder is a file, or holds anything before a run has begun in it."""
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"{self.root.name} is a file", "--out", "name a folder")
        # what a start leaves that was killed before it could say what it is of
        own = {self.lock.name, self.trials.name, self.scratch.name}
        bare = [folder for folder in (self.trials, self.scratch) if folder.is_dir() and not any(folder.iterdir())]
        foreign = sorted(
            p.name for p in (self.root.iterdir() if self.root.is_dir() else ())
            if not p.name.startswith(TEMPORARY) and (p.name not in own or (p.is_dir() and p not in bare))
        )  # fmt: skip
        if foreign:
            raise UsageError(
                f"the folder {shown(self.root)} is no run and not empty: it holds {foreign[0]}", where="--out",
                fix="name a new folder, or remove this one if nothing in it is needed",
            )  # fmt: skip

    def finished(self) -> bool:
        """Return whether the run came to its end; one that the system asked to end, and that has a report all the same, did not."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            return self.evaluation.is_file() and read_json(self.study).get("ended") != STOPPED
        return False

    def sweep(self) -> None:
        """Remove what writes left behind that were not finished; running trials stay."""
        for folder in (self.root, self.artifact, self.fits, *(self.rungs.iterdir() if self.rungs.is_dir() else ())):
            for left in folder.glob(f"{TEMPORARY}*"):
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)

    def trial(self, number: int) -> Path:
        """Return the folder of one trial."""
        return self.trials / f"{number:06d}"

    def running_trial(self, number: int, attempt: int) -> Path:
        """Return the folder of a trial while it runs."""
        return self.trials / f"{TEMPORARY}{number:06d}-a{attempt}"

    def running_attempts(self, number: int | None = None) -> list[Path]:
        """Return the folders that running trials (or one of them) have or had; attempts of one in their order."""
        which = "*" if number is None else f"{number:06d}-*"
        return sorted(self.trials.glob(f"{TEMPORARY}{which}")) if self.trials.is_dir() else []

    def rung(self, precision: str) -> Path:
        """Return the folder of the artifact at one precision."""
        return self.rungs / precision

    def temporary(self, place: Path) -> Path:
        """Return the name that a folder of the run has until it is whole."""
        return place.with_name(f"{TEMPORARY}{place.name}")

    def append_event(self, event: dict[str, object]) -> None:
        """Add one line to events.ndjson; the file is a log, a torn line is skipped by readers. Raises EnvironmentFault."""
        line = json.dumps(event, default=str) + "\n"
        with refused(self.events, len(line)):
            _append(self.events, line.encode())

    def append_log(self, text: str) -> None:
        """Add one line to run.log, as far as the disk takes it."""
        with contextlib.suppress(OSError):
            _append(self.log, f"{text}\n".encode())

    def read_events(self) -> Iterator[dict[str, Any]]:
        """Yield the events of a run, skipping torn lines."""
        if not self.events.exists():
            return
        for line in self.events.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(event, dict):
                yield event

    def remove_scratch(self, fits: bool = True) -> None:
        """Remove what only a running search needs; kept `fits` too, unless the run may go on."""
        if fits:
            shutil.rmtree(self.fits, ignore_errors=True)
        shutil.rmtree(self.scratch, ignore_errors=True)


def _append(path: Path, line: bytes) -> None:
    """Append a line in one write, on a line of its own also after a torn one."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line
        while line:  # a full disk may take a part, and then refuses the rest
            line = line[os.write(handle, line) :]
    finally:
        os.close(handle)


class EdaDir:
    """Paths of a look at the data. Creating the object touches nothing; `create` makes the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.html = root / "eda.html"
        self.json = root / "eda.json"

    def check(self) -> None:
        """Raise UsageError when the folder is a file or holds anything but an earlier look, which may be written over."""
        if self.root.exists() and not self.root.is_dir():
            raise UsageError(f"{self.root.name} is a file", "--out", "name a folder")
        foreign = sorted(p.name for p in self.root.iterdir() if p not in (self.html, self.json)) if self.root.is_dir() else []
        if foreign:
            raise UsageError(f"the folder {self.root.name or self.root} holds other files, for example {foreign[0]}", "--out", "name a new folder")

    def create(self) -> None:
        """Make the folder. Raises UsageError as `check` does, EnvironmentFault when it cannot be made."""
        self.check()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise EnvironmentFault(f"cannot create the folder: {fault.strerror}", str(self.root), "choose another with --out") from fault

"""The only module that knows the file names of a run folder: where things lie, and how they are written safely."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from automl.errors import EnvironmentFault, UsageError


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part (temp, fsync, rename)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as fault:
        raise EnvironmentFault(f"cannot write {path.name}: {fault.strerror}", where=str(path)) from fault


def sync(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, value: object, indent: int | None = 1) -> None:
    """Write JSON atomically; NaN and infinity are refused, as no other reader takes them. Without `indent` it is five times as fast."""
    write_bytes(path, (json.dumps(value, indent=indent, allow_nan=False, default=str) + "\n").encode())


def read_json(path: Path) -> Any:
    """Read a JSON file of a run."""
    return json.loads(path.read_text(encoding="utf-8"))


def sha256(path: Path) -> str:
    """Return the hex digest of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


class RunDir:
    """Paths of one run folder. Creating the object touches nothing; `create` makes the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.spec = root / "spec.yaml"
        self.resolved_spec = root / "spec.resolved.yaml"
        self.plan = root / "plan.json"
        self.profile = root / "profile.json"
        self.split = root / "split.npz"
        self.trials = root / "trials"
        self.study = root / "study.json"
        self.leaderboard = root / "leaderboard.csv"
        self.events = root / "events.ndjson"
        self.log = root / "run.log"
        self.artifact = root / "artifact"
        self.rungs = root / "rungs"
        self.evaluation = root / "evaluation.json"
        self.predictions = root / "predictions.parquet"
        self.report_html = root / "report.html"
        self.report_json = root / "report.json"
        self.report_md = root / "report.md"
        self.scratch = root / ".work"
        self.store = self.scratch / "store"

    def create(self) -> None:
        """Make the folder. Raises UsageError when it holds anything already, EnvironmentFault when it cannot be made."""
        if self.root.exists() and (not self.root.is_dir() or any(self.root.iterdir())):
            raise UsageError(
                f"the run folder {self.root} is not empty",
                where="--out",
                fix="name a new folder, or remove this one if nothing in it is needed",
            )
        try:
            self.scratch.mkdir(parents=True)
            self.trials.mkdir()
        except OSError as fault:
            raise EnvironmentFault(f"cannot create the run folder: {fault.strerror}", str(self.root), "choose another with --out") from fault

    def trial(self, number: int) -> Path:
        """Return the folder of one trial."""
        return self.trials / f"{number:06d}"

    def running_trial(self, number: int, attempt: int) -> Path:
        """Return the folder of a trial while it runs."""
        return self.trials / f".tmp-{number:06d}-a{attempt}"

    def rung(self, precision: str) -> Path:
        """Return the folder of the artifact at one precision."""
        return self.rungs / precision

    def append_event(self, event: dict[str, object]) -> None:
        """Add one line to events.ndjson; the file is a log, a torn last line is skipped by readers."""
        with self.events.open("a", encoding="utf-8") as out:
            out.write(json.dumps(event, default=str) + "\n")

    def read_events(self) -> Iterator[dict[str, Any]]:
        """Yield the events of a run, skipping a torn last line."""
        if not self.events.exists():
            return
        for line in self.events.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                continue

    def remove_scratch(self) -> None:
        """Remove what only a running search needs."""
        shutil.rmtree(self.scratch, ignore_errors=True)


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

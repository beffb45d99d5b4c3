"""Which run folder a start works in, and what it finds there: nothing, a run to go on with, or a finished one."""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from automl.data.dataset import Dataset
from automl.data.sources.read import memory_limit
from automl.errors import UsageError
from automl.resume.decided import Decided, decided_facts, read_decided
from automl.resume.identity import check_data, check_spec, data_facts, same_spec, spec_facts
from automl.rundir import RunDir, read_json, refused, shown, sync, write_json
from automl.rundir.lock import Lock, acquire
from automl.search.loop import Past
from automl.search.trialstore import TrialStore
from automl.spec.environment import filled
from automl.spec.model import Spec

FORMAT = 1


@dataclass
class Place:
    """A run folder as a start finds it; `close` gives its lock back.

    `kept` is the content of identity.json, None for a new run; `decided` what the look at the data decided at the first
    start, None where the look must be taken (again). `spent` seconds were used by earlier starts, `starts` tells of each.
    """

    files: RunDir
    spec: dict[str, Any]
    lock: Lock | None = None
    kept: dict[str, Any] | None = None
    decided: Decided | None = None
    finished: bool = False
    spent: float = 0.0
    starts: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _data: dict[str, Any] = field(default_factory=dict)
    _searched: bool = False

    def close(self) -> None:
        """Give the lock back; where a run ends in good order, what was running then was no attempt of that trial."""
        if self.lock is None:
            return
        if self._searched:
            self.files.sweep()
            TrialStore(self.files).clear()
        self.lock.release()
        self.lock = None

    def limit(self) -> int | None:
        """Return the memory by which an earlier start sampled a table too large for it; None for this machine's own."""
        return self.kept["data"]["limit"] if self.kept is not None else None

    def check(self, dataset: Dataset) -> None:
        """Raise DataError when the data are not those that the run began with."""
        self._data = data_facts(dataset, self.limit() or memory_limit())
        if self.kept is not None:
            check_data(self.kept["data"], self._data, shown(self.files.root))

    def claim(self) -> None:
        """Make the folder, lock it, and write what it is of, before anything else. Raises UsageError or EnvironmentFault."""
        if self.lock is None:
            self.files.check()
            _make(self.files.root)
            self.lock = acquire(self.files.lock)
        if self.kept is None:
            self.files.create()
            self._note_lock()
            created = datetime.now(UTC).isoformat(timespec="microseconds")
            self.kept = {"format": FORMAT, "created": created, "spec": self.spec, "data": self._data, "decided": None}
            write_json(self.files.identity, self.kept)
        else:
            self.files.evaluation.unlink(missing_ok=True)  # it is not finished any more
            for folder in (self.files.trials, self.files.scratch):
                folder.mkdir(exist_ok=True)

    def settle(self, decided: dict[str, Any]) -> None:
        """Write what the look at the data decided, once its files are there; trials that were made on other terms are set aside."""
        assert self.kept is not None, "claim() comes first"
        before = self.kept["decided"]
        if before == decided:
            return
        if before is not None and before["sha256"] != decided["sha256"] and (moved := TrialStore(self.files).set_aside()):
            self.notes.append(f"{moved} earlier trials were set aside: columns, rows or folds have come out differently since, so they cannot be compared")
        self.kept = {**self.kept, "decided": decided}
        write_json(self.files.identity, self.kept)
        with refused(self.files.identity):
            sync(self.files.root)

    def past(self) -> Past:
        """Return what earlier starts left in trials/."""
        self._searched = True
        store = TrialStore(self.files)
        trials, interrupted = store.load()
        known = {t.number for t in trials} | {old.number for old in interrupted}
        told = {int(e["trial"]) for e in self.files.read_events() if e.get("event") == "trial_ok" and isinstance(e.get("trial"), int)}
        self.notes += [*store.damaged, *(f"trials/{n:06d} is gone; another trial takes its number" for n in sorted(told - known - store.lost))]
        return Past(tuple(trials), tuple(interrupted), tuple(n for n in range(1, max(known, default=0)) if n not in known))

    def _note_lock(self) -> None:
        assert self.lock is not None
        if self.lock.before:
            self.notes.append(f"the run folder was in use {self.lock.before}, and that process is gone; its lock was taken over")
        if not self.lock.kept:
            self.notes.append("this file system has no locks: see to it that no other run uses the folder")

    def take_up(self) -> None:
        """Lock a folder that holds a run and read what earlier starts left. Raises EnvironmentFault when it is in use."""
        self.lock = acquire(self.files.lock)
        self._note_lock()
        self.files.sweep()
        assert self.kept is not None
        self.decided = read_decided(self.files, self.kept["decided"])
        self.starts, self.spent = _starts(self.files)


def place_of(spec: Spec, base: Path, out: Path | str | None, resume: bool) -> Place:
    """Return the run folder that a start works in; of one that holds a run, the lock is held.

    Without `out` it is a new one in `output.dir`, or with `resume` the newest unfinished run of the same spec there. `resume`
    also goes on with a run that its user stopped. Raises UsageError when the folder holds another spec or other things, or
    there is nothing to resume, EnvironmentFault when it is in use.
    """
    facts = json.loads(json.dumps(spec_facts(spec)))
    if out is not None:
        return _opened(RunDir(Path(out)), facts, resume)
    folder = Path(os.path.normpath(base / filled(spec.output.dir, "output.dir")))
    if not resume:
        return Place(RunDir(_fresh(folder, spec.name)), facts)
    found = [(kept["created"], path.parent) for path in folder.glob("*/identity.json") if (kept := _identity(path)) and same_spec(kept["spec"], facts)]
    for _, root in sorted(found, reverse=True):
        if not _done(RunDir(root), resume):
            return _opened(RunDir(root), facts, resume)
    raise UsageError(f"there is no unfinished run of this spec in {shown(folder)}", "--resume", "leave out --resume to start a new one")


def _opened(files: RunDir, facts: dict[str, Any], resume: bool) -> Place:
    if not files.identity.exists():
        files.check()
        return Place(files, facts)
    kept = _identity(files.identity)
    if kept is None:
        raise UsageError(f"what the run in {shown(files.root)} is of cannot be read", shown(files.identity), "name a new folder with --out")
    check_spec(kept["spec"], facts, shown(files.root))
    place = Place(files, facts, kept=kept, finished=_done(files, resume))
    if place.finished and files.report.is_file() and not files.scratch.exists():
        return place
    place.take_up()
    place.finished = _done(files, resume)
    return place


def _done(files: RunDir, resume: bool) -> bool:
    """Return whether there is nothing left to do; asked to resume, there is for a run that its user stopped."""
    if not files.finished():
        return False
    return not resume or not read_json(files.study).get("by_user")


def _identity(path: Path) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = read_json(path)
        return kept if kept["format"] == FORMAT and kept["created"] and isinstance(kept["spec"], dict) and kept["data"]["sha256"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _starts(files: RunDir) -> tuple[list[dict[str, Any]], float]:
    """Return what events and records tell of the earlier starts of a run, and the seconds they used together."""
    starts: list[dict[str, Any]] = []
    spent = before = 0.0
    for event in files.read_events():
        used = event.get("seconds_used")
        if event.get("event") == "start":
            starts.append({"number": len(starts) + 1, "at": str(event.get("at", "")), "trials": event.get("trials", 0), "used_seconds": 0.0})
            before = spent
        elif isinstance(used, int | float):
            spent = max(spent, float(used))
            if starts:
                starts[-1]["used_seconds"] = round(spent - before, 3)
    return starts, max([spent, *(t.started + t.seconds for t in TrialStore(files).records())])


def _fresh(folder: Path, name: str) -> Path:
    stem = f"{name.replace(' ', '-')}-{datetime.now(UTC).strftime('%Y%m%d-%H%M%S')}"
    root, number = folder / stem, 2
    while root.exists():
        root, number = folder / f"{stem}-{number}", number + 1
    return root


def _make(root: Path) -> None:
    from automl.errors import EnvironmentFault

    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise EnvironmentFault(f"cannot create the run folder: {fault.strerror}", shown(root), "choose another with --out") from fault


__all__ = ["Place", "decided_facts", "place_of"]

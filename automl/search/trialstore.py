"""The records of trials on disk: the truth that everything else about a search can be made from again."""

import contextlib
import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from automl.rundir import RunDir, refused, sync, write_json
from automl.search.study import Trial

RESULT, JOB, BATCH = "result.json", "job.json", "batch.json"
SET_ASIDE = ".bad-"  # what the name of a folder begins with that could not be read


@dataclass(frozen=True)
class Interrupted:
    """A trial that was running when its run was killed."""

    number: int
    attempt: int
    family: str
    params: dict[str, Any]
    note: str = ""
    reference: bool = False


class TrialStore:
    """Writes each finished trial, whole, before anybody is told: while it runs its folder has another name.

    `damaged` has, after `load`, a sentence on every folder that could not be read, `lost` their numbers.
    """

    def __init__(self, files: RunDir) -> None:
        self.files = files
        self.damaged: list[str] = []
        self.lost: set[int] = set()
        self._begun: dict[int, Path] = {}

    def begin(self, number: int, attempt: int = 1) -> Path:
        """Make and return the folder that a trial writes into while it runs. Raises EnvironmentFault."""
        folder = self.files.running_trial(number, attempt)
        with refused(folder, what=f"start trial {number}"):
            if number not in self._begun and folder.exists():
                _remove(folder)  # of an earlier start of the run
            folder.mkdir()
        self._begun[number] = folder
        return folder

    def begun(self, number: int) -> bool:
        """Return whether a trial has begun in this start and not ended."""
        return number in self._begun

    def folder(self, number: int) -> Path:
        """Return the folder of a trial that has begun."""
        return self._begun[number]

    def describe(self, number: int, job: dict[str, Any], name: str = JOB) -> Path:
        """Write and return what a trial that has begun is to do; under BATCH, what it is to do with others. Raises EnvironmentFault."""
        path = self._begun[number] / name
        text = json.dumps(job)
        with refused(path, len(text)):
            path.write_text(text)
        return path

    def finish(self, trial: Trial) -> None:
        """Keep a finished trial: its record and files reach the disk, then its folder gets its name. Raises EnvironmentFault."""
        folder = self._begun[trial.number]
        write_json(folder / RESULT, trial.record(), indent=None)
        with refused(folder, what=f"keep trial {trial.number}"):
            for part in folder.iterdir():
                if part.name != RESULT:
                    sync(part)
            sync(folder)
            folder.rename(self.files.trial(trial.number))
            sync(self.files.trials)
        del self._begun[trial.number]
        for former in self.files.running_attempts(trial.number):
            _remove(former)

    def drop_models(self, trial: Trial) -> None:
        """Remove the fold models of a trial that has been beaten."""
        for part in self.files.trial(trial.number).glob("fold*.safetensors"):
            part.unlink(missing_ok=True)

    def records(self) -> list[Trial]:
        """Return the trials that ended and can be read, by number; changes nothing."""
        out = []
        for folder in self._ended():
            with contextlib.suppress(Exception):  # what cannot be read is told by `load`
                out.append(_read(folder))
        return out

    def load(self) -> tuple[list[Trial], list[Interrupted]]:
        """Return the trials that ended, by number, and those that were running.

        A folder that cannot be read is renamed, and its trial counts as one that was running where what it was to do is
        known. The folders of running trials stay until the trial has ended, so that a second kill forgets nothing.
        """
        trials: list[Trial] = []
        again: dict[int, Interrupted] = {}
        for folder in self._ended():
            try:
                trials.append(_read(folder))
            except Exception as fault:  # half a record can be anything
                number = int(folder.name)
                self.damaged.append(f"trials/{folder.name}/{RESULT} cannot be read ({type(fault).__name__}); it was set aside, and the trial is run again")
                self.lost.add(number)
                again |= {i.number: replace(i, attempt=i.attempt - 1) for i in _job(folder) if i.number == number}
                self._aside(folder)
        done = {t.number for t in trials}
        for folder in sorted(self.files.running_attempts()):
            found = [i for i in _job(folder) if i.number not in done]
            again |= {i.number: i for i in found if i.number not in again or again[i.number].attempt <= i.attempt}
            if not found:  # it was killed before it was described, nothing had been tried; or it has ended since
                _remove(folder)
        return trials, [again[number] for number in sorted(again)]

    def set_aside(self) -> int:
        """Rename the folders of all trials, so that none of them counts any more; return how many had ended."""
        ended = self._ended()
        for folder in ended:
            self._aside(folder)
        for folder in self.files.running_attempts():
            _remove(folder)
        return len(ended)

    def clear(self) -> None:
        """Remove what running trials left, once none of them will be asked for again."""
        for folder in self.files.running_attempts():
            _remove(folder)

    def _ended(self) -> list[Path]:
        if not self.files.trials.is_dir():
            return []
        return sorted(f for f in self.files.trials.iterdir() if f.name.isdecimal())

    def _aside(self, folder: Path) -> None:
        place, n = folder.with_name(f"{SET_ASIDE}{folder.name}"), 2
        while place.exists():
            place, n = folder.with_name(f"{SET_ASIDE}{folder.name}-{n}"), n + 1
        with refused(folder, what=f"set {folder.name} aside"):
            folder.rename(place)


def _read(folder: Path) -> Trial:
    trial = Trial.from_record(json.loads((folder / RESULT).read_text()))
    if trial.number != int(folder.name):
        raise ValueError(f"the record of trial {trial.number}")
    return trial


def _job(folder: Path) -> list[Interrupted]:
    """Return the trials that a folder's job describes; none where it cannot be read."""
    try:
        job = json.loads((folder / JOB).read_text())
        return [Interrupted(m["number"], job["attempt"], job["name"], m["params"], job["note"], job.get("reference", False)) for m in job["trials"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _remove(folder: Path) -> None:
    """Remove a folder that a process may still write into by its name."""
    gone = folder.with_name(f"{folder.name}-gone-{os.getpid()}")
    with contextlib.suppress(OSError):
        folder.rename(gone)
        folder = gone
    shutil.rmtree(folder, ignore_errors=True)

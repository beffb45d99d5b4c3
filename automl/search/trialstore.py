"""The records of trials on disk: the truth that everything else about a search can be made from again."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from automl.errors import EnvironmentFault
from automl.rundir import RunDir, sync, write_json
from automl.search.study import Trial

RESULT, JOB = "result.json", "job.json"


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
    """Writes each finished trial, whole, before anybody is told: while it runs its folder has another name."""

    def __init__(self, files: RunDir) -> None:
        self.files = files
        self._begun: dict[int, Path] = {}

    def begin(self, number: int, attempt: int = 1) -> Path:
        """Make and return the folder that a trial writes into while it runs. Raises EnvironmentFault."""
        folder = self.files.running_trial(number, attempt)
        try:
            folder.mkdir()
        except OSError as fault:
            raise EnvironmentFault(f"cannot start trial {number}: {fault.strerror}", folder.name) from fault
        self._begun[number] = folder
        return folder

    def finish(self, trial: Trial) -> None:
        """Keep a finished trial: its record and files reach the disk, then its folder gets its name. Raises EnvironmentFault."""
        folder = self._begun.pop(trial.number)
        write_json(folder / RESULT, trial.record(), indent=None)
        try:
            for part in folder.iterdir():
                if part.name not in (RESULT, JOB):
                    sync(part)
            sync(folder)
            folder.rename(self.files.trial(trial.number))
            sync(self.files.trials)
        except OSError as fault:
            raise EnvironmentFault(f"cannot keep trial {trial.number}: {fault.strerror}", folder.name) from fault

    def drop_models(self, trial: Trial) -> None:
        """Remove the fold models of a trial that has been beaten."""
        for part in self.files.trial(trial.number).glob("fold*.safetensors"):
            part.unlink(missing_ok=True)

    def load(self) -> tuple[list[Trial], list[Interrupted]]:
        """Return the trials that ended, by number, and those that were running; the folders of the latter are removed."""
        trials, interrupted = [], []
        for folder in sorted(self.files.trials.iterdir()):
            if folder.name.startswith("."):
                interrupted += self._interrupted(folder)
                shutil.rmtree(folder, ignore_errors=True)
            else:
                trials.append(Trial.from_record(json.loads((folder / RESULT).read_text())))
        return trials, interrupted

    def _interrupted(self, folder: Path) -> list[Interrupted]:
        try:
            job = json.loads((folder / JOB).read_text())
            return [Interrupted(m["number"], job["attempt"], job["name"], m["params"], job["note"], job.get("reference", False)) for m in job["trials"]]
        except (OSError, ValueError, KeyError):  # it was killed before it was described: nothing had been tried
            return []

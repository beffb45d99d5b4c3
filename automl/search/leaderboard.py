"""The leaderboard: the trials of a run as rows, best first, from a study or from the records on disk alone."""

import csv
import io
from typing import Any

from automl.rundir import RunDir, read_json
from automl.search.front import front
from automl.search.study import Study
from automl.search.trialstore import TrialStore

COLUMNS = (
    "number", "family", "state", "score", "spread", "seconds", "device", "peak_memory_mb", "size_bytes", "attempt", "reference", "cause", "note", "params",
)  # fmt: skip


def leaderboard_text(study: Study) -> str:
    """Return the trials as csv: complete ones by score, then the others in the order they ended."""
    ranked = study.ranked()
    rest = [t for t in study.trials if t not in ranked]
    out = io.StringIO()
    writer = csv.writer(out)
    on_front = set(front(study.trials, study.objectives, study.greater_is_better))
    writer.writerow(("rank", *COLUMNS, "front"))
    for rank, trial in enumerate([*ranked, *rest], 1):
        writer.writerow((rank, *(getattr(trial, c) for c in COLUMNS), "yes" if trial.number in on_front else ""))
    return out.getvalue()


def rows_of(files: RunDir) -> list[dict[str, str]]:
    """Return the rows of a run, also of one that is not finished. Raises OSError, ValueError or KeyError when the folder is no run."""
    if files.finished() and files.leaderboard.is_file():
        text = files.leaderboard.read_text(encoding="utf-8")
    else:
        plan: dict[str, Any] = read_json(files.plan)
        study = Study(plan["greater_is_better"], plan["n_folds"], TrialStore(files).records(), objectives=tuple(plan["objectives"]))
        text = leaderboard_text(study)
    return list(csv.DictReader(io.StringIO(text, newline="")))

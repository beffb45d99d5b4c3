"""The model that also learned the holdout takes the place of the scored one, where it keeps what that one keeps."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from automl.artifact.load import MODEL
from automl.artifact.pack import pack, publish
from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.evaluate.constraints import Measured, broken, got_words
from automl.evaluate.measure import folder_bytes, measure_rungs
from automl.finalize.candidate import Candidate
from automl.plan.plan import Plan
from automl.rundir import RunDir, refused, swap

OF_THE_MODEL = ("model_size", "latency", "interpretable")  # what is asked of the model itself; scores and gaps need rows that it has not learned


def ship(
    plan: Plan, dataset: Dataset, split: Split, files: RunDir, rungs: Sequence[Candidate], chosen: int, before: Measured | None,
    evaluation: dict[str, Any], table: Sequence[dict[str, Any]], facts: dict[str, Any],
) -> str:  # fmt: skip
    """Make a model's rungs those of the run and the chosen one its artifact; return why not, empty where it was done.

    `rungs` are in the order of the ladder, which the scored model was chosen from, and `before` is what that came to, None where
    nothing is asked of the winner. Sizes in `evaluation`, and what in the `table` of constraints is the model's own, become
    those of what ships. Raises EnvironmentFault when the disk refuses.
    """
    place = files.temporary(files.rungs)
    shutil.rmtree(place, ignore_errors=True)
    folders = [place / rung.precision for rung in rungs]
    for folder, rung in zip(folders, rungs, strict=True):
        pack(folder, rung, plan.fields, facts)
    found = measure_rungs(plan, dataset, split, [rungs[chosen]], [folders[chosen]])[0] if before is not None else None
    lost = _lost(plan, found, before)
    if not lost:
        _as_shipped(plan, evaluation["precision_ladder"], table, found, folders)
        publish(files, rungs[chosen], plan.fields, facts)
        with refused(files.rungs):
            swap(place, files.rungs)
    shutil.rmtree(place, ignore_errors=True)
    return f"with these rows it does not keep {', '.join(lost)}" if lost else ""


def _lost(plan: Plan, found: Measured | None, before: Measured | None) -> list[str]:
    """Return what the scored model keeps and the new one does not."""
    if found is None or before is None:
        return []
    metric = plan.measure()
    missed = broken(plan.limits, before, metric)
    return [name for name in broken(plan.limits, found, metric) if name in OF_THE_MODEL and name not in missed]


def _as_shipped(
    plan: Plan, ladder: Sequence[dict[str, Any]], table: Sequence[dict[str, Any]], found: Measured | None, folders: Sequence[Path]
) -> None:  # fmt: skip
    twin = (folders[0] / MODEL).stat().st_size
    for row, folder in zip(ladder, folders, strict=True):
        row["size_bytes"], row["model_bytes"] = folder_bytes(folder), (folder / MODEL).stat().st_size
        row["model_share_of_float32"] = row["model_bytes"] / twin
    for row in table:
        if found is not None and row["name"] in OF_THE_MODEL:
            row["got"] = got_words(plan.limits, row["name"], found, plan.measure())

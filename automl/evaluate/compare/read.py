"""What a finished run says of itself, read from its folder alone: its facts, and the rows it scored."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import UsageError
from automl.rundir import RunDir, finished_run, read_json

SECTIONS = "evaluation", "plan", "profile", "study"


@dataclass(frozen=True)
class Scored:
    """The rows that a run scored: `row` (n_rows,) their numbers in the source, `y` and `label` (n_rows,) codes into `classes`.

    `label` is what was decided, `proba` (n_rows, n_classes) what it was decided from; `unit` (n_rows,) which rows belong
    together, None where each stands alone.
    """

    row: NDArray[np.int64]
    y: NDArray[np.int64]
    label: NDArray[np.int64]
    proba: NDArray[np.float64]
    classes: list[str]
    unit: NDArray[np.int64] | None


@dataclass(frozen=True)
class FinishedRun:
    """One run under a letter; the parts are the JSON files of its folder."""

    letter: str
    path: Path
    evaluation: dict[str, Any]
    plan: dict[str, Any]
    profile: dict[str, Any]
    study: dict[str, Any]

    @classmethod
    def read(cls, letter: str, path: Path) -> "FinishedRun":
        """Return the run of a folder. Raises UsageError where there is none, or it is not finished, or cannot be read."""
        files = finished_run(path)
        try:
            return cls(letter, path, *(read_json(getattr(files, name)) for name in SECTIONS))
        except (OSError, ValueError) as fault:
            raise UsageError(
                f"the run {path} cannot be read: {fault}".splitlines()[0], "RUN", "files of it were changed or lost; take a copy that is whole"
            ) from None

    @cached_property
    def scored(self) -> Scored:
        """Return the rows that the run scored. Raises UsageError when the file cannot be read."""
        try:
            return _scored(RunDir(self.path).predictions)
        except (OSError, ValueError, KeyError) as fault:
            raise UsageError(f"the predictions of {self.path} cannot be read: {fault}".splitlines()[0], "RUN", "take a copy that is whole") from None

    @property
    def rung(self) -> dict[str, Any]:
        """Return the rung of the ladder that ships."""
        found: dict[str, Any] = next((r for r in self.evaluation["precision_ladder"] if r["chosen"]), {})
        return found

    def costs(self) -> dict[tuple[str, str], float]:
        """Return the cost by true and predicted class, empty where none were asked for."""
        matrix = self.plan.get("costs") or []
        classes = self.scored.classes if matrix else []
        return {(true, told): float(matrix[i][j]) for i, true in enumerate(classes) for j, told in enumerate(classes)}

    def facts(self) -> dict[str, Any]:
        """Return what is told of the run beside others, as JSON values."""
        found, rung = self.evaluation, self.rung
        winner: dict[str, Any] = next((t for t in self.study["trials"] if t["number"] == found["trial"]), {})
        return {
            "letter": self.letter, "path": str(self.path), "name": self.study["name"], "finished": self.study["finished"],
            "ended": self.study.get("ended", "complete"), "by_user": self.study["by_user"], "seed": self.plan["seed"],
            "data": {"source": self.profile["source"], "sha256": self.profile["sha256"], "rows": self.profile["rows"]},
            "target": self.profile["target"], "positive_class": found["positive_class"],
            "metric": found["metric"], "score": found["score"], "interval": found["interval"],
            "score_rows": found["score_rows"], "n_scored": found["n_scored"],
            "family": found["family"], "members": found.get("members") or [],
            "decision": (found.get("decision") or {}).get("rule"), "trial": found["trial"], "params": winner.get("params", {}),
            "precision": found["chosen_precision"], "size_bytes": rung.get("size_bytes"), "rows_per_second": rung.get("rows_per_second"),
            "row_p50_ms": rung.get("batch1_p50_ms"), "row_p95_ms": rung.get("batch1_p95_ms"),
            "trials": found["trials"], "budget": found["budget"], "hardware": self.study["hardware"],
        }  # fmt: skip


def _scored(path: Path) -> Scored:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    classes = [name.removeprefix("proba_") for name in table.column_names if name.startswith("proba_")]
    if not classes:
        raise ValueError("no column holds probabilities of classes")
    y, label = (pc.fill_null(pc.index_in(table[name], value_set=pa.array(classes)), -1).to_numpy().astype(np.int64) for name in ("y", "prediction"))
    if min(y.min(initial=0), label.min(initial=0)) < 0:
        raise ValueError("a class of `y` or `prediction` has no column of probabilities")
    proba = np.stack([table[f"proba_{name}"].to_numpy() for name in classes], axis=1).astype(np.float64)
    unit = table["unit"].to_numpy() if "unit" in table.column_names else None
    return Scored(table["row"].to_numpy(), y, label, proba, classes, unit)

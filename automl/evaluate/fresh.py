"""Another process loads the artifact and answers: what ships is what was scored, and this is its size, its memory and its speed there."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.answer import answers_of, write_rows
from automl.evaluate.measure import folder_bytes
from automl.evaluate.speed import row_mapping
from automl.finalize.candidate import Candidate
from automl.inference.blend import VIEWS, Views, views_of
from automl.inference.features import Features
from automl.inference.forms import Model
from automl.inference.groups import clusters_of
from automl.inference.table import Field, Table, conform

ROWS = 256
CALLS = 40
LEAST_SECONDS = 1.5  # below, a process that has only just loaded numpy would be stopped
MOST_SECONDS = 20.0
TOLERANCE = 1e-6  # of an answer, or of the largest coordinate; the same numbers are added in the same order, on the same machine


def check_fresh(
    place: Path, candidate: Candidate, artifact: Path, rungs: Sequence[Path], fields: Sequence[Field], table: Table, seconds: float,
    task: str = "classification",
) -> dict[str, Any]:  # fmt: skip
    """Return what a fresh process found: `agrees`, `largest_difference` and `same_labels` against the model as it was trained and scored,
    `size_bytes`, `load_seconds` (CPU), `batch1_p50_ms`, `peak_memory_mb` of that process, and `memory_mb` per rung: what loading it and
    answering takes.

    `table` is rows already read, of which 256 are asked; `place` a folder for them. With less than `seconds` it is not done, and
    `skipped` says why.
    """
    if seconds < LEAST_SECONDS:
        return {"skipped": f"{max(0.0, seconds):.1f} s were left, and a fresh process may take {LEAST_SECONDS:g} s"}
    some = table.take(np.arange(min(ROWS, table.n_rows)))
    names = [f.name for f in fields]
    rows = place / "fresh.npz"
    command = [sys.executable, "-m", "automl.artifact.answer", str(rows), str(artifact), *map(str, rungs)]
    try:
        place.mkdir(parents=True, exist_ok=True)
        write_rows(rows, some, names, [row_mapping(some, i % some.n_rows, names) for i in range(CALLS)] if some.n_rows else [])
        done = subprocess.run(command, capture_output=True, text=True, timeout=min(seconds, MOST_SECONDS), check=False, env=_environment())
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}
        answers = np.load(answers_of(rows)) if found else None
    except subprocess.TimeoutExpired:
        return {"skipped": f"a fresh process had not answered after {min(seconds, MOST_SECONDS):.1f} s"}
    except (OSError, ValueError, IndexError) as fault:
        return {"skipped": f"no fresh process could be asked: {type(fault).__name__}"}
    finally:
        for path in (rows, answers_of(rows)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    if answers is None:
        said = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return {"agrees": False, "why": said.replace(f"{artifact.parent}{os.sep}", "")[:300]}
    expected = in_memory(candidate, fields, some)
    if expected.shape != answers.shape:
        return {"agrees": False, "why": f"it answers {answers.shape} where {expected.shape} was scored"}
    difference = float(np.abs(expected.astype(np.float64) - answers).max(initial=0.0))
    tolerance = TOLERANCE * max(1.0, float(np.abs(expected).max(initial=0.0)))
    labels = bool((_labels(candidate, expected, task) == _labels(candidate, answers, task)).all())
    return {
        "agrees": difference <= tolerance and labels, "largest_difference": difference, "same_labels": labels,
        "rows": some.n_rows, "size_bytes": folder_bytes(artifact), **found,
    }  # fmt: skip


def in_memory(candidate: Candidate, fields: Sequence[Field], table: Table) -> NDArray[np.float32]:
    """Return what the model in memory answers, (n_rows, n_outputs), without a file between."""
    clean = conform(table, fields)
    parts = [Features(form).transform(clean) for form in views_of(candidate.features)]
    found: NDArray[np.float32] = candidate.decision.calibrate(Model(candidate.model).predict(Views(parts) if candidate.features.kind == VIEWS else parts[0]))
    return found


def _labels(candidate: Candidate, output: NDArray[Any], task: str) -> NDArray[Any]:
    """Return the (n_rows,) labels that answers come to; none of a task whose answers are coordinates."""
    if task == "clustering":
        return clusters_of(output)[0]
    return candidate.decision.codes(output) if task == "classification" else np.zeros(0)


def _environment() -> dict[str, str]:
    """Return the environment of this process, with the folders that it imports from: it may have been started from elsewhere."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}

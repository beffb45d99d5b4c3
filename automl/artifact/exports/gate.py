"""The gate before each export: the same rows through the artifact and through what was exported, or nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.load import Predictor
from automl.errors import MissingPackageError, UsageError
from automl.inference.groups import clusters_of
from automl.inference.table import Table

TOLERANCE = 1e-5  # of a probability or strength; of coordinates, a share of the largest where that is above 1
TOLD = {"classification": ("labels", "probabilities"), "clustering": ("clusters", "strengths"), "dimensionality_reduction": ("labels", "coordinates")}
"""What each task answers rows with: a name, where there is one, and numbers."""

Answer = Callable[[Any], NDArray[Any]]
"""From the features of rows, as the model takes them, to their probabilities, calibrated."""


@dataclass(frozen=True)
class Written:
    """What an export comes to: its `content` as bytes, and in `words` what its reader must know."""

    content: bytes
    words: str


@dataclass(frozen=True)
class Exported(Written):
    """An export that this process can ask: how it `answer`s."""

    answer: Answer


def no_way(what: str, why: str) -> UsageError:
    """Return the error of a model that cannot be written in a form."""
    return UsageError(f"this model cannot be written as {what}: {why}", "--to", "" if what == "python" else "--to python writes every model")


def needs(package: str, what: str) -> MissingPackageError:
    """Return the error of a form whose package is absent."""
    return MissingPackageError(f"--to {what} needs {package}, which is not installed", "--to", f"pip install {package}")


def compared(predictor: Predictor, exported: Exported, table: Table, what: str) -> dict[str, Any]:
    """Return how far the export is from the artifact on some rows: labels must be equal, probabilities within 1e-5.

    Raises UsageError where they are not.
    """
    matrix = predictor.matrix(table)
    expected = predictor.decision.calibrate(predictor.model.predict(matrix)).astype(np.float64)
    found = np.asarray(exported.answer(matrix), dtype=np.float64)
    if found.shape != expected.shape or not np.isfinite(found).all():
        raise no_way(what, f"it answers {found.shape}, where the artifact answers {expected.shape}")
    return judged(predictor, expected, found, what)


def judged(predictor: Predictor, expected: NDArray[np.float64], found: NDArray[np.float64], what: str) -> dict[str, Any]:
    """Return the largest difference of answers (n_rows, n_outputs). Raises UsageError where it is too large or a label differs."""
    task = predictor.manifest["task"]
    difference = float(np.abs(found - expected).max(initial=0.0))
    most = TOLERANCE * max(1.0, float(np.abs(expected).max(initial=0.0)))
    labels = int((_labels(predictor, found) != _labels(predictor, expected)).sum())
    names, numbers = TOLD[task]
    if not difference <= most or labels:  # a difference that is no number is none that may stay
        more = "" if task == "dimensionality_reduction" else f", and {labels} {names} differ"
        raise no_way(what, f"on {len(expected)} rows its {numbers} differ by up to {difference:.2g}{more}")
    return {"rows": len(expected), "largest_difference": difference}


def _labels(predictor: Predictor, output: NDArray[Any]) -> NDArray[Any]:
    """Return the (n_rows,) classes or clusters that answers come to; none of coordinates."""
    if predictor.manifest["task"] == "clustering":
        return clusters_of(output)[0]
    return predictor.decision.codes(output) if predictor.classes_ else np.zeros(0)


def write(path: Path, content: bytes) -> None:
    """Write an export; what is there is not replaced. Raises UsageError, EnvironmentFault."""
    from automl.rundir import write_bytes

    if path.exists():
        raise UsageError(f"{path.name} is already there", "-o", "name another file, or remove it")
    write_bytes(path, content)

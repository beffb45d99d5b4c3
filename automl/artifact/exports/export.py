"""Writes an artifact in the form of another tool, if that answers as the artifact does."""

from importlib import import_module
from pathlib import Path
from typing import Any

from automl.artifact.exports.gate import Exported, Written, compared, no_way, write
from automl.artifact.exports.rows import rows_of
from automl.artifact.load import MODEL, Predictor, load
from automl.inference.forms import Form
from automl.inference.storage import read_form

FORMS = {
    "onnx": "an ONNX graph, of a linear model, a network or trees", "ubj": "XGBoost's own file, of a single boosted model",
    "skops": "scikit-learn's logistic regression in a skops file, of a linear model", "python": "a Python package that needs numpy alone",
}  # fmt: skip


def export(run: Path, form: str, out: Path | None = None, precision: str | None = None) -> dict[str, Any]:
    """Write the artifact of a run (or an artifact) as one of FORMS and return where, on which rows it was compared, and by how much it differs.

    Artifacts of tasks without a label have the form `python` alone. Nothing is written where a label or cluster differs, a probability or
    strength by more than 1e-5, or a coordinate by more than that share of the largest. Raises UsageError with the reason why a model has
    no such form, MissingPackageError with the line for pip, ArtifactError.
    """
    predictor = load(run, precision, warm=False)
    task = predictor.manifest["task"]
    exported: Written
    if form == "python":
        from automl.artifact.exports import python

        exported = python.export(predictor)
        table, said = rows_of(run, predictor)
        facts, name = python.checked(predictor, exported, table), python.wheel_name(predictor)
    else:
        if task != "classification":
            raise no_way(form, f"it is of {task.replace('_', ' ')}, and only classifiers have that form")
        model = read_form(predictor.folder / MODEL)
        if model.kind == "blend":
            raise no_way(form, "several models answer together; `ensemble: {method: none}` gives a run with one")
        exported = asked = _exported(form, predictor, model)
        table, said = rows_of(run, predictor)
        facts, name = compared(predictor, asked, table, form), f"model.{form}"
    path = out if out is not None else run / name
    write(path, exported.content)
    return {
        "file": str(path),
        "form": form,
        "task": task,
        "precision": predictor.precision,
        "bytes": len(exported.content),
        "compared_on": said,
        **facts,
        "note": exported.words,
    }


def _exported(form: str, predictor: Predictor, model: Form) -> Exported:
    found: Exported = import_module(f"automl.artifact.exports.{form}").export(predictor, model)
    return found


__all__ = ["FORMS", "Exported", "export"]

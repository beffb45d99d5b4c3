"""What a table that was predicted says beside its answers: values that the model never saw, rows without any, and the score where the truth is there."""

import contextlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.load import Predictor
from automl.errors import AutoMLError
from automl.inference.blend import views_of
from automl.inference.table import Column, Table, canonical, conform
from automl.metrics import decided, metric_of


def unusual(predictor: Predictor, table: Table) -> dict[str, Any]:
    """Return `unknown`, per column how many rows hold a category that the model does not tell apart, `empty`, how many rows hold nothing at all,
    and `columns_empty`, the columns without a value in any row.
    """
    clean = conform(table, predictor.fields)
    steps = [step for form in views_of(predictor.features) for step in form.config["steps"]]
    unknown = {}
    for field in predictor.fields:
        own = [step["levels"] for step in steps if step.get("column") == field.name and "levels" in step]
        column = clean.columns[field.name]
        if own and column.kind == "coded":
            known = {level for levels in own for level in levels}
            strange = np.array([level not in known for level in column.levels] + [False], dtype=bool)
            if count := int(strange[column.values].sum()):
                unknown[field.name] = count
    absent = {name: column.missing() for name, column in clean.columns.items()}
    empty = int(np.logical_and.reduce(list(absent.values())).sum()) if absent else 0
    return {"unknown": unknown, "empty": empty, "columns_empty": [name for name, missing in absent.items() if len(missing) and missing.all()]}


def score_of(predictor: Predictor, table: Table, proba: NDArray[Any]) -> dict[str, Any] | None:
    """Return the metric, the score and how many rows it is of, where the table has the target; None where not, or where nothing can be scored.

    `proba` (n_rows, n_classes) are the answers to the table's rows. Rows whose target is missing or of no class are left out.
    """
    target = table.columns.get(str(predictor.manifest.get("target", "")))
    if target is None or not predictor.classes_:
        return None
    codes = _codes(target, predictor.classes_)
    rows = np.flatnonzero(codes >= 0)
    with contextlib.suppress(AutoMLError):  # a metric of a package that is not here
        metric = metric_of("classification", str(predictor.manifest.get("metric", "")))
        if metric.with_costs is not None or not len(rows):
            return None
        positive = predictor.manifest.get("positive_class")
        code = predictor.classes_.index(positive) if positive in predictor.classes_ else 1
        score = float(decided(metric, predictor.decision).score(codes[rows], proba[rows].astype(np.float64), code))
        return {"metric": metric.name, "score": score, "rows": len(rows)} if np.isfinite(score) else None
    return None


def _codes(column: Column, classes: list[str]) -> NDArray[np.int64]:
    """Return (n_rows,) codes of classes, -1 for others and for none."""
    place = {name: code for code, name in enumerate(classes)}
    if column.kind == "coded":
        return np.asarray(np.array([place.get(level, -1) for level in column.levels] + [-1], dtype=np.int64)[column.values])
    distinct, found = np.unique(column.values, return_inverse=True)
    return np.array([place.get(canonical(value) or "", -1) for value in distinct.tolist()] + [-1], dtype=np.int64)[found]

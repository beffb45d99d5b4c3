"""Run folders whose answers are known: the files that a comparison reads, written as a run writes them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from automl.records import write_predictions
from automl.rundir import RunDir, write_bytes, write_json
from automl.spec.load import read_spec
from automl.spec.resolved import resolved_text

NAMES = ("no", "yes")


def answers(y: Any, noise: Any, strength: float = 1.0) -> Any:
    """Return probabilities (n_rows, 2) that know the class with some strength, blurred by noise (n_rows,)."""
    yes = 1 / (1 + np.exp(-(strength * (2 * y - 1) + noise)))
    return np.stack([1 - yes, yes], axis=1)


def plant(
    folder: Path, y: Any, proba: Any, *, rows: Any = None, classes: tuple[str, ...] = NAMES, metric: str = "roc_auc", score_rows: str = "holdout", unit: Any = None,
    sha256: str = "feed" * 16, target: str = "kept", costs: Any = (), spec: str = "", findings: Any = (), prediction: Any = None, positive: str | None = "yes",
) -> Path:  # fmt: skip
    """Write a finished run and return its folder."""
    folder.mkdir(parents=True)
    files = RunDir(folder)
    (folder / "table.csv").write_text(f"{target},x\nno,1\nyes,2\n")
    given = folder / "given.yaml"
    given.write_text(f"data: table.csv\ntask: {{type: classification, target: {target}}}\n{spec}")
    write_bytes(files.resolved_spec, resolved_text(read_spec(given), folder, folder, {}).encode())
    rung = {"precision": "float32", "chosen": True, "size_bytes": 5000, "rows_per_second": 1e5, "batch1_p50_ms": 0.2, "batch1_p95_ms": 0.3}
    write_json(files.evaluation, {
        "metric": metric, "score": 0.5, "interval": [0.4, 0.6], "score_rows": score_rows, "n_scored": len(y), "positive_class": positive,
        "precision_ladder": [rung], "chosen_precision": "float32", "family": "logistic_regression", "trial": 1,
        "budget": {"asked_seconds": 60.0, "used_seconds": 30.0}, "trials": {"complete": 3, "pruned": 1, "failed": 0},
    })  # fmt: skip
    write_json(files.plan, {"task": "classification", "seed": 0, "costs": costs})
    write_json(files.profile, {"source": "table.csv", "sha256": sha256, "rows": 1000, "target": target, "findings": list(findings)})
    write_json(files.study, {
        "name": "", "finished": "2026-01-01 00:00 UTC", "ended": "complete", "by_user": "", "trials": [{"number": 1, "params": {"C": 0.5}}], "hardware": {},
    })  # fmt: skip
    n = len(y)
    found = {"row": np.arange(1, n + 1) if rows is None else rows, "fold": np.full(n, -1), "y": y, "proba": proba, "unit": unit}
    found["codes"] = proba.argmax(axis=1) if prediction is None else prediction
    write_predictions(files, SimpleNamespace(classes=classes), found)
    return folder

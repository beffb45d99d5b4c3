"""Constraints decide the winner, from outside: real runs on a small table, their exit code, what they leave behind."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
from automl.errors import GateFailed
from automl.inference.forms import KINDS

MODELS = "[logistic_regression, decision_tree, xgboost]"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table whose positive rows are found in one group, and hardly in the other: there the label is mostly noise."""
    rng = np.random.default_rng(0)
    n = 1200
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd")).round(4)
    old = rng.random(n) < 0.5
    margin = np.where(old, 0.2 * frame["a"] - 1.0 + rng.normal(size=n), 3 * frame["a"] + frame["b"] + 0.3 * rng.normal(size=n))
    frame["shift"] = np.where(old, -1.5, 0.0) + rng.normal(size=n) * 0.3
    frame["band"] = np.where(old, "old", "new")
    frame["y"] = np.where(margin > 0, "yes", "no")
    path = tmp_path_factory.mktemp("constraints") / "t.csv"
    frame.to_csv(path, index=False)
    return path


def run(table: Path, folder: Path, constraints: str, models: str = MODELS):
    spec = folder / "s.yaml"
    spec.write_text(
        f"data: {{train: {table}, columns: {{drop: [band]}}}}\ntask: {{type: classification, target: y}}\nchecks: {{default: off}}\n"
        f"models: {{include: {models}}}\nconstraints: {{time: 90s, trials: 4, {constraints}}}\n"
    )
    fault = None
    try:
        automl.run(spec, out=folder / "run")
    except GateFailed as found:
        fault = found
    return fault, json.loads((folder / "run" / "evaluation.json").read_text()), spec


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def test_a_size_that_no_model_has_fails_the_run_with_all_written_and_says_what_would_do(table, tmp_path):
    fault, found, spec = run(table, tmp_path, "model_size: 1kB")
    folder = tmp_path / "run"
    assert fault is not None and fault.exit_code == 1 and "model_size: asked at most 1.0 kB, got" in fault.problem
    assert found["gate"]["failed"] == ["model_size"] and "the smallest model that was made takes" in found["gate"]["relaxations"][0]["words"]
    row = next(r for r in found["constraints"] if r["name"] == "model_size")
    assert row["met"] is False and row["hard"] is True
    assert found["gate"]["tried"][0]["size_bytes"] == size_of(folder / "artifact"), "what was measured is what ships"
    assert "Not kept: model_size" in (folder / "report.html").read_text() and json.loads((folder / "report.json").read_text())["gate"]["headline"]
    assert automl.load(folder).predict(pd.read_csv(table).head(3)).shape == (3,)
    with pytest.raises(GateFailed) as again:
        automl.run(spec, out=folder)
    assert again.value.problem == fault.problem, "a run that is found finished ends as it did"


def test_what_can_be_kept_is_kept_and_measured(table, tmp_path):
    fault, found, _ = run(table, tmp_path, "latency: 2s, model_size: 5MB, quality: 0.55, interpretable: prefer")
    assert fault is None and found["gate"]["met"] and found["gate"]["failed"] == []
    rows = {r["name"]: r for r in found["constraints"]}
    assert {"latency", "model_size", "quality", "interpretable", "time"} <= set(rows) and all(rows[n]["met"] for n in ("latency", "model_size", "quality"))
    chosen = next(r for r in found["precision_ladder"] if r["chosen"])
    assert chosen["size_bytes"] == size_of(tmp_path / "run" / "artifact") and rows["latency"]["got"].endswith("ms")


def test_the_gate_on_quality_is_on_the_reported_score(table, tmp_path):
    fault, found, _ = run(table, tmp_path, "quality: {min: 0.999}", "[logistic_regression]")
    assert fault is not None and f"got {found['score']:.5g}" in fault.problem and "constraints: {quality:" in fault.fix
    fault, found, _ = run(table, _new(tmp_path), "quality: {min: 0.999, hard: false}", "[logistic_regression]")
    assert fault is None and found["gate"]["missed"] == ["quality"]


def test_a_planted_gap_between_groups_of_a_dropped_column_is_found(table, tmp_path):
    fault, found, _ = run(table, tmp_path, "fairness: {column: band, max_gap: 0.05}")
    assert fault is not None and "fairness: asked equal_opportunity of `band`: gap at most 0.05" in fault.problem
    assert {g["name"] for g in found["fairness"]["groups"]} == {"old", "new"} and found["fairness"]["gap"] > 0.15
    assert "Groups of <code>band</code>" in (tmp_path / "run" / "report.html").read_text()
    manifest = json.loads((tmp_path / "run" / "artifact" / "manifest.json").read_text())
    assert "band" not in {c["name"] for c in manifest["columns"]}, "it is compared, not learned from"


def test_only_models_that_a_person_can_follow_compete_where_that_is_asked(table, tmp_path):
    fault, found, _ = run(table, tmp_path, "interpretable: require")
    plan = json.loads((tmp_path / "run" / "plan.json").read_text())
    assert fault is None and {c["family"] for c in plan["candidates"]} == {"logistic_regression", "decision_tree"} and plan["max_members"] == 1
    said = {d["key"]: d for d in plan["decisions"]}
    assert "follow" in said["models.xgboost"]["because"] and "follow" in said["ensemble.method"]["because"]
    assert found["family"] in ("logistic_regression", "decision_tree") and len(found["members"]) == 1 and "blend" in KINDS
    row = next(r for r in found["constraints"] if r["name"] == "interpretable")
    assert row["met"] and ("terms" in row["got"] or "tree" in row["got"])


def _new(folder: Path) -> Path:
    made = folder / "again"
    made.mkdir()
    return made

"""Every way to divide the rows, through a whole run: it finishes, scores each row once, and keeps its contract to the end."""

import json

import numpy as np
import pandas as pd
import pytest

import automl
from automl.data.dataset import load_dataset
from automl.data.split import Split, check
from automl.spec.load import read_spec

from .conftest import mixed_frame
from .test_run import call


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Return the folder of a table with a column of groups and one of days."""
    folder = tmp_path_factory.mktemp("divided")
    frame = mixed_frame(160)
    frame["house"] = [f"h{i}" for i in np.random.default_rng(1).integers(0, 30, 160)]
    frame.to_csv(folder / "t.csv", index=False)
    return folder


def run(table, out, validation, columns="", family="logistic_regression", trials=2):
    """Return the evaluation, the predictions, the split as it is on disk, and the dataset; each row was scored once."""
    spec = table / f"{out.name}.yaml"
    data = f"data: {{train: t.csv, columns: {columns or '{}'}}}\ntask: {{type: classification, target: kept}}\nvalidation: {validation}\n"
    spec.write_text(f"{data}models: {{include: [{family}]}}\nconstraints: {{time: 90s, trials: {trials}}}\n")
    done = automl.run(spec, out=out)
    assert (
        {member["family"] for member in done.evaluation["members"]} == {family}
        and done.evaluation["trials"]["complete"] + done.evaluation["trials"]["pruned"] == trials  # a race may end the one that comes second
        and done.evaluation["score"] > 0.7
    )
    predictions = pd.read_parquet(out / "predictions.parquet")
    assert predictions["row"].is_unique and len(predictions) == done.evaluation["n_scored"]
    return done.evaluation, predictions, np.load(out / "split.npz"), load_dataset(read_spec(spec), table)


def kept(arrays):
    """Return the Split that is on disk."""
    n_folds = sum(name.endswith("_valid") for name in arrays.files)
    folds = tuple((arrays[f"fold{k}_train"], arrays[f"fold{k}_valid"]) for k in range(n_folds))
    units, time = (arrays[name] if name in arrays.files else None for name in ("units", "time"))
    return Split(arrays["train"], arrays["holdout"], folds, (), units=units, time=time)


def test_groups(table, tmp_path):
    found, predictions, arrays, dataset = run(table, tmp_path / "g", "{}", "{group: house}", family="xgboost")
    assert found["score_rows"] == "holdout" and check(kept(arrays), dataset) == []
    scored = set(predictions["row"] - 1)
    assert scored == set(arrays["holdout"].tolist())
    assert not {dataset.group[i] for i in scored} & {dataset.group[i] for i in range(160) if i not in scored}
    assert found["n_units"] == len({dataset.group[i] for i in scored}) < len(scored) and predictions["unit"].nunique() == found["n_units"]
    plan = json.loads((tmp_path / "g" / "plan.json").read_text())
    assert "house" not in {c["name"] for c in plan["columns"]}
    assert {"validation.strategy", "validation.groups"} <= {d["key"] for d in plan["decisions"]}


def test_forward_in_time(table, tmp_path):
    found, predictions, arrays, dataset = run(table, tmp_path / "t", "{}", "{time: day}", family="xgboost")
    split = kept(arrays)
    assert found["score_rows"] == "holdout" and check(split, dataset) == []
    assert dataset.time[split.train].max() < dataset.time[predictions["row"] - 1].min()
    assert "from 2025-" in (tmp_path / "t" / "plan.json").read_text()


def test_forward_in_time_without_a_holdout_scores_all_but_the_first_part(table, tmp_path):
    found, predictions, arrays, _ = run(table, tmp_path / "t", "{test: none}", "{time: day}")
    split = kept(arrays)
    assert found["score_rows"] == "out_of_fold" and found["n_scored"] == 160 - len(split.folds[0][0]) < 160
    assert set(predictions["row"] - 1) == set(range(160)) - set(split.folds[0][0].tolist())


@pytest.mark.parametrize(
    ("validation", "n_folds"), [("{strategy: repeated, folds: 3, repeats: 2, test: none}", 6), ("{strategy: bootstrap, repeats: 4, test: none}", 4)]
)
def test_rows_scored_several_times_count_once(table, tmp_path, validation, n_folds):
    found, predictions, arrays, dataset = run(table, tmp_path / "r", validation, "{group: house}")
    split = kept(arrays)
    scored = np.concatenate([valid for _, valid in split.folds])
    assert len(split.folds) == n_folds and check(split, dataset) == [] and len(scored) > len(predictions)
    assert found["score_rows"] == "out_of_fold" and sorted(predictions["row"] - 1) == sorted(set(scored.tolist()))
    assert {"float32", "float16"} <= {r["precision"] for r in found["precision_ladder"] if r["judged_drop_upper"] is not None}


def test_a_bootstrap_with_a_holdout(table, tmp_path):
    found, predictions, arrays, dataset = run(table, tmp_path / "b", "{strategy: bootstrap, repeats: 3}", family="xgboost")
    assert found["score_rows"] == "holdout" and check(kept(arrays), dataset) == [] and set(predictions["fold"]) == {-1}


def test_leaving_one_out_scores_trials_on_all_predictions(table, tmp_path):
    frame = pd.read_csv(table / "t.csv").iloc[:60]
    (tmp_path / "small").mkdir()
    frame.to_csv(tmp_path / "small" / "t.csv", index=False)
    found, _, arrays, dataset = run(tmp_path / "small", tmp_path / "l", "{strategy: leave_one_out, test: none}")
    assert found["score_rows"] == "out_of_fold" and found["n_scored"] == 60 and check(kept(arrays), dataset) == []
    trials = json.loads((tmp_path / "l" / "study.json").read_text())["trials"]
    won = next(t for t in trials if t["number"] == found["trial"])
    assert won["fold_scores"] == [None] * 60 and won["spread"] > 0 and won["score"] == pytest.approx(found["precision_ladder"][0]["score"], abs=1e-6)


def test_the_plan_tells_how_rows_are_divided_and_refusals_come_before_a_folder(table, tmp_path):
    spec = table / "p.yaml"
    text = "data: {train: t.csv, columns: {time: day}}\ntask: {type: classification, target: kept}\nvalidation:\n  folds: %s\noutput: {dir: out}\n"
    spec.write_text(text % 4)
    done = call("plan", spec)
    assert done.returncode == 0 and "validation.strategy = time" in done.stdout and "validation.cuts = 2024-" in done.stdout
    spec.write_text((text % 50).replace("{time: day}", "{group: house}"))
    done = call("run", spec)
    assert done.returncode == 3 and "D320" in done.stderr and "p.yaml:4:" in done.stderr and "the largest possible is" in done.stderr
    assert not (table / "out").exists()

"""The whole thread on a real small table: what a run leaves behind, what it promises, and how it fails."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
from automl.errors import NoModelError
from automl.families import FAMILIES

from .conftest import mixed_frame, shared

AUTOML = [sys.executable, "-m", "automl"]
TOY = """
from dataclasses import replace
import os, signal, time
import automl.families.classifiers.logistic_regression as base

def _slow(estimator, data, progress):
    time.sleep(3)
    return estimator.fit(data.x, data.y)

def _kill(estimator, data, progress):
    os.kill(os.getpid(), signal.SIGKILL)

def _fail(estimator, data, progress):
    raise RuntimeError("no luck")

def _leave(estimator, data, progress):
    os._exit(0)

def _hog(estimator, data, progress):
    return bytearray(1 << 40)

def _hang(estimator, data, progress):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass

def _toy(name, fit):
    return replace(base.FAMILY, name=name, fit=fit)

SLOW, KILL, FAIL, LEAVE, HOG, HANG = (_toy(f.__name__[1:], f) for f in (_slow, _kill, _fail, _leave, _hog, _hang))
"""


def write_spec(folder: Path, data: Path, more: str = "constraints: {time: 90s, trials: 3}") -> Path:
    spec = folder / "spec.yaml"
    spec.write_text(f"data: {data}\ntask: {{type: classification, target: kept}}\n{more}\n")
    return spec


def call(*arguments: object, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*AUTOML, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, **options)


def test_a_run_leaves_what_the_format_promises(finished_run):
    names = {p.name for p in finished_run.iterdir()}
    assert {"spec.yaml", "spec.resolved.yaml", "plan.json", "profile.json", "split.npz", "trials", "study.json", "leaderboard.csv", "events.ndjson",
            "artifact", "evaluation.json", "predictions.parquet", "report.html", "report.json"} <= names  # fmt: skip
    assert ".work" not in names
    for trial in (finished_run / "trials").iterdir():
        assert json.loads((trial / "result.json").read_text())["state"] in ("ok", "pruned")


def test_the_evaluation_has_its_keys(finished_run):
    found = json.loads((finished_run / "evaluation.json").read_text())
    assert {"metric", "score", "interval", "score_rows", "baseline_score", "constraints", "precision_ladder", "budget", "trials"} <= set(found)
    assert {"asked_seconds", "used_seconds"} <= set(found["budget"]) and {"complete", "pruned", "failed"} <= set(found["trials"])
    for row in found["constraints"]:
        assert {"name", "asked", "got", "met"} <= set(row)
    for rung in found["precision_ladder"]:
        assert {"precision", "scheme", "size_bytes", "model_bytes", "rows_per_second", "batch1_p50_ms", "batch1_p95_ms", "device", "threads",
                "runtime_ratio", "library_ratio", "score", "drop", "chosen"} <= set(rung)  # fmt: skip
    assert sum(r["chosen"] for r in found["precision_ladder"]) == 1
    assert found["score_rows"] == "holdout" and found["score"] > 0.8 > found["baseline_score"]
    low, high = found["interval"]
    assert low <= found["score"] <= high


def test_the_holdout_was_in_no_fold(finished_run):
    split = np.load(finished_run / "split.npz")
    holdout = set(split["holdout"].tolist())
    for name in split.files:
        if name != "holdout":
            assert not holdout & set(split[name].tolist()), name
    assert sorted([*split["train"], *split["holdout"]]) == list(range(400))


def test_predict_in_a_fresh_process_gives_the_holdout_predictions(finished_run, mixed_csv, tmp_path):
    done = call("predict", finished_run, mixed_csv, "-o", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(tmp_path / "out.csv")
    assert list(found.columns) == ["prediction", "proba_no", "proba_yes"] and len(found) == 400
    kept = pd.read_parquet(finished_run / "predictions.parquet")
    same = found.iloc[kept["row"].to_numpy() - 1].reset_index(drop=True)
    assert np.abs(same[["proba_no", "proba_yes"]].to_numpy() - kept[["proba_no", "proba_yes"]].to_numpy()).max() < 1e-6
    assert (same["prediction"] == kept["prediction"]).all()


def test_every_way_in_predicts_the_same(finished_run, mixed_csv, tmp_path):
    """A frame as pandas reads it, a parquet file, one row as a mapping: same answers as the csv gave."""
    frame = pd.read_csv(mixed_csv)
    predictor = automl.load(finished_run)
    proba = predictor.predict_proba(frame)
    frame.drop(columns="kept").to_parquet(tmp_path / "in.parquet")
    assert call("predict", finished_run, tmp_path / "in.parquet", "-o", tmp_path / "out.parquet").returncode == 0
    assert np.abs(pd.read_parquet(tmp_path / "out.parquet")[["proba_no", "proba_yes"]].to_numpy() - proba).max() < 1e-6
    row = frame.iloc[3].drop("kept").to_dict()
    answer = predictor.predict_row(row)
    assert answer["proba"]["yes"] == pytest.approx(float(proba[3, 1]), abs=1e-6)
    assert answer["prediction"] == predictor.predict(frame)[3]
    assert list(predictor.classes_) == ["no", "yes"]


def test_other_rungs_can_be_asked_for(finished_run, mixed_csv, tmp_path):
    for precision in ("float32", "int8"):
        done = call("predict", finished_run, mixed_csv, "-o", tmp_path / "o.csv", "--precision", precision)
        assert done.returncode == 0 and f"at {precision}" in done.stderr
    done = call("predict", finished_run, mixed_csv, "-o", tmp_path / "o2.csv", "--precision", "int4")
    assert done.returncode == 7 and not (tmp_path / "o2.csv").exists()


def test_report_is_a_function_of_the_folder(finished_run):
    before = (finished_run / "report.html").read_bytes()
    (finished_run / "report.html").unlink()
    done = call("report", finished_run)
    assert done.returncode == 0 and done.stdout.strip().endswith("report.html")
    assert (finished_run / "report.html").read_bytes() == before


def test_the_command_prints_the_report_last_and_progress_elsewhere(mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "models: {include: logistic_regression}\nconstraints: {time: 90s, trials: 2}")
    done = call("run", spec, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'run' / 'report.html'}\n"
    assert "trial" in done.stderr and "\r" not in done.stderr
    again = call("run", spec, "--out", tmp_path / "run")
    assert again.returncode == 0 and again.stdout == done.stdout and "finished" in again.stderr


def test_the_resolved_spec_runs_again_and_gives_the_same(mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "models: {include: logistic_regression}\nconstraints: {time: 90s, trials: 1}")
    first = automl.run(spec, out=tmp_path / "a", overrides={"seed": "3"})
    assert (first.folder / "spec.yaml").read_bytes() == spec.read_bytes()  # as given: what --set changed stands in the resolved spec
    second = automl.run(first.folder / "spec.resolved.yaml", out=tmp_path / "b")
    assert second.evaluation["score"] == first.evaluation["score"]


def test_with_no_holdout_scores_are_out_of_fold_and_say_so(mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "validation: {test: none}\nmodels: {include: logistic_regression}\nconstraints: {time: 90s, trials: 2}")
    found = automl.run(spec, out=tmp_path / "run").evaluation
    assert found["score_rows"] == "out_of_fold" and found["n_scored"] == 400
    assert "out of fold" in (tmp_path / "run" / "report.html").read_text()
    assert sorted(pd.read_parquet(tmp_path / "run" / "predictions.parquet")["row"]) == list(range(1, 401))


@pytest.fixture
def toys(tmp_path, monkeypatch):
    """Register families that misbehave, without touching run, plan or the search."""
    (tmp_path / "toy_families.py").write_text(TOY)
    monkeypatch.syspath_prepend(str(tmp_path))
    names = ("slow", "kill", "fail", "leave", "hog", "hang")
    for name in names:
        FAMILIES.add("classification", name, f"toy_families:{name.upper()}")
    yield
    for name in names:
        FAMILIES.remove("classification", name)


def test_every_kind_of_fault_is_a_row_and_the_run_goes_on(toys, mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "models: {include: [logistic_regression, kill, fail, leave, hog]}\nconstraints: {time: 90s, trials: 8}")
    found = automl.run(spec, out=tmp_path / "run")
    board = pd.read_csv(tmp_path / "run" / "leaderboard.csv").set_index("family")
    assert {member["family"] for member in found.evaluation["members"]} == {"logistic_regression"}
    assert set(board.loc[["kill"], "state"]) == {"killed"} and "SIGKILL" in board.loc[["kill"], "cause"].iloc[0]
    assert set(board.loc[["fail"], "state"]) == {"error"} and "no luck" in board.loc[["fail"], "cause"].iloc[0]
    assert set(board.loc[["leave"], "state"]) == {"crashed"}
    assert set(board.loc[["hog"], "state"]) == {"memory"}
    assert found.evaluation["trials"]["failed"] >= 4
    assert "killed" in (tmp_path / "run" / "report.html").read_text()


def test_with_nothing_but_faults_there_is_still_an_honest_model(toys, mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "models: {include: [fail]}\nconstraints: {time: 90s, trials: 2}")
    with pytest.raises(NoModelError, match="all 2 trials failed") as failed:
        automl.run(spec, out=tmp_path / "run")
    assert "RuntimeError: no luck" in failed.value.problem and failed.value.exit_code == 4
    found = json.loads((tmp_path / "run" / "evaluation.json").read_text())
    assert found["family"] == "baseline" and found["score"] == found["baseline_score"]
    assert json.loads((tmp_path / "run" / "report.json").read_text())["trust"]["light"] == "red"
    assert automl.load(tmp_path / "run").predict_proba(mixed_frame()).shape == (400, 2)


def test_a_fit_that_never_ends_does_not_hold_the_run(toys, mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "models: {include: [logistic_regression, hang]}\nconstraints: {time: 12s}")
    began = time.monotonic()
    found = automl.run(spec, out=tmp_path / "run")
    assert time.monotonic() - began < 20  # the hanging fit would sleep for minutes
    board = pd.read_csv(tmp_path / "run" / "leaderboard.csv").set_index("family")
    assert set(board.loc[["hang"], "state"]) == {"timeout"} and {member["family"] for member in found.evaluation["members"]} == {"logistic_regression"}


def _start(spec: Path, out: Path, env: dict[str, str] | None = None) -> "subprocess.Popen[str]":
    return subprocess.Popen([*AUTOML, "run", str(spec), "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def _wait_for(out: Path, kind: str, seconds: float = 30) -> dict[str, object]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for line in (out / "events.ndjson").read_text().splitlines() if (out / "events.ndjson").exists() else []:
            event = json.loads(line)
            if event["event"] == kind:
                return event
        time.sleep(0.02)
    raise AssertionError(f"no {kind} within {seconds} s")


def test_kill_9_of_a_trial_leaves_a_finished_run_that_says_so(mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "models: {include: [mlp], space: {mlp: {layers: 3, width: 256, batch: 16}}}\nconstraints: {time: 40s, trials: 3}")
    process = _start(spec, tmp_path / "run")
    pid = int(str(_wait_for(tmp_path / "run", "trial_started")["pid"]))
    os.kill(pid, signal.SIGKILL)
    assert process.wait(timeout=60) == 0, process.stderr.read()
    board = pd.read_csv(tmp_path / "run" / "leaderboard.csv")
    assert board.loc[board["number"] == 1, "state"].tolist() == ["killed"] and "once more" in str(board.loc[board["attempt"] == 2, "note"].tolist())
    assert "killed from outside by SIGKILL" in (tmp_path / "run" / "report.html").read_text()


def test_ctrl_c_once_keeps_the_best_so_far(mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "constraints: {time: 5m}")
    process = _start(spec, tmp_path / "run")
    _wait_for(tmp_path / "run", "trial_ok")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130, process.stderr.read()
    assert time.monotonic() - began < 20
    assert process.stdout.read().strip().endswith("report.html")
    assert "Stopped by you" in (tmp_path / "run" / "report.html").read_text()
    assert json.loads((tmp_path / "run" / "artifact" / "manifest.json").read_text())["family"] != "baseline"


def test_kill_9_of_the_run_leaves_no_process(mixed_csv, tmp_path):
    spec = write_spec(tmp_path, mixed_csv, "models: {include: [mlp]}\nconstraints: {time: 5m}")
    process = _start(spec, tmp_path / "run")
    pid = int(str(_wait_for(tmp_path / "run", "trial_started")["pid"]))
    process.kill()
    process.wait()
    time.sleep(2)
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] in "ZX"  # gone, or only waiting to be counted
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert str(tmp_path) not in listed


@pytest.mark.slow
@pytest.mark.parametrize(("name", "target"), [("adult", "income"), ("vehicle", "Class"), ("sms_spam", "label"), ("soybean", "Class")])
def test_real_tables_within_their_time(name, target, tmp_path):
    path, seconds = shared(name), 20
    spec = tmp_path / "s.yaml"
    spec.write_text(f"data: {path}\ntask: {{type: classification, target: {target}}}\nconstraints: {{time: {seconds}s}}\n")
    began = time.monotonic()
    done = call("run", spec, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < seconds + max(3, 0.05 * seconds)
    found = json.loads((tmp_path / "run" / "evaluation.json").read_text())
    assert found["family"] != "baseline"


def test_copies_cannot_make_noise_look_like_knowledge(tmp_path):
    """Every row three times with a random label, and a counter that makes the copies look distinct."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200), "kept": rng.choice(["yes", "no"], 200)})
    frame = pd.concat([frame] * 3, ignore_index=True)
    frame.insert(0, "nr", range(len(frame)))
    frame.to_csv(tmp_path / "t.csv", index=False)
    spec = write_spec(tmp_path, tmp_path / "t.csv", "models: {include: [random_forest]}\nconstraints: {time: 90s, trials: 2}")
    found = automl.run(spec, out=tmp_path / "run").evaluation
    low, high = found["interval"]
    assert low < 0.5 < high or found["score"] < 0.62
    assert found["repeated_inputs"] == 0.0


def test_booleans_and_missing_values_mean_the_same_through_every_door(tmp_path):
    rng = np.random.default_rng(0)
    flag, level = rng.random(300) < 0.5, rng.choice(["a", "b", "n/a"], 300)
    kept = np.where(flag ^ (level == "b") ^ (rng.random(300) < 0.05), "yes", "no")
    frame = pd.DataFrame({"flag": np.where(flag, "true", "false"), "digit": flag.astype(int), "level": level, "x": rng.normal(size=300), "kept": kept})
    frame.to_csv(tmp_path / "t.csv", index=False)
    spec = write_spec(tmp_path, tmp_path / "t.csv", "models: {include: [xgboost]}\nconstraints: {time: 90s, trials: 1}")
    run = automl.run(spec, out=tmp_path / "run")
    assert call("predict", run.folder, tmp_path / "t.csv", "-o", tmp_path / "o.csv").returncode == 0
    expected = pd.read_csv(tmp_path / "o.csv")["proba_yes"].to_numpy()
    predictor = automl.load(run.folder)
    read = pd.read_csv(tmp_path / "t.csv")
    assert read["flag"].dtype == bool
    typed = read.assign(digit=read["digit"].astype(bool))
    for given in (read, typed, frame.replace("n/a", None)):
        assert np.abs(predictor.predict_proba(given)[:, 1] - expected).max() < 1e-6
    row = {"flag": True, "digit": True, "level": None, "x": 0.1}
    assert predictor.predict_row(row) == predictor.predict_row({"flag": "TRUE", "digit": 1, "level": float("nan"), "x": 0.1})

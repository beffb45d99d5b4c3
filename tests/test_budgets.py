"""What a run may spend, seen from outside: time from process start to exit, memory, and the same leaderboard where nothing hangs on the clock."""

import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from tests.conftest import mixed_frame, shared


def automl_run(folder, data, target, text, *more):
    """Return (seconds, result, folder of the run) of a run in a process of its own."""
    (folder / "s.yaml").write_text(f"data: {data}\ntask: {{type: classification, target: {target}}}\n{text}")
    began = time.monotonic()
    command = [sys.executable, "-m", "automl", "run", str(folder / "s.yaml"), "--out", str(folder / "run"), "-q", *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    return time.monotonic() - began, done, folder / "run"


def held(seconds, asked):
    return seconds <= asked + max(3.0, 0.05 * asked)


def normal_table(path, n_rows, n_columns, seed=0):
    """Write a table of normal columns whose class hangs on the first three."""
    x = np.random.default_rng(seed).normal(size=(n_rows, n_columns)).astype(np.float32)
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(n_columns)])
    frame.assign(y=np.where(x[:, 0] + x[:, 1] * x[:, 2] > 0, "yes", "no")).to_parquet(path)
    return path


@pytest.mark.slow
def test_without_a_clock_the_same_spec_gives_the_same_leaderboard(tmp_path):
    mixed_frame(150).to_csv(tmp_path / "t.csv", index=False)
    boards = []
    families = "models: {include: [logistic_regression, xgboost, hist_gradient_boosting, naive_bayes, lda]}\n"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        text = families + "constraints: {trials: 9, time: none}\nruntime: {workers: 1}\nvalidation: {folds: 3}\n"
        _, done, run = automl_run(tmp_path / name, tmp_path / "t.csv", "kept", text)
        assert done.returncode == 0, done.stderr
        boards.append(pd.read_csv(run / "leaderboard.csv").drop(columns=["seconds", "peak_memory_mb"]))
    pd.testing.assert_frame_equal(*boards, check_exact=True)
    assert len(boards[0]) == 12 and boards[0]["score"].notna().all()


@pytest.mark.slow
def test_ten_seconds_for_a_million_rows_give_a_model_in_time(tmp_path):
    table = normal_table(tmp_path / "t.parquet", 1_000_000, 10)
    seconds, done, run = automl_run(tmp_path, table, "y", "constraints: {time: 10s}\n")
    assert done.returncode == 0, done.stderr
    assert held(seconds, 10.0), seconds
    assert json.loads((run / "evaluation.json").read_text())["score"] >= 0.5


@pytest.mark.slow
def test_under_a_limit_on_memory_it_ends_with_a_model_and_says_what_it_gave_up(tmp_path):
    table = normal_table(tmp_path / "t.parquet", 1500, 4000)
    seconds, done, run = automl_run(tmp_path, table, "y", "constraints: {time: 40s, memory: 1500MB}\n")
    assert done.returncode == 0, done.stderr
    decisions = json.loads((run / "plan.json").read_text())["decisions"]
    given_up = [d for d in decisions if d["key"].startswith("models.") and d["value"] == "given up"]
    assert given_up and all("MB" in d["because"] for d in given_up)
    assert json.loads((run / "evaluation.json").read_text())["family"] != "baseline" and held(seconds, 40.0)


@pytest.mark.slow
@pytest.mark.parametrize("asked", [10, 30])
def test_budgets_hold_on_a_real_table(tmp_path, asked):
    seconds, done, run = automl_run(tmp_path, shared("adult"), "income", f"constraints: {{time: {asked}s}}\n")
    assert done.returncode == 0, done.stderr
    assert held(seconds, asked), seconds
    assert json.loads((run / "evaluation.json").read_text())["score"] >= 0.88

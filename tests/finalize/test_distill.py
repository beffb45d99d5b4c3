"""One model in place of several: what it learns from, that it is judged like a trial, and when there is none."""

import csv
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.finalize.distill import distil, seconds_needed, soft_labels, student_of
from automl.finalize.ensemble import choose
from automl.run import run
from automl.search.budget import Budget
from automl.search.loop import Stop
from automl.search.workers.fitting import LEAST_SHARE, spread

from ..toys import Script, ends_ok, toy_trial
from .test_ensemble import Made

XGB = "automl.families.classifiers.xgboost:FAMILY"


def test_a_row_stands_once_for_each_class_that_is_likely():
    soft = np.array([[0.7, 0.3, 0.0], [0.995, 0.003, 0.002], [np.nan, np.nan, np.nan]], np.float32)
    at, codes, shares = spread(np.array([1, 0, 2]), soft)
    assert at.tolist() == [0, 0, 1, 2] and codes.tolist() == [0, 1, 0, 2]
    assert shares == pytest.approx([0.7, 0.3, 1.0, 1.0])
    assert LEAST_SHARE > 0.003


@pytest.fixture
def made(tmp_path):
    return Made(tmp_path)


def test_what_is_learned_was_said_by_models_that_did_not_see_the_row(made):
    choice = choose(made.plan, made.study, made.store, made.files)
    soft = soft_labels(made.store, choice, 2)
    for (_, valid), answers in zip(made.store.folds, choice.out_of_fold, strict=True):
        assert np.allclose(soft[valid], answers)
    rest = np.setdiff1d(np.arange(len(made.store.y)), np.concatenate([v for _, v in made.store.folds]))
    assert len(rest) and np.isnan(soft[rest]).all()


def test_the_student_is_the_best_small_model(made):
    study = made.study
    assert student_of(made.plan, study) is None  # linear models, a single tree and Bayes are not what learns
    one = replace(made.plan.candidates[0], family="xgboost", locator=XGB)
    plan = replace(made.plan, candidates=(*made.plan.candidates, one))
    study.trials += [toy_trial(7, 0.9, family="xgboost"), toy_trial(8, 0.5, family="xgboost"), toy_trial(9, 0.1, family="xgboost", distilled=True)]
    assert student_of(plan, study).number == 8


def told(made, play, **budget):
    """Distil with an executor that plays what the worker says."""
    choice = choose(made.plan, made.study, made.store, made.files)
    one = replace(made.plan.candidates[0], family="xgboost", locator=XGB)
    plan = replace(made.plan, candidates=(*made.plan.candidates, one))
    study = made.study
    study.trials.append(toy_trial(7, 0.9, family="xgboost", fold_seconds=(0.1, 0.1), params={"a": 1}))
    executor = Script(play)
    clock = Budget(time.monotonic(), budget.get("seconds", 60.0))
    return executor, distil(plan, study, choice, made.store, made.files, executor, clock, made.events.append, budget.get("stop", Stop()))


def test_it_becomes_a_trial_with_a_number_of_its_own(made):
    executor, (trial, why) = told(made, lambda i: ends_ok(0.4, 0.5))
    assert why == "" and trial.number == 8 and trial.score == pytest.approx(0.45) and trial.distilled and trial.family == "xgboost"
    assert [go for _, go, _ in executor.said] == [True] and made.files.soft_labels.is_file()
    assert made.events[-1]["event"] == "trial_ok"


def test_a_fault_leaves_no_trial_and_says_why(made):
    _, (trial, why) = told(made, lambda i: [{"kind": "fault", "state": "error", "cause": "no luck"}, {"kind": "exited", "status": 256, "peak_memory_mb": 1}])
    assert trial is None and why == "no luck"


def test_none_is_begun_without_time_or_after_the_end_was_asked_for(made):
    stop = Stop()
    stop.soft.set()
    executor, (trial, why) = told(made, lambda i: ends_ok(0.4, 0.5), stop=stop)
    assert trial is None and why == "you asked for the end" and not executor.submitted
    executor, (trial, why) = told(made, lambda i: ends_ok(0.4, 0.5), seconds=0.0)
    assert trial is None and "were left" in why and not executor.submitted


def test_the_time_grows_with_the_classes_that_rows_may_have(made):
    student = toy_trial(1, 0.5, fold_seconds=(1.0, 1.0))
    sure, torn = np.array([[1.0, 0.0]] * 4, np.float32), np.array([[0.5, 0.5]] * 4, np.float32)
    assert seconds_needed(made.plan, student, torn) == pytest.approx(2 * seconds_needed(made.plan, student, sure))


def test_a_run_ships_the_model_that_learned(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(700, 6))
    y = 1.2 * x[:, 0] - 0.8 * x[:, 1] + 1.5 * x[:, 2] * x[:, 3] + 0.5 * rng.logistic(size=700) > 0  # a line and a product: no family alone sees both well
    pd.DataFrame(x, columns=list("abcdef")).assign(target=np.where(y, "yes", "no")).to_csv(tmp_path / "t.csv", index=False)
    path = tmp_path / "spec.yaml"
    path.write_text(
        "version: 1\ndata: t.csv\ntask: {type: classification, target: target}\nmodels: {include: [logistic_regression, xgboost, extra_trees]}\n"
        "ensemble: {distill: always}\nsearch: {stop_after_no_gain: 8}\nexplain: {importance: none}\nconstraints: {time: 60s, cpus: 2}\n"
    )
    found = run(path, out=tmp_path / "run")
    learned = found.evaluation["distilled"]
    assert learned is not None and learned["why_not"] == "" and found.evaluation["trial"] == learned["trial"]
    assert found.evaluation["family"] == "xgboost" and found.evaluation["ensemble"] is None and found.evaluation["score"] > 0.85
    assert "learned what an ensemble" in found.report.read_text()
    rows = list(csv.DictReader((found.folder / "leaderboard.csv").open()))
    assert str(learned["trial"]) in {row["number"] for row in rows}

"""The gate: the rows that are reported decide; too few of them, and those of the folds do; the error says all that must be known."""

import numpy as np
import pytest

from automl.data.dataset import Dataset
from automl.data.sensitive import Groups
from automl.data.split import Split
from automl.errors import GateFailed
from automl.evaluate.choice import Made
from automl.evaluate.constraints import Measured
from automl.evaluate.gate import gate_fault, judge_winner
from automl.finalize.candidate import Candidate
from automl.inference.forms import Form
from automl.inference.table import Table
from automl.plan.limits import Fair, Limits

from ..toys import toy_plan

N = 1000


def judged(limits, score=0.9, n_holdout=400, spoiled=0.5):
    """Judge a model that finds all positive rows of one group, and a share of those of the other; better on the folds."""
    y = np.arange(N) % 2
    groups = np.arange(N) // 2 % 2
    dataset = Dataset(Table({}, N), (), (), "y", ("no", "yes"), 1, y, np.arange(N), "", "", (), groups=Groups("band", ("old", "new"), groups))
    train, holdout = np.arange(N - n_holdout), np.arange(N - n_holdout, N)
    split = Split(train, holdout, ((train[300:], train[:300]), (train[:300], train[300:])), ())

    def answers(rows, share):
        missed = (groups[rows] == 1) & (np.arange(len(rows)) % 100 < 100 * share)
        p = np.where((y[rows] == 1) & ~missed, 0.9, 0.1)
        return np.stack([1 - p, p], axis=1)

    forms = Form("features", {"steps": [], "sparse": False}), Form("linear", {"n_outputs": 2})
    rung = Candidate("linear", "float32", "", *forms, (), 1, n_folds=2, out_of_fold=tuple(answers(rows, 0.1) for _, rows in split.folds))
    measured = Measured("linear, trial 1", "float32", 1000, 1.0, 0.95, 0.1)
    made = Made(None, (rung,), (), (measured,), (0,), (measured,))
    return judge_winner(toy_plan(limits=limits), dataset, split, made, 0, {"score": score}, holdout, answers(holdout, spoiled).argmax(axis=1), 0.2)


def test_nothing_asked_is_no_gate():
    assert judged(Limits()) == {"constraints": [], "gate": None, "fairness": None}
    assert gate_fault({}, "r") is None and gate_fault({"gate": None}, "r") is None


@pytest.mark.parametrize(("score", "met"), [(0.9, True), (0.89, False)])
def test_the_reported_score_decides_whatever_the_folds_said(score, met):
    found = judged(Limits(quality=0.9), score)
    assert found["gate"]["met"] is met and found["constraints"][0]["met"] is met


def test_groups_are_compared_on_the_rows_that_are_reported():
    found = judged(Limits(fair=Fair("band", "equal_opportunity", 0.2)))
    fairness = found["fairness"]
    assert not found["gate"]["met"] and fairness["rows"] == "scored" and fairness["gap"] == pytest.approx(0.5, abs=0.05)
    assert fairness["interval"][0] < fairness["gap"] < fairness["interval"][1] and sum(g["rows"] for g in fairness["groups"]) == 400
    assert judged(Limits(fair=Fair("band", "equal_opportunity", 0.2)), spoiled=0.1)["gate"]["met"]


def test_too_few_rows_kept_apart_leave_it_to_the_folds_and_that_is_said():
    found = judged(Limits(fair=Fair("band", "equal_opportunity", 0.2)), n_holdout=40)
    assert found["fairness"]["rows"] == "out_of_fold" and found["gate"]["met"] and found["fairness"]["gap"] == pytest.approx(0.1, abs=0.05)


def test_the_error_says_what_is_not_met_where_to_look_and_what_to_change():
    fault = gate_fault(judged(Limits(quality=0.95, size_bytes=100)), "run/report.html")
    assert isinstance(fault, GateFailed) and fault.exit_code == 1
    assert "model_size: asked at most 100 B, got 1.0 kB" in fault.problem and "quality: asked roc_auc at least 0.95, got 0.9" in fault.problem
    assert fault.where == "run/report.html" and "constraints: {model_size: 1kB}" in fault.fix
    assert gate_fault(judged(Limits(size_bytes=100, soft=("model_size",))), "r") is None, "a wish fails nothing"

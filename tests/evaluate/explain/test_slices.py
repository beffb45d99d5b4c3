import json

import numpy as np
import pytest

from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.scored import Scored
from automl.evaluate.explain.slices import LEAST_ROWS, WORDS, compared, discoveries, groups, losses, row_loss, slices
from automl.inference.decision import Decision
from automl.metrics import METRICS, metric_of

from .planted import logistic, names, scored_of, values

N = 4000


def told(scored, name="log_loss", hidden=(), costs=(), pace=None):
    metric = metric_of("classification", name, costs)
    return slices(scored, metric, 1, costs, names(scored), frozenset(hidden), 0, pace or Pace())


def planted(seed, bad=True, metric="log_loss"):
    """Return rows whose model is right but for one level in ten, where the classes are a coin; forty random columns stand beside."""
    rng = np.random.default_rng(seed)
    columns = {"x": rng.normal(size=N), "region": (rng.integers(0, 10, N), [f"r{i}" for i in range(10)])}
    columns |= {f"random{i}": (rng.integers(0, 5, N), list("abcde")) for i in range(40)}
    model = lambda t: logistic(2 * values(t, "x"))  # noqa: E731
    scored = scored_of(columns, model, seed=seed)
    y = scored.y.copy()
    if bad:
        inside = values(scored.table, "region") == 3
        y[inside] = rng.integers(0, 2, inside.sum())
    return Scored(**{**vars(scored), "y": y})


@pytest.mark.parametrize("metric", ["log_loss", "roc_auc", "accuracy", "brier_score"])
def test_a_planted_bad_group_is_the_worst(metric):
    found = told(planted(0), metric)
    worst = found["worst"][0]
    assert (worst["column"], worst["value"], worst["clear"]) == ("region", "r3", True)
    assert worst["interval"][0] > 0 and worst["share"] == pytest.approx(0.1, abs=0.02) and worst["rows"] == round(worst["share"] * N)
    whole = METRICS.get("classification", metric)
    assert whole.better(whole.score(planted(0).y, planted(0).proba, 1), worst["score"])
    json.dumps(found, allow_nan=False)


def test_random_groups_are_seldom_called_clear():
    """At a false discovery rate of 5 %, a table of random groups alone has a clear one in about one of twenty cases."""
    false = 0
    for seed in range(30):
        scored = planted(seed, bad=False)
        fields = tuple(f for f in scored.fields if f.name != "x")  # groups of x do differ, as its middle is harder
        found = told(Scored(**{**vars(scored), "fields": fields}))
        assert found["tested"] >= 200
        false += found["clear"] > 0
    assert false <= 5


def test_groups_by_the_rows_that_lack_a_value_and_by_quarters():
    rng = np.random.default_rng(0)
    x = rng.normal(size=N)
    shown = np.where(rng.random(N) < 0.2, np.nan, x)
    scored = scored_of({"x": shown}, lambda t: logistic(3 * np.nan_to_num(values(t, "x"))))
    y = (rng.random(N) < logistic(3 * x)[:, 1]).astype(np.int64)
    found = told(Scored(**{**vars(scored), "y": y}))
    assert found["worst"][0]["what"] == "missing" and found["worst"][0]["clear"] and found["tested"] == 5
    ranges = [words for words, _ in groups(scored.table.columns["x"], "number", named=True) if words["what"] == "range"]
    assert ranges[0]["above"] is None is ranges[-1]["up_to"] and [r["up_to"] for r in ranges[:-1]] == [r["above"] for r in ranges[1:]]


def test_personal_levels_are_not_named_and_small_groups_not_tested():
    codes = np.concatenate([np.zeros(500), np.ones(400), np.full(LEAST_ROWS - 1, 2)]).astype(np.int32)
    scored = scored_of({"mail": (codes, ["a@b.example", "c@d.example", "e@f.example"])}, lambda t: logistic(values(t, "mail") - 1.0))
    assert told(scored)["tested"] == 2 and "e@f" not in json.dumps(told(scored))
    hidden = told(scored, hidden=["mail"])
    assert hidden["tested"] == 0 and "example" not in json.dumps(hidden)


def test_rows_of_a_unit_count_as_one():
    rng = np.random.default_rng(0)
    loss = np.repeat(rng.normal(size=60), 20)
    inside = np.repeat(np.arange(60) % 2 == 0, 20)
    apart, together = compared(loss, inside, np.arange(1200)), compared(loss, inside, np.repeat(np.arange(60), 20))
    assert together[0] == apart[0] and together[1] > 3 * apart[1] and together[2] > apart[2]


def test_a_small_group_without_a_rare_large_loss_is_not_called_better():
    loss = np.zeros(5000)
    loss[:100] = 10.0  # one row in fifty; a group of forty is likely to have none
    inside = np.zeros(5000, dtype=bool)
    inside[4000:4040] = True
    assert compared(loss, inside, np.arange(5000))[2] > 0.05


def test_the_step_up_procedure_by_hand():
    assert discoveries(np.array([0.01, 0.03, 0.02, 0.5])).tolist() == [True, True, True, False]
    assert discoveries(np.array([0.04, 0.045, 0.9])).tolist() == [False, False, False]
    assert discoveries(np.zeros(0)).tolist() == []


@pytest.mark.parametrize(("metric", "kind"), [("f1", "wrong"), ("average_precision", "log_loss"), ("brier_score", "brier"), ("recall_macro", "wrong")])
def test_what_a_row_loses(metric, kind):
    known = METRICS.get("classification", metric)
    assert row_loss(known, 2) == kind and kind in WORDS
    area = METRICS.get("classification", "roc_auc")
    assert row_loss(area, 3) == "log_loss" and row_loss(area, 2) == "misplaced"


@pytest.mark.parametrize("name", ["accuracy", "brier_score", "log_loss", "roc_auc"])
def test_the_mean_of_what_rows_lose_is_what_the_metric_lacks(name):
    metric, scored = METRICS.get("classification", name), planted(0)
    loss = losses(scored, row_loss(metric, 2), 1)
    score = metric.score(scored.y, scored.proba, 1)
    if name == "roc_auc":
        assert [loss[scored.y == c].mean() for c in (0, 1)] == pytest.approx([1 - score] * 2)
    else:
        assert loss.mean() * (0.5 if name == "brier_score" else 1.0) == pytest.approx(1 - score if name == "accuracy" else score)


def test_a_row_is_wrong_by_the_class_that_is_answered():
    scored = planted(0)
    strict = Scored(**{**vars(scored), "decision": Decision(threshold=0.9)})
    assert losses(strict, "wrong", 1).mean() == pytest.approx(((scored.proba[:, 1] > 0.9) != scored.y).mean())
    assert losses(strict, "wrong", 1).mean() > losses(scored, "wrong", 1).mean()


def test_costs_are_the_loss_of_the_metric_cost():
    rng = np.random.default_rng(0)
    scored = scored_of({"x": rng.normal(size=1000)}, lambda t: logistic(values(t, "x")))
    costs = ((0.0, 1.0), (5.0, 0.0))
    scored = Scored(**{**vars(scored), "decision": Decision(costs=costs)})
    found = told(scored, "cost", costs=costs)
    assert found["loss"] == "cost" and found["mean_loss"] == pytest.approx(metric_of("classification", "cost", costs).score(scored.y, scored.proba, 1))


def test_without_time_nothing_is_tested_and_it_says_so():
    found = told(planted(0), pace=Pace(-1.0))
    assert found["tested"] == found["columns"] == 0 and found["worst"] == []

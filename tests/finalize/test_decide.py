"""The decision is chosen out of fold, pays on fresh rows, and is left alone where it would only follow noise."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import log_loss

from automl.finalize.candidate import Candidate, FoldModel
from automl.finalize.decide import decide, with_decision
from automl.inference.decision import Decision
from automl.inference.forms import Form
from automl.metrics import METRICS, decided

from ..toys import toy_plan, toy_store

NOTHING = Form("features", {"steps": [], "sparse": False})


def made(n=2000, k=2, heat=1.0, shift=0.0, share=0.5, signal=1.5, seed=0):
    """Return classes, and probabilities that are too sure by a factor; `share` of the last class."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, signal, (n, k))
    z[:, -1] += np.log(share / (1 - share))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    z = heat * z
    z[:, -1] += shift
    sure = np.exp(z - z.max(axis=1, keepdims=True))
    return y, (sure / sure.sum(axis=1, keepdims=True)).astype(np.float32)


def chosen(y, p, folds=5, units=None, forward=False, **changes):
    plan = toy_plan(n_outputs=p.shape[1], **changes)
    fold = np.arange(len(y)) * folds // len(y)
    shares = np.bincount(y, minlength=p.shape[1]) / len(y)
    decision, facts = decide(plan, y, p, np.arange(len(y)) if units is None else units, fold, shares, forward=forward)
    json.dumps(facts, allow_nan=False)
    return decision, facts


@pytest.mark.parametrize("k", [2, 4])
def test_too_sure_probabilities_get_a_temperature_that_pays_on_fresh_rows(k):
    decision, facts = chosen(*made(k=k, heat=2.0), metric="log_loss", greater_is_better=False)
    assert decision.temperature == pytest.approx(2.0, rel=0.15) and decision.plain and facts["calibrate"]["method"] == "temperature"
    fresh_y, fresh = made(k=k, heat=2.0, seed=1)
    gain = log_loss(fresh_y, fresh) - log_loss(fresh_y, decision.calibrate(fresh))
    assert gain > 0.02 and gain == pytest.approx(facts["calibrate"]["gain"], rel=0.5)
    assert facts["calibrate"]["interval"][0] > 0


def test_true_probabilities_are_left_as_they_are():
    kept = [chosen(*made(600, seed=s), metric="log_loss", greater_is_better=False)[0].calibrates for s in range(20)]
    assert sum(kept) <= 4
    decision, facts = chosen(*made(600, seed=3), metric="log_loss", greater_is_better=False)
    assert decision == Decision() and "beyond noise" in facts["calibrate"]["because"] and facts["calibrate"]["tried"]["method"] == "temperature"


def test_curves_are_taken_where_rows_are_plenty_and_the_metric_is_no_ranking():
    y, p = made(12000, heat=1.0, seed=5)
    bent = (p[:, 1] ** 4).astype(np.float32)  # no temperature mends this
    p = np.stack([1 - bent, bent], axis=1)
    assert chosen(y, p, metric="log_loss", greater_is_better=False)[1]["calibrate"]["method"] == "isotonic"
    for metric in ("roc_auc", "average_precision"):
        assert chosen(y, p, metric=metric)[1]["calibrate"]["method"] != "isotonic"
    assert chosen(y[:1500], p[:1500], metric="log_loss", greater_is_better=False)[1]["calibrate"]["method"] != "isotonic"
    assert chosen(y[:1500], p[:1500], metric="roc_auc", calibrate="isotonic")[0].curves
    assert chosen(y, p, metric="log_loss", calibrate="none")[0] == Decision()


def test_no_calibration_lowers_a_ranking_of_two_classes():
    y, p = made(1500, heat=2.5)
    decision, _ = chosen(y, p, metric="roc_auc")
    assert decision.calibrates
    auc = METRICS.get("classification", "roc_auc")
    assert auc.score(y, decision.calibrate(p).astype(float), 1) == pytest.approx(auc.score(y, p.astype(float), 1), abs=1e-6)


@pytest.mark.parametrize("positive", [0, 1])
@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "f1_macro"])
def test_rare_positives_get_a_threshold_that_gains_on_fresh_rows(name, positive):
    def sides(y, p):
        return (y, p) if positive == 1 else (1 - y, p[:, ::-1])

    decision, facts = chosen(*sides(*made(2500, share=0.08)), metric=name, positive=positive)
    assert decision.threshold is not None and decision.threshold < 0.45 and decision.positive == positive
    y, p = sides(*made(20000, share=0.08, seed=1))
    metric = METRICS.get("classification", name)
    p = decision.calibrate(p).astype(float)
    gain = decided(metric, decision).score(y, p, positive) - metric.score(y, p, positive)
    assert gain > 0.01 and gain == pytest.approx(facts["rule"]["gain"], abs=0.05)
    assert facts["rule"]["kind"] == "threshold" and facts["rule"]["interval"][0] > -0.01


def test_for_accuracy_and_true_probabilities_the_middle_stays():
    found = [chosen(*made(400, seed=s), metric="accuracy")[0].plain for s in range(20)]
    assert sum(found) >= 16


def test_a_threshold_repairs_probabilities_that_are_shifted():
    y, p = made(2000, shift=1.5)
    decision, _ = chosen(y, p, metric="accuracy")
    assert decision.threshold is not None and decision.threshold > 0.6
    fresh_y, fresh = made(20000, shift=1.5, seed=1)
    assert (decision.codes(decision.calibrate(fresh)) == fresh_y).mean() > (fresh.argmax(axis=1) == fresh_y).mean() + 0.03


@pytest.mark.parametrize("metric", ["recall", "precision"])
def test_a_metric_that_a_threshold_would_drive_to_an_end_keeps_the_middle(metric):
    decision, facts = chosen(*made(share=0.2), metric=metric)
    assert decision.plain and "nobody wants" in facts["rule"]["because"]


@pytest.mark.parametrize("name", ["balanced_accuracy", "f1_macro"])
def test_rare_classes_of_several_are_answered_sooner(name):
    decision, facts = chosen(*made(4000, k=3, share=0.03), metric=name)
    assert decision.weights and facts["rule"]["kind"] == "weights" and decision.weights[2] == max(decision.weights)
    y, p = made(20000, k=3, share=0.03, seed=1)
    metric = METRICS.get("classification", name)
    assert metric.of_codes(y, decision.codes(p), 3, 1) > metric.of_codes(y, p.argmax(axis=1), 3, 1) + 0.01
    assert chosen(*made(4000, k=3, share=0.03), metric="accuracy")[0].plain


def test_costs_decide_whatever_the_metric():
    y, p = made(share=0.2)
    for positive in (0, 1):
        costs = ((0.0, 1.0), (8.0, 0.0)) if positive == 1 else ((0.0, 8.0), (1.0, 0.0))
        decision, facts = chosen(y, p, metric="roc_auc", costs=costs, positive=positive, calibrate="none")
        assert decision.threshold == pytest.approx(1 / 9) and decision.positive == positive and facts["rule"]["metric"] == "cost"
    assert facts["rule"]["gain"] > 0 and np.array_equal(decision.codes(p), (p.astype(float) @ np.array(costs)).argmin(axis=1))
    three = ((0.0, 1.0, 2.0), (3.0, 0.0, 1.0), (50.0, 9.0, 0.0))
    decision, facts = chosen(*made(k=3), metric="log_loss", costs=three, calibrate="none")
    assert decision.costs == three and facts["rule"]["gain"] > 0 and facts["rule"]["interval"][0] > 0


def test_a_threshold_that_is_asked_for_is_taken_and_what_it_does_is_told():
    decision, facts = chosen(*made(share=0.2), metric="f1", threshold=0.9)
    assert decision.threshold == 0.9 and facts["rule"]["gain"] < 0 and facts["rule"]["because"] == "asked for"
    assert chosen(*made(share=0.2), metric="roc_auc", threshold=0.9)[0].threshold == 0.9


def test_few_rows_choose_nothing():
    y, p = made(40, heat=3.0)
    assert chosen(y, p, metric="log_loss", greater_is_better=False)[0] == Decision()
    y, p = made(800, heat=3.0)
    decision, facts = chosen(y, p, units=np.arange(800) // 40, metric="log_loss", greater_is_better=False)
    assert decision == Decision() and "too few" in facts["calibrate"]["because"]
    y = np.where(np.arange(800) < 5, 1, 0)
    assert chosen(y, p, metric="f1")[0] == Decision()


@pytest.mark.parametrize(("folds", "forward"), [(1, False), (2, False), (800, False), (5, True), (2, True)])
def test_any_division_into_folds_serves(folds, forward):
    decision, facts = chosen(*made(800, heat=3.0), folds=folds, forward=forward, pooled=folds == 800, metric="log_loss", greater_is_better=False)
    assert decision.temperature == pytest.approx(3.0, rel=0.3) and facts["folds"] is not None


def test_forward_in_time_a_choice_is_judged_on_later_rows_only():
    """Rows at first are too sure, later ones true: what was learned from the first costs on the later ones."""
    first, later = made(250, heat=2.5), made(750, heat=1.0, seed=2)
    y, p = np.concatenate([first[0], later[0]]), np.concatenate([first[1], later[1]])
    _, facts = chosen(y, p, folds=4, forward=True, metric="log_loss", greater_is_better=False)
    losses = log_loss(y[250:], p[250:])
    told = facts["calibrate"].get("tried") or facts["calibrate"]
    assert told["before"] == pytest.approx(losses, abs=1e-4)


def test_rows_that_are_scored_several_times_are_judged_on_others():
    y, p = made(300, heat=1.0)
    many = np.tile(np.arange(300), 6)
    plan = toy_plan(metric="log_loss", greater_is_better=False)
    decision, facts = decide(plan, y[many], p[many], many, np.repeat(np.arange(6), 300), np.array([0.5, 0.5]))
    alone, _ = chosen(y, p, metric="log_loss", greater_is_better=False)
    assert decision.calibrates == alone.calibrates and facts["n_rows"] == 1800


def test_nothing_depends_on_chance():
    y, p = made(500, share=0.2, heat=1.5)
    assert chosen(y, p, metric="f1") == chosen(y, p, metric="f1")


@pytest.fixture
def bench(tmp_path):
    store = toy_store(tmp_path / "store", 400)

    def candidate(strength=3.0):
        rng = np.random.default_rng(0)
        parts = []
        for _, valid in store.folds:
            p = 1 / (1 + np.exp(-strength * (2 * store.y[valid] - 1 + rng.normal(0, 1.5, len(valid)))))
            parts.append(np.stack([1 - p, p], axis=1).astype(np.float32))
        form = Form("linear", {"n_outputs": 2})
        return Candidate("f", "float32", "", NOTHING, form, (), 1, {"made_by": "us"}, n_folds=2, out_of_fold=tuple(parts))

    return store, candidate


def test_the_candidate_takes_its_decision_along(bench):
    store, candidate = bench
    found = with_decision(toy_plan(metric="log_loss", greater_is_better=False), candidate(), store)
    assert found.decision.temperature > 1.5 and found.facts["made_by"] == "us" and found.facts["decision"]["calibrate"]["method"] == "temperature"
    assert found.at("int8", "", found.model, ()).decision == found.decision


def test_without_predictions_only_what_was_asked_for_as_a_value_holds(bench):
    store, candidate = bench
    bare = replace(candidate(), out_of_fold=())
    assert with_decision(toy_plan(), bare, store).decision == Decision()
    assert with_decision(toy_plan(threshold=0.3), bare, store).decision == Decision(threshold=0.3)
    found = with_decision(toy_plan(costs=((0.0, 1.0), (3.0, 0.0))), replace(bare, trial=None), store)
    assert found.decision == Decision(threshold=0.25) and "nothing was learned" in found.facts["decision"]["calibrate"]["because"]


def test_the_models_of_the_folds_serve_where_the_predictions_are_not_whole(bench):
    store, candidate = bench
    weights = Form("linear", {}, {"weights": np.full((1, 1), 6.0, np.float32), "bias": np.zeros(1, np.float32)})
    rng = np.random.default_rng(0)
    valid = store.folds[1][1]
    x = (2 * store.y[valid][:, None] - 1 + rng.normal(0, 1.5, (len(valid), 1))).astype(np.float32)
    bare = replace(candidate(), out_of_fold=(), folds=(FoldModel(1, weights, x, store.y[valid]),))
    assert with_decision(toy_plan(metric="log_loss", greater_is_better=False), bare, store).decision.temperature > 1.5

"""A way that loses too much is followed by a finer one, and by no more than are needed; what was tried is said."""

from dataclasses import replace

import numpy as np
import pytest

import automl.quantize.escalate as under_test
from automl.finalize.candidate import Candidate, FoldModel
from automl.inference.decision import Decision
from automl.inference.forms import Form, Model
from automl.metrics import METRICS
from automl.quantize.escalate import judged_rungs
from automl.quantize.ladder import log_loss_holds, passes, words_of
from automl.quantize.network import TUNED
from tests.quantize.test_ladder import ALL, LINEAR, NOTHING, candidate
from tests.quantize.test_tune import rows, spiked


def metric(name="accuracy"):
    return METRICS.get("classification", name)


def spread_out(n_folds=2, rows=1500):
    """A linear model of weights so unlike that one scale per output loses what the small ones say."""
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(128, 1)).astype(np.float32)
    weights[:64] *= 1e4
    form = Form("linear", {"n_outputs": 2}, {"weights": weights, "bias": np.zeros(1, np.float32)})
    folds = []
    for fold in range(n_folds):
        x = rng.normal(size=(rows, 128)).astype(np.float32)
        x[:, :64] = 0
        folds.append(FoldModel(fold, form, x, (Model(form).predict(x)[:, 1] > 0.5).astype(np.int64)))
    return Candidate("logistic_regression", "float32", "as trained", NOTHING, form, tuple(folds), 0)


def judged(given, max_drop=0.001, **more):
    return judged_rungs(given, LINEAR, ALL, metric(), 1, 0, max_drop, **more)


def test_a_rung_that_passes_is_stored_the_plain_way():
    found = judged(candidate(), 0.05)
    assert [r.precision for r in found] == list(ALL) and passes(found[-1], 0.05)
    assert not found[-1].tried and words_of(found[-1]) == found[-1].scheme and found[-1].model.arrays["weights.scale"].ndim == 1


def test_the_next_way_is_taken_where_the_first_fails_and_both_are_named():
    found = judged(spread_out(), 0.02)[-1]
    assert passes(found, 0.02) and found.drop_upper <= 0.02
    assert found.model.arrays["weights.scale"].ndim == 2 and all(f.model.arrays["weights.scale"].ndim == 2 for f in found.folds)
    assert "a scale for every 64 inputs" in found.scheme and "tried before: 8-bit weights, a scale per output: may lose 0." in words_of(found)


def test_where_all_ways_fail_the_best_stands_in_the_ladder_and_does_not_pass(monkeypatch):
    monkeypatch.setattr(under_test, "passes", lambda c, most: c.precision != "int8")
    found = judged(spread_out())[-1]
    assert found.precision == "int8" and words_of(found).count("8-bit weights") == 3


def test_rows_are_those_of_the_fold_and_are_asked_for_only_in_need():
    asked = []

    def rows_of(view, fold):
        asked.append((view, fold))
        return np.random.default_rng(0).normal(size=(50, 128)).astype(np.float32)

    judged(candidate(), 0.05, rows_of=rows_of)
    assert asked == []
    judged(spread_out(), -1.0, rows_of=rows_of)
    assert set(asked) == {(0, None), (0, 0), (0, 1)}


def test_without_folds_nothing_is_tried():
    found = judged(replace(spread_out(), folds=()))
    assert [r.drop for r in found] == [None] * 3


def test_a_rung_whose_probabilities_break_does_not_ship_though_its_labels_hold():
    """Margins a hundred times as bold leave every label as it was."""
    given = candidate(rows=400)
    bold = replace(
        given, folds=tuple(replace(f, model=f.model.with_arrays({**f.model.arrays, "weights": f.model.arrays["weights"] * 100})) for f in given.folds)
    )
    from automl.quantize.ladder import judge

    found = judge([given, replace(bold, precision="int8")], metric(), 1, 0)[1]
    assert found.drop == 0 and found.drop_upper == 0 and not log_loss_holds(found, 0.001) and not passes(found, 0.001)
    assert found.log_loss_drop > 0.1 < found.log_loss_reference


def test_what_log_loss_nobody_would_notice_is_no_reason():
    found = replace(candidate(), precision="int8", drop=0.0, drop_upper=0.0, log_loss_drop=0.0009, log_loss_reference=0.001)
    assert passes(found, 0.001) and not passes(replace(found, log_loss_drop=0.002), 0.001)
    assert passes(replace(found, log_loss_drop=0.02, log_loss_reference=1.0), 0.05) and not passes(
        replace(found, log_loss_drop=0.02, log_loss_reference=1.0), 0.001
    )
    assert not passes(replace(found, log_loss_drop=float("nan")), 0.001)


def network(n_folds=2, n_rows=1500):
    """A candidate whose network loses much at 8 bits, however it is rounded."""
    form = spiked(factor=200.0)
    x = [rows(n_rows, 10 + fold) for fold in range(n_folds)]
    folds = tuple(FoldModel(fold, form, x[fold], (Model(form).predict(x[fold])[:, 1] > 0.5).astype(np.int64)) for fold in range(n_folds))
    return Candidate("mlp", "float32", "as trained", NOTHING, form, folds, 0)


def test_networks_are_fine_tuned_last_on_rows_of_their_own_and_judged_on_others():
    asked = []

    def rows_of(view, fold):
        asked.append(fold)
        return rows(1000, 99 if fold is None else fold)

    def run(tuning, most=0.0):
        return judged_rungs(network(), {"mlp": "network"}, ALL, metric("log_loss"), 1, 0, most, rows_of=rows_of, tuning=tuning)[-1]

    before, after = run(0.0), run(60.0)
    assert before.step in (1, 2) and TUNED not in words_of(before) and after.step == 3 and TUNED in after.scheme
    assert after.drop < 0.7 * before.drop and after.drop_upper < before.drop_upper and words_of(after).count("first and last layer as halves: may lose") == 1
    assert asked == [None, 0, 1] * 5  # each model once a way, of five ways that look at rows
    assert run(60.0, most=1.0).step == 0 and len(asked) == 15  # one that loses little enough is left as it is


def test_where_nothing_can_be_learned_nothing_is_judged_again(monkeypatch):
    monkeypatch.setattr(under_test, "ready", lambda seconds: pytest.fail("torch is asked for"))
    assert judged(spread_out(), -1.0, tuning=60.0)[-1].precision == "int8"  # a linear model
    monkeypatch.setattr(under_test, "ready", lambda seconds: 0.0)
    assert judged_rungs(network(), {"mlp": "network"}, ALL, metric(), 1, 0, -1.0, tuning=60.0)[-1].step <= 2
    monkeypatch.setattr(under_test, "ready", lambda seconds: 9.0)
    judge, seen = under_test.judge, []
    monkeypatch.setattr(under_test, "judge", lambda rungs, *more: seen.append(rungs[-1].scheme) or judge(rungs, *more))
    judged_rungs(network(), {"mlp": "network"}, ALL, metric(), 1, 0, -1.0, tuning=60.0)  # without rows
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("decision", [Decision(), Decision(threshold=0.3)])
def test_the_same_rungs_every_time(decision):
    first, again = (judged(replace(spread_out(), decision=decision), 0.02) for _ in range(2))
    assert [(r.drop, r.drop_upper, words_of(r)) for r in first] == [(r.drop, r.drop_upper, words_of(r)) for r in again]

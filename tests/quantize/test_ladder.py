"""Rungs, and by how much each is judged to lose."""

from dataclasses import replace

import numpy as np
import pytest

from automl.finalize.candidate import Candidate, FoldModel
from automl.inference.decision import Decision
from automl.inference.forms import Form, Model
from automl.inference.storage import to_bytes
from automl.metrics import METRICS
from automl.quantize.ladder import bytes_of, judge, out_of_fold, passes, rungs

NOTHING = Form("features", {"steps": [], "sparse": False})
ALL = ("float32", "float16", "int8")
LINEAR = {"logistic_regression": "linear"}

# what two classes can be judged by without costs
USUAL = [n for n in METRICS.names("classification") if not METRICS.get("classification", n).why_not(2) and not METRICS.get("classification", n).with_costs]


def candidate(k=2, n_folds=3, rows=60):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(5, 1 if k == 2 else k)).astype(np.float32)
    folds = []
    for fold in range(n_folds):
        form = Form("linear", {}, {"weights": weights + np.float32(0.01 * fold), "bias": np.zeros(weights.shape[1], np.float32)})
        x = rng.normal(size=(rows, 5)).astype(np.float32)
        y = np.array([rng.choice(k, p=p / p.sum()) for p in Model(form).predict(x).astype(float) ** 3])
        folds.append(FoldModel(fold, form, x, y))
    return Candidate("logistic_regression", "float32", "as trained", NOTHING, folds[0].model, tuple(folds), 0)


def destroyed(rung, change):
    folds = tuple(replace(f, model=f.model.with_arrays({**f.model.arrays, "weights": change(f.model.arrays["weights"])})) for f in rung.folds)
    return replace(rung, precision="int8", folds=folds)


def metric(name):
    return METRICS.get("classification", name)


def test_rungs_stand_widest_first_and_always_begin_with_the_reference():
    assert [r.precision for r in rungs(candidate(), LINEAR, ["int8", "float16"])] == list(ALL)
    assert [r.precision for r in rungs(candidate(), LINEAR, ["int8"])] == ["float32", "int8"]
    given = candidate()
    assert rungs(given, {}, ALL) == [given]


def test_a_rung_stores_the_model_and_the_model_of_every_fold():
    for rung, kind in zip(rungs(candidate(), LINEAR, ALL), (np.float32, np.float16, np.int8), strict=True):
        assert {f.arrays["weights"].dtype for f in [rung.model, *(f.model for f in rung.folds)]} == {np.dtype(kind)}
        assert rung.scheme and rung.family == "logistic_regression"


def test_out_of_fold_predictions_are_those_of_each_folds_own_model():
    given = candidate()
    assert np.array_equal(out_of_fold(given), np.concatenate([Model(f.model).predict(f.x) for f in given.folds]))


@pytest.mark.parametrize("name", USUAL)
def test_identical_rungs_lose_nothing(name):
    given = candidate()
    first, second = judge([given, replace(given, precision="int8")], metric(name), 1, 0)
    assert (first.drop, first.drop_upper, second.drop, second.drop_upper) == (0, 0, 0, 0) and passes(second, 0.0)


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize(
    "change", [np.negative, np.zeros_like, lambda w: w[::-1].copy(), lambda w: np.full_like(w, np.nan)], ids=["negated", "zero", "reversed", "not a number"]
)
def test_a_destroyed_rung_does_not_pass(name, change):
    given = candidate()
    _, bad = judge([given, destroyed(given, change)], metric(name), 1, 0)
    assert not passes(bad, 0.001) and passes(given, 0.001)


@pytest.mark.parametrize(("k", "name"), [(2, "roc_auc"), (2, "log_loss"), (4, "log_loss"), (4, "accuracy")])
def test_drops_are_those_of_the_metric_and_below_their_upper_end(k, name):
    found = judge(rungs(candidate(k), LINEAR, ALL), metric(name), 1, 0)
    y = np.concatenate([f.y for f in found[0].folds])
    reference = metric(name).score(y, out_of_fold(found[0]).astype(float), 1)
    for rung in found[1:]:
        score = metric(name).score(y, out_of_fold(rung).astype(float), 1)
        assert rung.drop == pytest.approx(metric(name).loss_of(reference, score), abs=1e-12)
        assert rung.drop <= rung.drop_upper < 0.05


def test_the_seed_decides_the_interval():
    ladder = rungs(candidate(), LINEAR, ALL)
    first, again, other = (judge(ladder, metric("log_loss"), 1, seed)[2].drop_upper for seed in (1, 1, 2))
    assert first == again != other


def test_units_are_drawn_whole_and_widen_the_interval():
    """The rows of a unit are one row repeated: that many rows say no more than one."""
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(5, 1)).astype(np.float32)
    form = Form("linear", {}, {"weights": weights, "bias": np.zeros(1, np.float32)})
    unit = np.repeat(np.arange(30), 20)
    x = rng.normal(size=(30, 5)).astype(np.float32)
    y = (Model(form).predict(x)[:, 1] + rng.normal(0, 0.3, 30) > 0.5).astype(np.int64)
    alone, whole = (Candidate("f", "float32", "", NOTHING, form, (FoldModel(0, form, x[unit], y[unit], u),), 0) for u in (None, unit))
    other = [destroyed(c, lambda w: w + np.float32(0.3)) for c in (alone, whole)]
    narrow, wide = (judge([c, o], metric("roc_auc"), 1, 0)[1] for c, o in zip((alone, whole), other, strict=True))
    assert narrow.drop == wide.drop and wide.drop_upper > narrow.drop_upper


def test_without_fold_models_only_float32_may_be_chosen():
    ladder = judge(rungs(replace(candidate(), folds=()), LINEAR, ALL), metric("roc_auc"), 1, 0)
    assert [r.drop for r in ladder] == [None] * 3
    assert [passes(r, 1.0) for r in ladder] == [True, False, False]


def test_a_class_that_is_nowhere_gives_no_verdict_of_success():
    given = candidate()
    folds = tuple(replace(f, y=np.zeros_like(f.y)) for f in given.folds)
    given = replace(given, folds=folds)
    assert not passes(judge([given, replace(given, precision="int8")], metric("roc_auc"), 1, 0)[1], 0.001)


def test_bytes_are_those_of_the_file():
    form = candidate().model
    assert bytes_of(form) == len(to_bytes(form))


def test_of_many_rows_some_of_each_fold_are_judged(monkeypatch):
    import automl.quantize.ladder as under_test

    monkeypatch.setattr(under_test, "JUDGED_ROWS", 100)
    seen = []
    monkeypatch.setattr(under_test, "out_of_fold", lambda c: seen.append([len(f.y) for f in c.folds]) or out_of_fold(c))
    folds = tuple(FoldModel(k, Form("linear", {"n_outputs": 2}, {"weights": np.ones((1, 1), np.float32), "bias": np.zeros(1, np.float32)}),
                            np.random.default_rng(k).normal(size=(n, 1)).astype(np.float32), np.arange(n) % 2) for k, n in enumerate((300, 100)))  # fmt: skip
    first = Candidate("linear", "float32", "", Form("features", {}), folds[0].model, folds, 1, n_folds=2)
    found = judge([first, first.at("float16", "", first.model, folds)], METRICS.get("classification", "roc_auc"), 1, 0)
    assert all(abs(a - 75) <= 2 and abs(b - 25) <= 2 for a, b in seen) and [len(f.y) for f in found[1].folds] == [300, 100] and found[1].drop == 0


def test_a_metric_of_labels_is_judged_under_the_decision():
    """With a threshold that all rows are above, nothing that a rung does to its probabilities can cost accuracy."""
    given = replace(candidate(), decision=Decision(threshold=0.0, positive=1))
    first, bad = judge([given, destroyed(given, np.negative)], metric("accuracy"), 1, 0)
    assert bad.drop == 0 and first.drop == 0
    assert judge([candidate(), destroyed(candidate(), np.negative)], metric("accuracy"), 1, 0)[1].drop > 0.2


def test_out_of_fold_predictions_are_calibrated():
    given, decision = candidate(), Decision(temperature=2.0)
    assert np.array_equal(out_of_fold(replace(given, decision=decision)), decision.calibrate(out_of_fold(given)))

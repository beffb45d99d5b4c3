import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from automl.evaluate.score import DETAILS, class_details, interval, intervals, roc_curve, threshold_counts
from automl.metrics import METRICS, metric_of, roc_auc

AUC = METRICS.get("classification", "roc_auc")


def _case(seed, k=2, n=150):
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(k), np.arange(k), rng.integers(0, k, n)])
    proba = rng.dirichlet(np.ones(k), len(y)) + 0.3 * np.eye(k)[y]
    return y, proba / proba.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("name", METRICS.names("classification"))
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 999))
def test_the_interval_is_in_order_and_around_the_score(name, seed):
    y, proba = _case(seed)
    metric = metric_of("classification", name, ((0, 1), (8, 0)))
    if metric.why_not(2):
        return
    low, high = interval(metric, y, proba, 1, seed)
    assert low < metric.score(y, proba, 1) < high


def test_several_scores_share_their_resamples():
    """The interval of a metric does not depend on which others are asked for beside it."""
    y, proba = _case(3)
    several = [METRICS.get("classification", n) for n in ("roc_auc", "log_loss", "f1")]
    found = intervals(several, y, proba, 1, 7, replicates=60)
    assert found == [interval(m, y, proba, 1, 7, replicates=60) for m in several]
    assert len({*found}) == 3


def test_a_score_that_is_never_defined_leaves_the_others_whole():
    y, proba = np.zeros(50, dtype=np.int64), np.full((50, 2), 0.5)
    area, loss = intervals([AUC, METRICS.get("classification", "log_loss")], y, proba, 1, 0, replicates=30)
    assert np.isnan(area).all() and loss == pytest.approx((np.log(2),) * 2)


def test_time_ends_the_resampling_after_twenty(monkeypatch):
    calls = []
    slow = replace(AUC, score=lambda y, proba, positive: calls.append(1) or 0.5)
    intervals([slow], np.array([0, 1] * 20), np.full((40, 2), 0.5), 1, 0, seconds=0.0)
    assert len(calls) == 20


def test_more_rows_narrow_the_interval():
    widths = [high - low for low, high in (interval(AUC, *_case(0, n=n), 1, 0) for n in (100, 400, 1600, 6400))]
    assert widths == sorted(widths, reverse=True) and widths[0] / widths[3] == pytest.approx(8, rel=0.4)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Accuracy of a guess that is right with chance 0.7, 100 tables of 200 rows; 95 % of 100 is 87 to 100 but for one in 1000."""
    accuracy = METRICS.get("classification", "accuracy")
    covered = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, 200)
        guess = np.where(rng.random(200) < 0.7, y, 1 - y)
        low, high = interval(accuracy, y, np.eye(2)[guess], 1, seed, replicates=100)
        covered += low <= 0.7 <= high
    assert covered >= 86


def test_groups_of_like_rows_need_the_interval_over_groups():
    """Accuracy where all 10 rows of a group are right or wrong together with chance 0.7, 100 tables of 40 groups.

    Over groups the interval covers the truth about as often as it says; over rows, less than two times in three.
    """
    accuracy = METRICS.get("classification", "accuracy")
    covered = {"rows": 0, "groups": 0}
    group = np.repeat(np.arange(40), 10)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, 400)
        guess = np.where((rng.random(40) < 0.7)[group], y, 1 - y)
        for name, units in (("rows", None), ("groups", group)):
            low, high = interval(accuracy, y, np.eye(2)[guess], 1, seed, replicates=100, units=units)
            covered[name] += low <= 0.7 <= high
    assert covered["groups"] >= 84 and covered["rows"] <= 66


def test_units_of_one_row_change_nothing():
    y, proba = _case(1)
    assert interval(AUC, y, proba, 1, 5) == interval(AUC, y, proba, 1, 5, units=np.arange(len(y))[::-1] * 3)


def test_the_interval_depends_on_the_seed_alone():
    y, proba = _case(1)
    assert interval(AUC, y, proba, 1, 5) == interval(AUC, y, proba, 1, 5) != interval(AUC, y, proba, 1, 6)


def test_resamples_that_lack_a_class_are_left_out():
    y = np.array([1] + [0] * 20)
    proba = np.stack([1 - (p := np.linspace(0.9, 0.1, 21)), p], axis=1)
    assert interval(AUC, y, proba, 1, 0) == (1.0, 1.0)
    assert all(math.isnan(v) for v in interval(AUC, y[1:], proba[1:], 1, 0))


def _area(points):
    x, y = np.array(points).T
    return float(((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2).sum())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999), n=st.integers(2, 150), ties=st.booleans())
def test_the_roc_curve_runs_from_corner_to_corner_and_holds_the_area(seed, n, ties):
    rng = np.random.default_rng(seed)
    hit = np.concatenate([[True, False], rng.random(n) < 0.4])
    score = rng.random(n + 2)
    score = score.round(1) if ties else score
    points = roc_curve(hit, score, points=1000)
    assert points[0] == (0, 0) and points[-1] == (1, 1) and points == sorted(points)
    area = roc_auc(hit.astype(np.int64), np.stack([1 - score, score], axis=1))
    assert _area(points) == pytest.approx(area, abs=1e-3)


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    rng = np.random.default_rng(0)
    hit = rng.random(5000) < 0.5
    score = rng.normal(hit * 1.0)
    points = roc_curve(hit, score)
    assert len(points) <= 200 and points[0] == (0, 0) and points[-1] == (1, 1)
    assert _area(points) == pytest.approx(_area(roc_curve(hit, score, points=10_000)), abs=2e-3)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 9999), k=st.integers(2, 5))
def test_the_table_per_class_agrees_with_scikit_learn(seed, k):
    y, proba = _case(seed, k)
    label = proba.argmax(axis=1)
    details = class_details(y, proba, proba.argmax(axis=1), [f"c{i}" for i in range(k)], 1)
    assert details["confusion"] == confusion_matrix(y, label, labels=range(k)).tolist()
    rows = details["per_class"]
    assert [r["label"] for r in rows] == [f"c{i}" for i in range(k)] and [r["rows"] for r in rows] == np.bincount(y).tolist()
    assert [r["recall"] for r in rows] == pytest.approx(recall_score(y, label, average=None).tolist())
    precision = precision_score(y, label, average=None, zero_division=np.nan)
    assert [np.nan if r["precision"] is None else r["precision"] for r in rows] == pytest.approx(precision.tolist(), nan_ok=True)
    assert ("roc" in details) == (k == 2)


def test_what_cannot_be_said_of_a_class_is_none():
    y, proba = np.array([0, 0, 1, 1]), np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.7, 0.3, 0], [0.6, 0.4, 0]])
    rows = class_details(y, proba, proba.argmax(axis=1), ["a", "b", "c"], 1)["per_class"]
    assert rows[1]["precision"] is None and rows[1]["recall"] == 0.0
    assert (rows[2]["precision"], rows[2]["recall"], rows[2]["roc_auc"], rows[2]["rows"]) == (None, None, None, 0)


def test_the_curve_is_that_of_the_positive_class():
    y, proba = np.array([0, 0, 1, 1]), np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5], [0.1, 0.9]])
    assert class_details(y, proba, proba.argmax(axis=1), ["a", "b"], 1)["roc"] == [(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1)]
    assert class_details(y, proba, proba.argmax(axis=1), ["a", "b"], 0)["roc"] == [(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1)]
    assert DETAILS.get("classification", "classification") is class_details


def test_counts_at_thresholds_agree_with_counting_and_fall_as_they_rise():
    rng = np.random.default_rng(0)
    positive = rng.random(500) < 0.03
    score = np.clip(0.02 + 0.05 * positive + 0.03 * rng.random(500), 0, 1)
    found = threshold_counts(positive, score)
    assert 20 < len(found) <= 130 and [t["threshold"] for t in found] == sorted({t["threshold"] for t in found})
    for t in found:
        above = score > t["threshold"]
        assert (t["tp"], t["fp"]) == ((above & positive).sum(), (above & ~positive).sum())
        assert t["tp"] + t["fn"] == positive.sum() and t["fp"] + t["tn"] == (~positive).sum()
    assert threshold_counts(np.zeros(0, dtype=bool), np.zeros(0)) == []

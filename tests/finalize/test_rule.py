"""Thresholds and weights: near the best ones, steady, and gains that are paired."""

import numpy as np
import pytest

from automl.finalize.rule import at_best_threshold, best_power, best_threshold, class_weights, gain_of
from automl.metrics import METRICS, metric_of


def metric(name):
    return METRICS.get("classification", name)


def rare(n=3000, share=0.1, seed=0):
    """Return classes and true probabilities of class 1."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(np.log(share / (1 - share)), 1.5, n)
    p = 1 / (1 + np.exp(-odds))
    return (rng.random(n) < p).astype(np.int64), p


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "matthews_corrcoef", "cohen_kappa", "f1_macro"])
@pytest.mark.parametrize("positive", [0, 1])
def test_the_threshold_is_about_as_good_as_the_best_on_fresh_rows(name, positive):
    y, p = rare()
    fresh_y, fresh = rare(20000, seed=1)
    y, fresh_y = (y, fresh_y) if positive == 1 else (1 - y, 1 - fresh_y)
    found = best_threshold(metric(name), y, p, positive, 0)

    def score(t):
        return metric(name).of_codes(fresh_y, np.where(fresh > t, positive, 1 - positive), 2, positive)

    best = max(score(t) for t in np.linspace(0.02, 0.9, 89))
    assert score(found) > best - 0.01 and score(found) > score(0.5) + 0.02


def test_the_score_along_the_cuts_is_that_of_the_metric():
    """With hardly any noise in the resamples the threshold is that of a plain search."""
    p = np.repeat([0.1, 0.2, 0.6, 0.7], 500)
    y = np.repeat([0, 1, 0, 1], 500)
    assert best_threshold(metric("f1"), y, p, 1, 0) == pytest.approx(0.15)
    assert best_threshold(metric("f1"), 1 - y, p, 0, 0) == pytest.approx(0.15)


def test_it_is_the_same_each_time_and_in_the_middle_where_nothing_differs():
    y, p = rare(300)
    assert best_threshold(metric("f1"), y, p, 1, 3) == best_threshold(metric("f1"), y, p, 1, 3)
    assert best_threshold(metric("f1"), y, np.full(300, 0.2), 1, 0) == 0.5


def test_the_power_answers_rare_classes_sooner_only_where_that_pays():
    rng = np.random.default_rng(0)
    shares = np.array([0.9, 0.07, 0.03])
    y = rng.choice(3, 4000, p=shares)
    z = np.log(shares) + rng.normal(size=(4000, 3)) + 1.5 * np.eye(3)[y]
    proba = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert best_power(metric("balanced_accuracy"), y, proba, shares, 1) >= 0.75
    assert best_power(metric("accuracy"), y, proba, shares, 1) <= 0.25
    assert class_weights(shares, 1.0) == pytest.approx([1, 90 / 7, 30]) and class_weights(shares, 0.0).tolist() == [1, 1, 1]


@pytest.mark.parametrize("name", ["f1", "matthews_corrcoef", "accuracy"])
@pytest.mark.parametrize("tied", [False, True])
def test_a_gain_is_paired_and_its_error_that_of_resampled_rows(name, tied):
    y, p = rare(600)
    if tied:
        y, p = np.repeat(y[:150], 4), np.repeat(p[:150], 4)
    units = np.arange(600) // 4 if tied else np.arange(600)
    before, after = (p > 0.5).astype(np.int64), (p > 0.3).astype(np.int64)
    m = metric(name)
    found = gain_of(m, y, before, after, units, 2, 1, 0)
    assert found.gain == pytest.approx(found.after - found.before) and found.after == m.of_codes(y, after, 2, 1)
    rng = np.random.default_rng(1)
    gains = []
    for _ in range(400):
        rows = (rng.integers(0, 150, 150)[:, None] * 4 + np.arange(4)).ravel() if tied else rng.integers(0, 600, 600)
        gains.append(m.of_codes(y[rows], after[rows], 2, 1) - m.of_codes(y[rows], before[rows], 2, 1))
    assert found.error == pytest.approx(np.std(gains), rel=0.2) and found.low < found.gain < found.high


def test_the_gain_of_a_cost_is_what_is_saved():
    y, p = rare(800)
    m = metric_of("classification", "cost", ((0.0, 1.0), (8.0, 0.0)))
    found = gain_of(m, y, (p > 0.5).astype(np.int64), (p > 1 / 9).astype(np.int64), np.arange(800), 2, 1, 0)
    assert found.gain == pytest.approx(found.before - found.after) and found.low > 0


def test_what_changes_nothing_gains_nothing():
    y, p = rare(200)
    codes = (p > 0.5).astype(np.int64)
    found = gain_of(metric("f1"), y, codes, codes, np.arange(200), 2, 1, 0)
    assert found.gain == found.low == found.high == found.error == 0


@pytest.mark.parametrize("name", ["f1", "balanced_accuracy", "accuracy"])
def test_models_are_compared_at_their_best_threshold(name):
    """A model with the same order of rows is as good however its probabilities are bent; the plain metric thinks otherwise."""
    y, p = rare(500)
    bent = p**3
    both = [np.stack([1 - q, q], axis=1) for q in (p, bent)]
    tuned = at_best_threshold(metric(name))
    first, second = (tuned.score(y, q, 1) for q in both)
    assert first == pytest.approx(second, abs=0.02) and first >= metric(name).score(y, both[0], 1) > metric(name).score(y, both[1], 1)
    brute = max(metric(name).of_codes(y, (p > t).astype(np.int64), 2, 1) for t in np.append(p, 0.5))
    assert first <= brute + 1e-12 and first > brute - 0.01
    assert tuned.score(1 - y, both[0][:, ::-1], 0) == pytest.approx(first)


def test_where_no_threshold_can_be_chosen_models_are_compared_as_ever():
    for name in ("roc_auc", "log_loss", "recall", "precision"):
        assert at_best_threshold(metric(name)) is metric(name)
    y, proba = np.array([0, 1, 2]), np.eye(3)
    assert at_best_threshold(metric("accuracy")).score(y, proba, 1) == 1.0

"""Rows that count differently: a weight of 2 is a row that stands there twice, and scikit-learn says the same."""

import numpy as np
import pytest
from sklearn import metrics as reference

from automl.inference.decision import Decision
from automl.metrics import METRICS, decided, metric_of

from .test_metrics import MORE, TWO, _case, _costs

CASES = [(name, 2) for name in TWO] + [(name, 4) for name in MORE]


def _metric(name, k):
    return metric_of("classification", name, _costs(k) if name == "cost" else ())


@pytest.mark.parametrize(("name", "k"), CASES)
@pytest.mark.parametrize("ties", [False, True])
def test_a_whole_weight_is_as_many_rows(name, k, ties):
    y, proba = _case(3, k, 60, ties)
    weight = np.random.default_rng(1).integers(0, 4, len(y))
    again = np.repeat(np.arange(len(y)), weight)
    metric = _metric(name, k)
    assert metric.weighs
    if name == "top_k_accuracy" and ties:
        return  # equal probabilities are told apart by their place, and a row has one
    assert metric.weighed(y, proba, 1, weight.astype(float)) == pytest.approx(metric.score(y[again], proba[again], 1), rel=1e-12)


@pytest.mark.parametrize(("name", "k"), CASES)
def test_the_unit_of_weights_does_not_matter_and_equal_ones_change_nothing(name, k):
    y, proba = _case(5, k, 40, False)
    metric, weight = _metric(name, k), np.random.default_rng(2).random(len(y))
    assert metric.weighed(y, proba, 1, weight) == pytest.approx(metric.weighed(y, proba, 1, 1e-3 * weight), rel=1e-9)
    assert metric.weighed(y, proba, 1, np.ones(len(y))) == pytest.approx(metric.weighed(y, proba, 1, None), rel=1e-12)


def test_scikit_learn_says_the_same():
    y, proba = _case(7, 2, 80, True)
    weight = np.random.default_rng(3).random(len(y))
    said = {
        "roc_auc": reference.roc_auc_score(y, proba[:, 1], sample_weight=weight), "log_loss": reference.log_loss(y, proba, sample_weight=weight),
        "average_precision": reference.average_precision_score(y, proba[:, 1], sample_weight=weight),
        "accuracy": reference.accuracy_score(y, proba.argmax(1), sample_weight=weight), "brier_score": reference.brier_score_loss(y, proba[:, 1], sample_weight=weight),
        "matthews_corrcoef": reference.matthews_corrcoef(y, proba.argmax(1), sample_weight=weight),
        "f1": reference.f1_score(y, proba.argmax(1), sample_weight=weight),
    }  # fmt: skip
    for name, value in said.items():
        assert METRICS.get("classification", name).weighed(y, proba, 1, weight) == pytest.approx(value, rel=1e-9), name


def test_under_a_decision_too():
    y, proba = _case(9, 2, 50, False)
    weight = np.random.default_rng(4).integers(1, 3, len(y)).astype(float)
    metric = decided(METRICS.get("classification", "f1"), Decision(threshold=0.3, positive=1))
    assert metric.weighed(y, proba, 1, weight) == pytest.approx(reference.f1_score(y, proba[:, 1] >= 0.3, sample_weight=weight))


def test_where_nothing_counts_there_is_no_area():
    y, proba = _case(11, 2, 20, False)
    for name in ("roc_auc", "average_precision"):
        assert np.isnan(METRICS.get("classification", name).weighed(y, proba, 1, (y == 0).astype(float)))

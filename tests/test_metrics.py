"""Our metrics are scikit-learn's, only faster; each is held against it, ties and rare classes included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from automl.metrics import METRICS


def _case(seed: int, k: int, n: int, ties: bool):
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(k), rng.integers(0, k, n)])
    proba = rng.dirichlet(np.ones(k), n + k)
    if ties:
        proba = np.round(proba, 1) + 0.01
        proba /= proba.sum(axis=1, keepdims=True)
    return y.astype(np.int64), proba


def _sklearn(name, y, proba):
    label, k = proba.argmax(axis=1), proba.shape[1]
    return {
        "roc_auc": lambda: reference.roc_auc_score(y, proba[:, 1]) if k == 2 else reference.roc_auc_score(y, proba, multi_class="ovr", labels=range(k)),
        "log_loss": lambda: reference.log_loss(y, proba, labels=range(k)),
        "accuracy": lambda: reference.accuracy_score(y, label),
        "balanced_accuracy": lambda: reference.balanced_accuracy_score(y, label),
        "f1": lambda: reference.f1_score(y == 1, label == 1),
        "f1_macro": lambda: reference.f1_score(y, label, average="macro"),
        "average_precision": lambda: reference.average_precision_score(y == 1, proba[:, 1]),
    }[name]()


@pytest.mark.parametrize("name", METRICS.names("classification"))
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 5), n=st.integers(5, 200), ties=st.booleans())
def test_agrees_with_scikit_learn(name, seed, k, n, ties):
    y, proba = _case(seed, k, n, ties)
    assert METRICS.get("classification", name).score(y, proba, 1) == pytest.approx(_sklearn(name, y, proba), abs=1e-9)


def test_a_class_that_is_not_there_gives_no_area():
    y, proba = np.zeros(4, dtype=np.int64), np.full((4, 2), 0.5)
    assert np.isnan(METRICS.get("classification", "roc_auc").score(y, proba, 1))


def test_loss_is_absolute_within_bounds_and_relative_beyond():
    auc, loss = METRICS.get("classification", "roc_auc"), METRICS.get("classification", "log_loss")
    assert auc.loss_of(0.9, 0.8) == pytest.approx(0.1)
    assert loss.loss_of(0.5, 0.6) == pytest.approx(0.2)
    assert auc.better(0.9, 0.8) and loss.better(0.1, 0.2)

"""Our metrics are scikit-learn's, only faster; each is held against it, ties, rare and absent classes included."""

import importlib.metadata
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from automl.errors import SpecError
from automl.inference.decision import Decision
from automl.metrics import METRICS, Metric, decided, metric_of
from automl.registry import Registry

from ..builders import spec_of
from ..plan.test_plan import planned

TWO = [name for name in METRICS.names("classification") if name != "top_k_accuracy"]
MORE = [name for name in METRICS.names("classification") if not METRICS.get("classification", name).two_classes_only]
UNDEFINED = {"roc_auc", "average_precision"}  # where a class is absent scikit-learn says nothing, or warns


def _costs(k):
    return tuple(tuple(0.0 if i == j else 1.0 + (3 * i + j) % 4 for j in range(k)) for i in range(k))


def _case(seed, k, n, ties, absent=False):
    rng = np.random.default_rng(seed)
    present = np.sort(rng.permutation(k)[: max(1, k - 1)]) if absent else np.arange(k)
    y = np.concatenate([present, rng.choice(present, n)])  # each present class at least once
    proba = rng.dirichlet(np.ones(k), len(y))
    if ties:
        proba = np.round(proba, 1) + 0.01
        proba /= proba.sum(axis=1, keepdims=True)
    return y.astype(np.int64), proba


def _sklearn(name, y, proba):
    label, k = proba.argmax(axis=1), proba.shape[1]
    kind, _, average = name.rpartition("_")
    if average in ("micro", "macro", "weighted"):
        return getattr(reference, f"{kind}_score")(y, label, average=average, zero_division=0)
    if name in ("f1", "precision", "recall"):
        return getattr(reference, f"{name}_score")(y == 1, label == 1, zero_division=0)
    return {
        "roc_auc": lambda: reference.roc_auc_score(y, proba[:, 1]) if k == 2 else reference.roc_auc_score(y, proba, multi_class="ovr", labels=range(k)),
        "log_loss": lambda: reference.log_loss(y, proba, labels=range(k)),
        "accuracy": lambda: reference.accuracy_score(y, label),
        "balanced_accuracy": lambda: reference.recall_score(y, label, average="macro", labels=np.unique(y)),
        "average_precision": lambda: reference.average_precision_score(y == 1, proba[:, 1]),
        "brier_score": lambda: reference.brier_score_loss(y, proba, labels=range(k)),
        "cohen_kappa": lambda: reference.cohen_kappa_score(y, label),
        "matthews_corrcoef": lambda: reference.matthews_corrcoef(y, label),
        "top_k_accuracy": lambda: reference.top_k_accuracy_score(y, proba, labels=range(k)),
        "cost": lambda: float(np.mean([_costs(k)[true][int(np.argmin(p @ np.array(_costs(k))))] for true, p in zip(y, proba, strict=True)])),
    }[name]()


def _check(name, y, proba):
    metric = metric_of("classification", name, _costs(proba.shape[1]))
    assert metric.score(y, proba, 1) == pytest.approx(_sklearn(name, y, proba), abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", TWO)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(5, 200), ties=st.booleans())
def test_agrees_with_scikit_learn_for_two_classes(name, seed, n, ties):
    _check(name, *_case(seed, 2, n, ties))


@pytest.mark.parametrize("name", MORE)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(3, 6), n=st.integers(5, 200), ties=st.booleans())
def test_agrees_with_scikit_learn_for_more(name, seed, k, n, ties):
    _check(name, *_case(seed, k, n, ties and name != "cost"))  # equal expected costs are told apart by rounding


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [n for n in METRICS.names("classification") if n not in UNDEFINED])
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 5), n=st.integers(1, 60))
def test_agrees_with_scikit_learn_where_a_class_is_absent(name, seed, k, n):
    if name in (TWO if k == 2 else MORE):
        _check(name, *_case(seed, k, n, name != "cost", absent=True))


def test_a_class_that_is_not_there_gives_no_area():
    y, proba = np.zeros(4, dtype=np.int64), np.full((4, 2), 0.5)
    assert np.isnan(METRICS.get("classification", "roc_auc").score(y, proba, 1))
    y, proba = _case(0, 4, 100, False, absent=True)
    known = np.unique(y)
    expected = np.mean([reference.roc_auc_score(y == c, proba[:, c]) for c in known])
    assert METRICS.get("classification", "roc_auc").score(y, proba, 1) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["precision", "recall", "f1", "average_precision"])
def test_the_positive_class_is_the_one_that_is_named(name):
    y, proba = _case(1, 2, 90, False)
    metric = METRICS.get("classification", name)
    assert metric.score(y, proba, 0) == pytest.approx(metric.score(1 - y, proba[:, ::-1], 1)) != pytest.approx(metric.score(y, proba, 1))


def test_loss_is_absolute_within_bounds_and_relative_beyond():
    auc, loss = METRICS.get("classification", "roc_auc"), METRICS.get("classification", "log_loss")
    assert auc.loss_of(0.9, 0.8) == pytest.approx(0.1)
    assert loss.loss_of(0.5, 0.6) == pytest.approx(0.2)
    assert auc.better(0.9, 0.8) and loss.better(0.1, 0.2)
    assert auc.gain(0.9, 0.8) == pytest.approx(0.1) == loss.gain(0.8, 0.9)


def test_costs_move_the_decision_and_not_the_labels():
    """A missed positive costs eight times a false alarm: from a ninth on, positive is the cheaper answer."""
    costs = ((0.0, 1.0), (8.0, 0.0))
    proba = np.stack([1 - (p := np.array([0.05, 0.12, 0.2, 0.9])), p], axis=1)
    y = np.array([0, 0, 1, 1])
    assert metric_of("classification", "cost", costs).score(y, proba, 1) == pytest.approx(1 / 4)
    with pytest.raises(ValueError, match="needs costs"):
        metric_of("classification", "cost").score(y, proba, 1)


def test_a_metric_says_for_how_many_classes_it_is():
    assert "is for two classes" in METRICS.get("classification", "f1").why_not(3)
    assert "needs 3 classes" in METRICS.get("classification", "top_k_accuracy").why_not(2)
    assert not METRICS.get("classification", "f1").why_not(2) and not METRICS.get("classification", "top_k_accuracy").why_not(3)
    with pytest.raises(SpecError, match="needs 3 classes or more"):
        planned(spec_of(task={"also_report": ["top_k_accuracy"]}))
    assert planned(spec_of(task={"metric": "top_k_accuracy"}), n_classes=3).metric == "top_k_accuracy"


OWN = Metric("share_of_first", "how often the first class is predicted", True, True, lambda y, proba, positive: float((proba.argmax(axis=1) == 0).mean()))


def test_a_metric_of_another_package_is_one_of_ours(monkeypatch):
    point = importlib.metadata.EntryPoint("classification.share_of_first", f"{__name__}:OWN", "automl.metrics")
    monkeypatch.setattr("automl.registry.entry_points", lambda group: [point] if group == "automl.metrics" else [])
    fresh: Registry[Metric] = Registry("metric", group="automl.metrics")
    monkeypatch.setattr("automl.metrics.METRICS", fresh)
    monkeypatch.setattr("automl.plan.plan.METRICS", fresh)
    for name in METRICS.names("classification"):
        fresh.add("classification", name, METRICS.locator("classification", name))
    spec = spec_of(task={"metric": "share_of_first", "also_report": ["share_of_first"]})
    plan = planned(spec)
    assert plan.metric == "share_of_first" and plan.measure().score(np.array([0, 1]), np.eye(2), 1) == 0.5
    with pytest.raises(ValueError, match="did you mean `share_of_first`"):
        spec_of(task={"metric": "share_of_frist"})


def test_the_names_are_known_without_numpy():
    code = "import sys, automl.metrics as m; m.METRICS.names('classification'); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_metric_that_does_not_work_is_found_out_on_good_answers():
    from dataclasses import replace

    from automl.metrics import ACCURACY, why_broken

    for name in METRICS.names("classification"):
        n_classes = max(2, METRICS.get("classification", name).least_classes)
        assert why_broken(metric_of("classification", name, ((0.0, 1.0), (2.0, 0.0))), n_classes) == "", name
    assert "ZeroDivisionError" in why_broken(replace(ACCURACY, score=lambda y, proba, positive: 1 / 0), 2)
    assert "nan" in why_broken(replace(ACCURACY, score=lambda y, proba, positive: float("nan")), 3)
    assert "TypeError" in why_broken(replace(ACCURACY, score=lambda y, proba, positive: None), 2)


@pytest.mark.parametrize("name", METRICS.names("classification"))
def test_under_a_decision_a_metric_of_labels_scores_the_classes_that_are_decided_on(name):
    k = 3 if name == "top_k_accuracy" else 2
    y, proba = _case(4, k, 150, False)
    decision = Decision(threshold=0.2) if k == 2 else Decision(weights=(1.0, 3.0, 1.0))
    metric = metric_of("classification", name, _costs(k))
    found = decided(metric, decision).score(y, proba, 1)
    if metric.of_codes is None:
        assert found == metric.score(y, proba, 1) and (metric.ranks or name in ("log_loss", "brier_score"))
    else:
        codes = np.eye(k)[decision.codes(proba)]
        expected = np.mean([_costs(k)[a][b] for a, b in zip(y, codes.argmax(axis=1), strict=True)]) if name == "cost" else _sklearn(name, y, codes)
        assert found == pytest.approx(expected) and not metric.ranks
        assert decided(metric, Decision()).score(y, proba, 1) == pytest.approx(metric.score(y, proba, 1)) or name == "cost"


@pytest.mark.parametrize("name", [n for n in METRICS.names("classification") if METRICS.get("classification", n).of_counts])
def test_scores_of_many_counts_at_once_are_those_of_each(name):
    metric, rng = METRICS.get("classification", name), np.random.default_rng(0)
    cells = rng.integers(0, 30, (4, 5, 2, 2))  # true, predicted
    cells[0, 0] = [[7, 0], [0, 0]]
    hits, actual, predicted = cells.diagonal(axis1=-2, axis2=-1).astype(float), cells.sum(-1).astype(float), cells.sum(-2).astype(float)
    found = metric.of_counts(hits, actual, predicted, 1)
    assert found.shape == (4, 5)
    for at in np.ndindex(4, 5):
        pairs = [(a, b) for a in (0, 1) for b in (0, 1) for _ in range(cells[at][a, b])]
        y, codes = np.array(pairs).T
        assert found[at] == pytest.approx(metric.of_codes(y, codes, 2, 1), nan_ok=True)

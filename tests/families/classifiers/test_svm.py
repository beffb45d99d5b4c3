import time

import numpy as np
import pytest
from sklearn.svm import SVC

from automl.families.base import Context, Progress
from automl.families.classifiers import svm as under_test
from automl.families.classifiers.svm import FAMILY, _by_class, _margins
from automl.inference.forms import Model

from .made import agree, clouds, fit

POLY = {"kernel": "poly", "kernel.poly.degree": 3, "kernel.poly.gamma": 1.0, "kernel.poly.coef0": 1.0}


@pytest.mark.parametrize("params", [{}, {"C": 500.0}, POLY, {**POLY, "kernel.poly.degree": 4, "C": 100.0}], ids=str)
@pytest.mark.parametrize(("present", "n_outputs"), [((0, 1), 2), ((0, 2), 3), ((1, 2, 4), 5), ((0, 1, 2, 3), 4)])
def test_the_form_agrees_with_the_library_whatever_classes_a_fold_has(params, present, n_outputs):
    x, y = clouds(k=len(present))
    estimator, form = fit(FAMILY, x, np.array(present)[y], n_outputs, stop=(x[:50], np.array(present)[y[:50]]), **params)
    proba = agree(FAMILY, estimator, form, np.concatenate([x, 3 * x]))
    assert not proba[:, [c for c in range(n_outputs) if c not in present]].any()


def test_pairs_become_classes_by_their_mean_margin():
    x, y = clouds(k=4)
    machine = SVC(decision_function_shape="ovo", gamma=0.1).fit(x, y)
    pairs = machine.decision_function(x)
    first, second = np.triu_indices(4, 1)
    expected = np.zeros((300, 4))
    for at, (i, j) in enumerate(zip(first, second, strict=True)):
        expected[:, i] += pairs[:, at] / 4
        expected[:, j] -= pairs[:, at] / 4
    estimator = type("E", (), {"machine": machine, "present": np.arange(4)})
    assert np.allclose(_margins(estimator, x), expected)
    dual, bias = _by_class(machine, 4)
    kernel = np.exp(-0.1 * ((x[:, None, :].astype(float) - machine.support_vectors_) ** 2).sum(axis=2))
    assert np.allclose(kernel @ dual + bias, expected, atol=1e-6)


def test_it_tells_a_ring_from_its_middle():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 2)).astype(np.float32)
    y = ((x**2).sum(axis=1) > 1.4).astype(np.int64)
    assert (agree(FAMILY, *fit(FAMILY, x[:300], y[:300], stop=(x[300:], y[300:])), x).argmax(axis=1) == y).mean() > 0.93


def test_a_long_table_is_learned_from_a_sample_and_a_short_one_whole(monkeypatch):
    monkeypatch.setattr(under_test, "MOST_ROWS", 120)
    monkeypatch.setattr(under_test, "ALL_ROWS", 120)
    x, y = clouds(300, 3)
    assert fit(FAMILY, x, y, stop=(x[:50], y[:50]))[0].n_rows == 120
    assert fit(FAMILY, x[:60], y[:60], stop=(x[60:90], y[60:90]))[0].n_rows == 90


@pytest.mark.parametrize(("seconds", "rows"), [(0.0, 100), (60.0, 300)])
def test_time_decides_how_many_rows(seconds, rows, monkeypatch):
    monkeypatch.setattr(under_test, "FIRST_ROWS", 100)
    x, y = clouds(300, 2)
    estimator, form = fit(FAMILY, x, y, progress=Progress(time.monotonic() + seconds))
    assert estimator.n_rows == rows and np.isfinite(Model(form).predict(x)).all()


def test_it_is_as_sure_as_it_is_right(monkeypatch):
    monkeypatch.setattr(under_test, "ALL_ROWS", 0)  # to learn from the rows held back too makes it better, but no surer
    x, y = clouds(1600, 3)
    proba = agree(FAMILY, *fit(FAMILY, x[:700], y[:700], stop=(x[700:1000], y[700:1000]), C=50.0), x[1000:])
    assert abs(proba.max(axis=1).mean() - (proba.argmax(axis=1) == y[1000:]).mean()) < 0.07


def test_cost_grows_with_rows_to_the_sample_and_with_a_weak_penalty():
    small, sample, large = (FAMILY.cost(Context("classification", n, 20, 2), {"C": 3.0}) for n in (600, 6000, 600_000))
    assert small < sample / 10 and sample == large and FAMILY.cost(Context("classification", 6000, 20, 2), {"C": 300.0}) > 2 * sample

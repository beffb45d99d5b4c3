import time
import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers import logistic_regression as under_test
from automl.families.classifiers.logistic_regression import FAMILY
from automl.features.fit import fit_features
from automl.inference.forms import Model
from automl.inference.table import Column, Field, Table


def _fit(y, n_outputs, n_features=3, C=1.0, shift=2.0):
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(len(y), n_features)) + shift * np.eye(max(n_features, n_outputs))[y][:, :n_features]).astype(np.float32)
    context = Context("classification", len(y), n_features, n_outputs)
    estimator = FAMILY.fit(FAMILY.build({"C": C}, context), FitData(x, y), Progress())
    return estimator, FAMILY.export(estimator, context), x


@pytest.mark.parametrize(("present", "n_outputs"), [((0, 1), 2), ((0, 1, 2), 3), ((0, 2), 3), ((1, 2), 4), ((0, 1, 3), 4)])
@pytest.mark.parametrize("C", [0.01, 1000.0])
def test_the_form_agrees_with_the_library_whatever_classes_a_fold_has(present, n_outputs, C):
    y = np.array(present)[np.arange(120) % len(present)]
    estimator, form, x = _fit(y, n_outputs, C=C)
    own, library = Model(form).predict(x), FAMILY.predict(estimator, x)
    assert own.shape == (120, n_outputs) and np.abs(own[:, : library.shape[1]] - library).max() < 1e-5
    assert own[:, [c for c in range(n_outputs) if c not in present]].max(initial=0) < 1e-5


def test_two_classes_need_one_margin():
    _, form, _ = _fit(np.arange(60) % 2, 2)
    assert form.arrays["weights"].shape == (3, 1) and form.arrays["weights"].dtype == np.float32


def test_text_begins_with_a_weaker_penalty():
    assert FAMILY.space(Context("classification", 9, 9, 2, text=True)).default() == {"C": 10.0, "penalty": "l2", "encode": "auto"}
    assert FAMILY.space(Context("classification", 9, 9, 2)).default() == {"C": 1.0, "penalty": "l2", "encode": "auto"}


def test_categories_may_stand_as_shares_of_classes_where_there_are_any():
    assert list(FAMILY.space(Context("classification", 9, 9, 2))["encode"].options) == ["auto", "target"]
    assert list(FAMILY.space(Context("classification", 9, 9, 2, categories=False))["encode"].options) == ["auto"]
    usual, shares = FAMILY.needs_of({"C": 1.0}), FAMILY.needs_of({"C": 1.0, "encode": "target"})
    assert usual == FAMILY.needs and shares != usual and shares.key() != usual.key()
    table = Table({"c": Column("category", np.arange(60) % 3 % 2, ("a", "b"))}, 60)
    y = np.arange(60) % 3 // 2
    kinds = {needs.key(): fit_features(table, (Field("c", "category"),), y, needs).config["steps"][0]["kind"] for needs in (usual, shares)}
    assert kinds == {usual.key(): "onehot", shares.key(): "target"}


def test_a_stronger_penalty_makes_smaller_weights():
    norms = [np.abs(_fit(np.arange(60) % 2, 2, C=C)[1].arrays["weights"]).sum() for C in (0.001, 1.0, 1000.0)]
    assert norms == sorted(norms)


def test_a_fit_that_does_not_converge_is_no_noise():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _fit(np.arange(60) % 2, 2, C=1e9, shift=1e4)


def test_what_it_explains_is_as_long_as_the_features_and_points_at_the_right_one():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    estimator = FAMILY.fit(FAMILY.build({"C": 1.0}, Context("classification", 200, 4, 2)), FitData(x, (x[:, 2] > 0).astype(np.int64)), Progress())
    found = FAMILY.explain(estimator)
    assert found.shape == (4,) and found.argmax() == 2


PENALTIES = [{"penalty": "l2"}, {"penalty": "l1"}, {"penalty": "elastic_net", "penalty.elastic_net.l1_ratio": 0.5}]


def _noise(n=200, d=30, seed=0):
    """Two columns that tell, among others that do not."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)).astype(np.float32)
    return x, (x[:, 0] - x[:, 1] + rng.logistic(size=n) * 0.5 > 0).astype(np.int64)


def _penalised(x, y, progress=None, n_outputs=2, **params):
    context = Context("classification", len(y), x.shape[1], n_outputs)
    return FAMILY.fit(FAMILY.build({"C": 0.1, **params}, context), FitData(x, y), progress or Progress())


def test_the_penalties_are_the_librarys_and_l1_leaves_columns_out():
    x, y = _noise()
    weights = [_penalised(x, y, **p).coef_[0] for p in PENALTIES]
    zeros = [(w == 0).sum() for w in weights]
    assert zeros[0] == 0 < zeros[2] < zeros[1] and all(abs(w[0]) > np.abs(w[2:]).max() for w in weights)
    exact = LogisticRegression(C=0.1, l1_ratio=0.5, solver="saga", tol=1e-7, max_iter=5000).fit(x, y)
    assert np.abs(weights[2] - exact.coef_[0]).max() < 0.01


def test_the_first_trial_is_the_librarys_plain_fit():
    x, y = _noise()
    context = Context("classification", 200, 30, 2)
    first = FAMILY.fit(FAMILY.build(FAMILY.space(context).default(), context), FitData(x, y), Progress(time.monotonic() + 1000))
    assert np.array_equal(first.coef_, LogisticRegression(max_iter=300).fit(x, y).coef_)


@pytest.mark.parametrize("params", PENALTIES, ids=str)
def test_short_of_time_it_fits_in_parts_to_the_same_end_or_to_its_deadline(params, monkeypatch):
    x, y = _noise(400, 10)
    whole = _penalised(x, y, **params).coef_
    monkeypatch.setattr(under_test, "SLACK", 1e9)
    asked = []
    clock = type("Clock", (), {"deadline": time.monotonic() + 60, "expired": lambda self: asked.append(1) or False})()
    assert np.abs(_penalised(x, y, clock, **params).coef_ - whole).max() < 0.02
    monkeypatch.setattr(under_test, "STEPS", 12)
    assert np.abs(_penalised(x, y, Progress(time.monotonic()), **params).coef_ - whole).max() > 1e-4


def test_weights_are_repeats():
    x, y = _noise()
    times = np.random.default_rng(0).integers(1, 4, len(y))
    context = Context("classification", 200, 30, 2)
    weighted = FAMILY.fit(FAMILY.build({"C": 1.0}, context), FitData(x, y, weight=times.astype(np.float32)), Progress())
    repeated = FAMILY.fit(FAMILY.build({"C": 1.0}, context), FitData(np.repeat(x, times, axis=0), np.repeat(y, times)), Progress())
    assert np.abs(weighted.coef_ - repeated.coef_).max() < 1e-2


def test_no_option_warns():
    x, y = _noise()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for params in PENALTIES:
            _penalised(x, (y + (x[:, 2] > 1)).astype(np.int64), n_outputs=3, **params)


def test_long_tables_need_fewer_passes_and_cost_says_what_saga_takes():
    assert [under_test._passes(n) for n in (100, 10_000, 1_000_000)] == [300, 100, 30]
    context = Context("classification", 20_000, 20, 2)
    assert FAMILY.cost(context, {"penalty": "l1"}) > 3 * FAMILY.cost(context, {"penalty": "l2"}) and FAMILY.memory(context) > 0

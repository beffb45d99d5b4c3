import time

import numpy as np
import pytest

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers import hist_gradient_boosting as under_test
from automl.families.classifiers.hist_gradient_boosting import FAMILY, PATIENCE
from automl.families.pace import Pace
from automl.inference.category_sets import sets_of
from automl.inference.forms import Model
from automl.inference.trees import Walked, layout


def _xy(n=300, k=2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    return x, np.clip(np.floor(x[:, 0] + rng.normal(0, 0.7, n) + k / 2), 0, k - 1).astype(np.int64)


def _fit(x, y, k=2, stop=None, rounds=None, progress=None, **params):
    context = Context("classification", len(y), x.shape[1], k, rounds=rounds)
    data = FitData(x, y, *(stop or ()))
    estimator = FAMILY.fit(FAMILY.build({**FAMILY.space(context).default(), **params}, context), data, progress or Progress())
    return estimator, FAMILY.export(estimator, context)


@pytest.mark.parametrize("k", [2, 3])
def test_it_stops_on_the_rows_it_was_given_and_keeps_the_best(k):
    x, y = _xy(k=k)
    stop = _xy(k=k, seed=1)
    estimator, form = _fit(x, y, k, stop, learning_rate=0.3)
    kept = FAMILY.rounds(estimator)
    scores = estimator.model.validation_score_
    assert 1 <= kept < 300 and kept == int(np.argmax(scores[1:])) + 1 and len(scores) - 1 <= kept + 2 * PATIENCE
    proba = Model(form).predict(stop[0])[np.arange(300), stop[1]]
    assert -np.log(proba).mean() == pytest.approx(-scores[kept], abs=1e-5), "the loss it stopped on is that of the form on the rows given"


def test_labels_turned_round_end_it_at_its_first_tree():
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y, stop=(x, 1 - y))[0]) == 1


def test_with_nothing_to_stop_on_it_runs_to_its_end(monkeypatch):
    monkeypatch.setattr(under_test, "MOST_ROUNDS", 15)
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y)[0]) == FAMILY.rounds(_fit(x, y, stop=(x[:0], y[:0]))[0]) == 15


@pytest.mark.parametrize("stopping", [True, False])
def test_portions_by_the_clock_change_no_tree(monkeypatch, stopping):
    x, y = _xy(k=3)
    x[::4, 1] = np.nan
    stop = _xy(k=3, seed=1) if stopping else None
    whole = _fit(x, y, 3, stop, rounds=None if stopping else 40)[1]
    monkeypatch.setattr(Pace, "next", lambda self: _portion(self))
    parts = _fit(x, y, 3, stop, rounds=None if stopping else 40)[1]
    assert whole.config == parts.config and all(np.array_equal(whole.arrays[name], parts.arrays[name]) for name in whole.arrays)


def _portion(pace):
    portion = min(7, pace.left)
    pace.left -= portion
    return portion


def test_a_deadline_leaves_the_rounds_there_are():
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y, stop=_xy(seed=1), progress=Progress(time.monotonic()))[0]) == 1
    began = time.monotonic()
    estimator, _ = _fit(*_xy(20_000), rounds=5000, progress=Progress(began + 1.0), max_leaf_nodes=100)
    assert 1 < FAMILY.rounds(estimator) < 5000 and time.monotonic() - began < 3


@pytest.mark.parametrize("k", [2, 4])
def test_thresholds_and_missing_cells_are_those_of_the_library(k):
    rng = np.random.default_rng(0)
    x = (rng.integers(0, 8, (300, 3)) * np.float32(0.1)).astype(np.float32)
    y = (x[:, 0] * 10 % k).astype(np.int64)
    x[rng.random(x.shape) < 0.2] = np.nan
    estimator, form = _fit(x, y, k, rounds=8, min_samples_leaf=2)
    thresholds = np.unique(form.arrays["threshold"][np.isfinite(form.arrays["threshold"])])
    values = np.concatenate([thresholds, np.nextafter(thresholds, np.float32(-9)), np.nextafter(thresholds, np.float32(9)), [np.nan, 3e38, -3e38]]).astype(
        np.float32
    )
    asked = np.stack([values, rng.permutation(values), rng.permutation(values)], axis=1)
    assert np.abs(Model(form).predict(asked) - FAMILY.predict(estimator, asked)).max() < 1e-5


def test_a_column_without_a_value_and_one_whose_values_come_later():
    x, y = _xy()
    x[:, 2] = np.nan
    estimator, form = _fit(x, y, rounds=5)
    asked = x.copy()
    asked[:, 2] = 7.0
    assert np.array_equal(Model(form).predict(x), Model(form).predict(asked)) and np.isnan(x[:, 2]).all()
    assert np.abs(Model(form).predict(asked) - FAMILY.predict(estimator, asked)).max() < 1e-6


def test_stopping_rows_of_a_class_that_the_others_lack_are_left_out():
    x, y = _xy(k=3)
    keep = y != 1
    _, form = _fit(x[keep], y[keep], 3, stop=_xy(k=3, seed=1))
    assert Model(form).predict(x)[:, 1].max() < 1e-6


def test_weights_of_stopping_rows_decide_where_it_ends():
    x, y = _xy(400)
    turned = np.concatenate([y[200:300], 1 - y[300:]])
    rounds = []
    for good in (1.9, 0.1):
        weight = np.repeat(np.array([good, 2 - good], np.float32), 100)
        context = Context("classification", 200, 4, 2)
        data = FitData(x[:200], y[:200], x[200:], turned, None, weight)
        rounds.append(FAMILY.rounds(FAMILY.fit(FAMILY.build(FAMILY.space(context).default(), context), data, Progress())))
    assert rounds[0] > rounds[1] == 1


def test_a_refit_of_known_length_repeats_the_fit_that_found_it():
    x, y = _xy()
    estimator, form = _fit(x, y, stop=_xy(seed=1))
    again = _fit(x, y, rounds=FAMILY.rounds(estimator))[1]
    assert np.array_equal(Model(form).predict(x), Model(again).predict(x))


@pytest.mark.parametrize("k", [2, 3])
def test_splits_on_categories_are_the_librarys_own(k):
    from sklearn.ensemble import HistGradientBoostingClassifier

    rng = np.random.default_rng(k)
    x = rng.normal(size=(1500, 4)).astype(np.float32)
    x[:, 1], x[:, 3] = rng.integers(0, 7, len(x)), 3 * rng.integers(0, 60, len(x))  # not all codes are there
    effect = rng.normal(size=(180, k))
    y = (effect[x[:, 3].astype(int)] + effect[x[:, 1].astype(int)] + rng.normal(size=(len(x), k))).argmax(axis=1)
    x[rng.random(x.shape) < 0.1] = np.nan
    estimator = FAMILY.build({}, Context("classification", 1200, 4, k))
    estimator.classes = np.arange(k)
    estimator.model = HistGradientBoostingClassifier(max_iter=20, categorical_features=[1, 3], early_stopping=False).fit(x[:1200], y[:1200])
    form = FAMILY.export(estimator, estimator.context)
    assert "sets" in form.arrays and form.arrays["set_columns"].tolist() == [1, 3]
    rows = x.copy()  # codes that the fit did not see
    rows[:300, 1], rows[300:600, 3] = rng.choice([-1, 7, 30], 300), rng.choice([1, 2, 180, 5000], 300)
    for given in (x, rows):
        margin = Walked(layout(form), np.asarray(form.config["base"], np.float32), sets_of(form)).plain(given)
        assert np.abs(margin - estimator.model._raw_predict(given)).max() < 1e-5
        assert np.abs(Model(form).predict(given) - FAMILY.predict(estimator, given)).max() < 1e-5


def test_categories_that_are_no_codes_are_refused():
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, y = _xy()
    x[:, 1] = np.round(x[:, 1])  # some below 0
    estimator = FAMILY.build({}, Context("classification", len(y), 4, 2))
    estimator.classes, estimator.model = np.arange(2), HistGradientBoostingClassifier(max_iter=2, categorical_features=[1]).fit(x, y)
    with pytest.raises(ValueError, match="no codes"):
        FAMILY.export(estimator, estimator.context)

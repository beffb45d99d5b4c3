import time
import warnings

import numpy as np
import pytest
import xgboost

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers import xgboost as under_test
from automl.families.classifiers.xgboost import FAMILY, PATIENCE
from automl.inference.category_sets import sets_of
from automl.inference.forms import Model
from automl.inference.trees import Walked, layout


def _xy(n=300, k=2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    y = np.clip(np.floor(x[:, 0] + rng.normal(0, 0.7, n) + k / 2), 0, k - 1).astype(np.int64)
    return x, y


def _fit(x, y, k=2, stop=None, rounds=None, progress=None, **params):
    context = Context("classification", len(y), x.shape[1], k, rounds=rounds)
    data = FitData(x, y, *(stop or ()))
    estimator = FAMILY.fit(FAMILY.build({**FAMILY.space(context).default(), **params}, context), data, progress or Progress())
    return estimator, FAMILY.export(estimator, context)


def test_it_stops_when_the_stopping_rows_no_longer_gain_and_keeps_the_best():
    x, y = _xy()
    estimator, _ = _fit(x, y, stop=_xy(seed=1), learning_rate=0.3)
    assert 1 <= FAMILY.rounds(estimator) < 200 and FAMILY.rounds(estimator) == estimator.booster.best_iteration + 1


def test_labels_turned_round_end_it_at_its_first_tree():
    x, y = _xy()
    asked = []
    estimator, _ = _fit(x, y, stop=(x, 1 - y), progress=type("Clock", (), {"expired": lambda self: asked.append(1) or False})())
    assert FAMILY.rounds(estimator) == 1 and len(asked) <= PATIENCE + 1


def test_with_an_empty_set_to_stop_on_it_runs_to_its_end(monkeypatch):
    monkeypatch.setattr(under_test, "MOST_ROUNDS", 15)
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y, stop=(x[:0], y[:0]))[0]) == 15


def test_a_deadline_leaves_the_rounds_there_are():
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y, stop=_xy(seed=1), progress=Progress(time.monotonic()))[0]) == 1


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_the_form_begins_where_the_library_does_however_rare_a_class_is(share):
    x, _ = _xy()
    y = (np.arange(300) < 300 * share).astype(np.int64)
    estimator, form = _fit(x, y, rounds=3)
    assert np.abs(Model(form).predict(x) - FAMILY.predict(estimator, x)).max() < 1e-6
    assert estimator.base == pytest.approx([np.log(share / (1 - share))], rel=1e-6)


def test_one_class_alone_does_not_break_the_start():
    x, _ = _xy(60)
    estimator, form = _fit(x, np.zeros(60, np.int64), rounds=2)
    assert np.isfinite(estimator.base).all() and Model(form).predict(x)[:, 0].min() > 0.99


def test_missing_cells_go_where_the_library_sends_them():
    x, y = _xy(k=3)
    x[::3, 0] = np.nan
    x[::5, 1] = np.nan
    estimator, form = _fit(x, y, k=3, rounds=10)
    assert np.abs(Model(form).predict(x) - FAMILY.predict(estimator, x)).max() < 1e-5


def test_the_size_of_the_librarys_file_is_told():
    x, y = _xy()
    small, large = (_fit(x, y, rounds=r)[0] for r in (2, 20))
    assert 500 < FAMILY.library_bytes(small) < FAMILY.library_bytes(large)


def test_the_device_and_the_threads_are_those_of_the_job():
    params = FAMILY.build({}, Context("classification", 9, 9, 3, device="cuda", threads=7, seed=5)).params
    assert (params["device"], params["nthread"], params["seed"], params["num_class"]) == ("cuda", 7, 5, 3)


def test_a_booster_that_was_trained_on_a_device_predicts_on_one_core():
    x, y = _xy()
    estimator, _ = _fit(x, y, rounds=3)
    told = []

    class Spy:
        def set_param(self, params):
            told.append(params)

        def inplace_predict(self, x):
            assert told, "the device is named before it is asked"
            return estimator.booster.inplace_predict(x)

    asked = type(estimator)(estimator.params, 3, 2)
    asked.booster = Spy()
    assert FAMILY.predict(asked, x).shape == (300, 2) and told == [{"device": "cpu", "nthread": 1}]


def test_trees_grow_by_level_or_where_the_loss_falls_most():
    x, y = _xy(2000)
    params = {"max_depth": 10, "grow_policy": "lossguide", "grow_policy.lossguide.max_leaves": 8, "min_child_weight": 0.01}
    bound, free = (_fit(x, y, rounds=3, **p)[1] for p in (params, {"max_depth": 10, "min_child_weight": 0.01}))
    assert bound.config["n_nodes"] <= 3 * 15 < free.config["n_nodes"]


def test_many_classes_start_from_their_shares_and_one_that_is_absent_is_next_to_impossible():
    x, _ = _xy(400)
    y = np.where(np.arange(400) % 10 == 0, 3, 1)
    estimator, form = _fit(x, y, 4, rounds=1, learning_rate=1e-6)
    proba = Model(form).predict(x)
    assert np.allclose(proba.mean(axis=0), [0, 0.9, 0, 0.1], atol=1e-4)
    assert np.abs(proba - FAMILY.predict(estimator, x)).max() < 1e-6


def test_a_refit_of_known_length_repeats_the_fit_that_found_it():
    x, y = _xy()
    estimator, form = _fit(x, y, stop=_xy(seed=1))
    again = _fit(x, y, rounds=FAMILY.rounds(estimator))[1]
    assert np.array_equal(Model(form).predict(x), Model(again).predict(x))


@pytest.mark.parametrize(("k", "onehot"), [(2, 4), (2, 100), (3, 4)])
def test_splits_on_categories_are_the_librarys_own(k, onehot):
    import xgboost

    rng, most = np.random.default_rng(k), (0, 7, 60, 0)
    x = rng.normal(size=(1200, 4)).astype(np.float32)
    for column in (1, 2):
        x[:, column] = rng.integers(0, most[column], len(x))
    effect = rng.normal(size=(60, k))
    y = (effect[x[:, 2].astype(int)] + effect[x[:, 1].astype(int)] + rng.normal(size=(len(x), k))).argmax(axis=1)
    x[rng.random(x.shape) < 0.1] = np.nan
    data = xgboost.QuantileDMatrix(x[:900], y[:900], feature_types=["q", "c", "c", "q"], enable_categorical=True)
    objective = {"objective": "binary:logistic", "base_score": 0.5} if k == 2 else {"objective": "multi:softprob", "num_class": k, "base_score": [0.0] * k}
    context = Context("classification", 900, 4, k)
    estimator = FAMILY.build({}, context)
    options = {"max_depth": 5, "tree_method": "hist", "nthread": 1, "max_cat_to_onehot": onehot, **objective}
    estimator.base, estimator.booster = [0.0] * (k if k > 2 else 1), xgboost.train(options, data, 25)
    form = FAMILY.export(estimator, context)
    assert "sets" in form.arrays
    rows = x.copy()  # codes that the fit did not see, whole or not, and below 0
    rows[:300, 1], rows[300:600, 2] = rng.choice([-1, 7, 30, 1e9, 2.5], 300), rng.choice([-0.5, 60, 400, 3e7, 3.25], 300)
    for given in (x, rows):
        proba = FAMILY.predict(estimator, given)
        assert np.abs(Model(form).predict(given) - proba).max() < 1e-5
        margin = Walked(layout(form), np.asarray(estimator.base, np.float32), sets_of(form)).plain(given)
        expected = estimator.booster.predict(xgboost.DMatrix(given, feature_types=["q", "c", "c", "q"], enable_categorical=True), output_margin=True)
        assert np.abs(margin - expected.reshape(margin.shape)).max() < 1e-5


def test_when_the_device_is_full_it_boosts_on_the_cpu_and_says_so(monkeypatch):
    """The device may be filled by networks; XGBoost says so in words of its own."""
    x, y = _xy()
    true, devices = xgboost.train, []

    def short(params, *args, **options):
        devices.append(params["device"])
        if params["device"] == "cuda":
            raise xgboost.core.XGBoostError("Memory allocation error on worker 0: cudaErrorMemoryAllocation: out of memory")
        return true(params, *args, **options)

    monkeypatch.setattr(xgboost, "train", short)
    made = []
    for device in ("cuda", "cpu"):
        context = Context("classification", len(y), 4, 2, device=device, rounds=5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.append(FAMILY.fit(FAMILY.build(FAMILY.space(context).default(), context), FitData(x, y), Progress()))
    assert devices == ["cuda", "cpu", "cpu"] and made[0].notes == ("memory ran out on cuda: trained on the CPU",) and made[1].notes == ()
    assert np.array_equal(FAMILY.predict(made[0], x), FAMILY.predict(made[1], x))

import time

import numpy as np
import pytest

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers import lightgbm as under_test
from automl.families.classifiers.lightgbm import FAMILY, PATIENCE, fault
from automl.inference.forms import Model

if trouble := fault():
    pytest.skip(": ".join(trouble), allow_module_level=True)


def _xy(n=300, k=2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    return x, np.clip(np.floor(x[:, 0] + rng.normal(0, 0.7, n) + k / 2), 0, k - 1).astype(np.int64)


def _fit(x, y, k=2, stop=None, rounds=None, progress=None, **params):
    context = Context("classification", len(y), x.shape[1], k, rounds=rounds)
    data = FitData(x, y, *(stop or ()))
    estimator = FAMILY.fit(FAMILY.build({**FAMILY.space(context).default(), **params}, context), data, progress or Progress())
    return estimator, FAMILY.export(estimator, context)


def test_it_stops_when_the_stopping_rows_no_longer_gain_and_keeps_the_best():
    x, y = _xy()
    stop = _xy(seed=1)
    estimator, _ = _fit(x, y, stop=stop, learning_rate=0.3)
    kept = FAMILY.rounds(estimator)

    def loss(rounds):
        return -np.log(FAMILY.predict(_fit(x, y, rounds=rounds, learning_rate=0.3)[0], stop[0])[np.arange(300), stop[1]]).mean()

    assert 1 <= kept < 300 - PATIENCE and loss(kept) <= min(loss(kept + 5), loss(max(1, kept - 1))) + 1e-9


def test_labels_turned_round_end_it_at_its_first_tree():
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y, stop=(x, 1 - y))[0]) == 1


def test_with_nothing_to_stop_on_it_runs_to_its_end(monkeypatch):
    monkeypatch.setattr(under_test, "MOST_ROUNDS", 15)
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y)[0]) == FAMILY.rounds(_fit(x, y, stop=(x[:0], y[:0]))[0]) == 15


def test_a_deadline_leaves_the_rounds_there_are():
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y, stop=_xy(seed=1), progress=Progress(time.monotonic()))[0]) == 1


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("seen", [True, False])
def test_thresholds_and_missing_cells_are_those_of_the_library(k, seen):
    """Thresholds below and above zero: where a column had nothing missing, a missing cell counts as 0 there."""
    rng = np.random.default_rng(0)
    x = ((rng.integers(0, 8, (400, 3)) - 4) * np.float32(0.1)).astype(np.float32)
    y = (np.round(x[:, 0] * 10) % k).astype(np.int64)
    if seen:
        x[rng.random(x.shape) < 0.2] = np.nan
    estimator, form = _fit(x, y, k, rounds=8, min_data_in_leaf=2)
    thresholds = np.unique(form.arrays["threshold"])
    assert thresholds.min() < 0 < thresholds.max()
    values = np.concatenate([thresholds, np.nextafter(thresholds, np.float32(-9)), np.nextafter(thresholds, np.float32(9)), [np.nan] * 9, [3e38]]).astype(
        np.float32
    )
    values[np.abs(values) < 1e-30] = 0.0  # the library takes what is within 1e-35 of zero for zero
    asked = np.stack([rng.permutation(values) for _ in range(3)], axis=1)
    assert np.abs(Model(form).predict(asked) - FAMILY.predict(estimator, asked)).max() < 1e-5


@pytest.mark.parametrize("extra_trees", ["no", "yes"])
def test_its_options_reach_the_library(extra_trees):
    x, y = _xy()
    estimator, _ = _fit(x, y, rounds=3, num_leaves=6, extra_trees=extra_trees)
    text = estimator.booster.model_to_string()
    assert "[num_leaves: 6]" in text and f"[extra_trees: {int(extra_trees == 'yes')}]" in text and "[num_threads: 1]" in text


def test_the_size_of_the_librarys_file_is_told():
    x, y = _xy()
    small, large = (_fit(x, y, rounds=r)[0] for r in (2, 20))
    assert 500 < FAMILY.library_bytes(small) < FAMILY.library_bytes(large)


def test_a_refit_of_known_length_repeats_the_fit_that_found_it():
    x, y = _xy()
    estimator, form = _fit(x, y, stop=_xy(seed=1))
    again = _fit(x, y, rounds=FAMILY.rounds(estimator))[1]
    assert np.array_equal(Model(form).predict(x), Model(again).predict(x))

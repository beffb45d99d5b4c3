import time
from dataclasses import replace

import numpy as np
import pytest

from automl.families.base import Context, FitData, Progress, Watch
from automl.families.classifiers import mlp as under_test
from automl.families.classifiers.mlp import FAMILY
from automl.families.networks import SPARSITY
from automl.inference.forms import Model
from automl.inference.storage import to_bytes
from automl.neural.batched import spread
from automl.neural.network import Mlp
from automl.neural.optimizers import OPTIMIZERS


def _xy(n=200, k=2, seed=0):
    x = np.random.default_rng(seed).normal(size=(n, 4)).astype(np.float32)
    return x, np.clip(np.floor(x[:, 0] + k / 2), 0, k - 1).astype(np.int64)


def _fit(x, y, k=2, stop=None, rounds=None, progress=None, optimizer="adamw", **params):
    context = Context("classification", len(y), x.shape[1], k, rounds=rounds)
    own = {"optimizer": optimizer, **OPTIMIZERS.options[optimizer].default(f"optimizer.{optimizer}.")}
    estimator = FAMILY.build({**FAMILY.space(context).default(), "width": 32, **own, **params}, context)
    FAMILY.fit(estimator, FitData(x, y, *(stop or ())), progress or Progress())
    return estimator, FAMILY.export(estimator, context)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.options)
def test_it_learns_with_every_optimizer_at_its_defaults(optimizer):
    x, y = _xy(400)
    _, form = _fit(x, y, rounds=25, optimizer=optimizer)
    assert (Model(form).predict(x).argmax(axis=1) == y).mean() > 0.85


@pytest.mark.parametrize(("k", "margins"), [(2, 1), (3, 3)])
def test_two_classes_need_one_margin_and_the_form_agrees_with_torch(k, margins):
    x, y = _xy(k=k)
    estimator, form = _fit(x, y, k, rounds=3, layers=3)
    assert form.config["layers"] == 4 and form.arrays["weights.3"].shape == (32, margins)
    assert np.abs(Model(form).predict(x) - FAMILY.predict(estimator, x)).max() < 1e-6


def test_the_epochs_that_were_kept_are_told():
    x, y = _xy()
    assert FAMILY.rounds(_fit(x, y, stop=(x, 1 - y))[0]) < under_test.PATIENCE
    assert FAMILY.rounds(_fit(x, y, rounds=4)[0]) == 4
    assert FAMILY.rounds(FAMILY.build({}, Context("classification", 9, 9, 2))) == 1


def test_a_deadline_leaves_a_network_that_predicts():
    x, y = _xy()
    _, form = _fit(x, y, stop=_xy(seed=1), progress=Progress(time.monotonic()))
    assert np.isfinite(Model(form).predict(x)).all()


def test_large_tables_afford_more():
    small, large = (FAMILY.space(Context("classification", n, 9, 2)) for n in (9_999, 10_000))
    assert large["width"].high > small["width"].high and large["batch"].low >= small["batch"].high
    assert small.default()["batch"] == 64 and large.default()["width"] == 256


def test_a_small_table_is_given_batches_that_fit_it(monkeypatch):
    seen = []
    true = spread.train_slots
    monkeypatch.setattr(spread, "train_slots", lambda *args, batch, **rest: seen.append(batch) or true(*args, batch=batch, **rest))
    for n in (20, 200, 2000):
        _fit(*_xy(n), rounds=1, batch=64)
    assert seen == [8, 25, 64]


@pytest.mark.parametrize("stop", [False, True])
def test_pruning_makes_the_file_smaller_and_the_form_still_agrees_with_torch(stop):
    x, y = _xy(240)
    sizes = {}
    for sparsity in (0.0, 0.75):
        more = {"prune": "units", SPARSITY: sparsity} if sparsity else {}
        estimator, form = _fit(x, y, stop=_xy(100, seed=1) if stop else None, rounds=None if stop else 50, **more)
        sizes[sparsity] = len(to_bytes(form))
        assert form.arrays["weights.1"].shape == (int(32 * (1 - sparsity)),) * 2
        assert np.abs(Model(form).predict(x) - FAMILY.predict(estimator, x)).max() < 1e-6
        assert (Model(form).predict(x).argmax(axis=1) == y).mean() > 0.85
    assert sizes[0.75] < 0.5 * sizes[0.0]


def test_dropout_is_off_when_it_predicts():
    x, y = _xy()
    estimator, _ = _fit(x, y, rounds=2, dropout=0.5)
    assert np.array_equal(FAMILY.predict(estimator, x), FAMILY.predict(estimator, x))


def test_fits_side_by_side_are_those_of_their_own():
    """Options, rows and even the number of columns may differ; what comes out is what each fit alone gives."""
    made, alone = [], []
    for j, (n, columns, rate) in enumerate([(200, 4, 1e-3), (200, 4, 5e-3), (260, 3, 2e-3)]):
        x, y = _xy(n, seed=j)
        data = FitData(x[:, :columns], y, *(v[:, :columns] if v.ndim == 2 else v for v in _xy(50, seed=9)))
        context = Context("classification", n, columns, 2, seed=j)
        params = {**FAMILY.space(context).default(), "width": 16, "batch": 16, "dropout": 0.0, "optimizer.adamw.lr": rate}
        made.append((FAMILY.build(params, context), data))
        alone.append(FAMILY.fit(FAMILY.build(params, context), data, Progress()))
    under_test.fit_many([e for e, _ in made], [d for _, d in made], Progress())
    for (one, data), other in zip(made, alone, strict=True):
        assert one.epochs == other.epochs
        assert np.abs(FAMILY.predict(one, data.x) - FAMILY.predict(other, data.x)).max() < 1e-4


def test_who_looks_on_is_told_of_each_as_it_ends_and_one_that_is_not_wanted_stays_unfitted():
    told, context = [], Context("classification", 500, 4, 2)
    made = [FAMILY.build({**FAMILY.space(context).default(), "width": 32, "bins": 0, "dropout": 0.0}, replace(context, rounds=n)) for n in (5, 2, 9)]
    x, y = _xy(500)
    data = FitData(x, y)
    under_test.fit_many(made, [data] * 3, Progress(), Watch(lambda i: told.append((i, made[i].epochs)), lambda i: i != 2))
    assert told == [(1, 2), (0, 5)] and made[2].epochs == 0


def test_a_network_with_a_twin_is_twice_the_work_and_needs_more_memory():
    small, large = (Context("classification", n, 20, 2) for n in (4000, 40_000))
    params = {"layers": 2, "width": 64, "batch": 256, "bins": 0}
    numbers = sum(p.numel() for p in Mlp(20, [64, 64], 1, 0.0).parameters())
    assert FAMILY.together.work(large, params) == numbers * 256 and FAMILY.together.work(small, params) == 2 * numbers * 256
    assert FAMILY.together.memory(small, params) > FAMILY.together.memory(large, params) > 4 * numbers / 2**20
    assert FAMILY.together.rows_memory(large, params) > 4 * 40_000 * 20 / 2**20
    assert FAMILY.together.signature(params) != FAMILY.together.signature({**params, "bins": 8})


def test_twins_stay_on_the_device_of_the_network_they_follow(monkeypatch):
    monkeypatch.setattr(spread, "devices_of", lambda device: ["cpu", "cpu"])
    monkeypatch.setattr(under_test, "MOST_EPOCHS", 4)
    x, y = _xy(300)
    stop = _xy(60, seed=1)
    context = Context("classification", 300, 4, 2)
    made = [FAMILY.build({**FAMILY.space(context).default(), "width": 16, "dropout": 0.0}, replace(context, seed=s)) for s in range(2)]
    under_test.fit_many(made, [FitData(x, y, *stop)] * 2, Progress())
    monkeypatch.setattr(spread, "devices_of", lambda device: ["cpu"])
    for seed, one in enumerate(made):
        alone = FAMILY.fit(FAMILY.build(one.params, replace(context, seed=seed)), FitData(x, y, *stop), Progress())
        assert alone.epochs == one.epochs and np.abs(FAMILY.predict(alone, x) - FAMILY.predict(one, x)).max() < 1e-4

import warnings

import numpy as np
import pytest
import torch

from automl.families import FAMILIES
from automl.families.base import Context, FitData, Progress
from automl.families.networks import SPARSITY, smoothing_of, step_of
from automl.inference.forms import Model
from automl.neural import training


def test_labels_of_equal_classes_are_smoothed_as_asked_and_those_of_rare_ones_less():
    assert smoothing_of(0.1, np.arange(100) % 4, 4) == pytest.approx(0.1)
    rare = np.zeros(1000, np.int64)
    rare[:20] = 1
    assert 0.01 < smoothing_of(0.1, rare, 2) < 0.02
    assert smoothing_of(0.1, np.zeros(10, np.int64), 2) == 0


def test_rows_per_step_are_a_power_of_two_and_fit_the_table():
    assert [step_of(asked) for asked in (16, 23, 24, 100, 256)] == [16, 32, 32, 128, 256]
    assert [step_of(64, n) for n in (20, 200, 2000)] == [8, 25, 64]


@pytest.mark.parametrize("name", ["realmlp", "tabm"])
def test_a_network_that_does_not_fit_its_device_is_trained_on_the_cpu_as_it_would_have_been_there(name, monkeypatch):
    family = FAMILIES.get("classification", name)
    x = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64)
    made, true, devices = [], training.train, []

    def short(*args, device, **options):
        devices.append(device)
        if device == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return true(*args, device=device, **options)

    monkeypatch.setattr(training, "train", short)
    for name in ("init", "reset_peak_memory_stats"):
        monkeypatch.setattr(torch.cuda, name, lambda *device: None)
    for context in (Context("classification", 60, 3, 2, rounds=2, device="cuda"), Context("classification", 60, 3, 2, rounds=2)):
        params = {**family.space(Context("classification", 60, 3, 2)).default(), "width": 16}
        monkeypatch.setattr("automl.families.classifiers.tabm.MEMBERS", {"cpu": 4, "cuda": 4})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made.append(family.fit(family.build(params, context), FitData(x, y), Progress()))
    spilled, own = made
    assert devices == ["cuda", "cpu", "cpu"] and spilled.notes == ("memory ran out on cuda: trained on the CPU",) and own.notes == ()
    assert spilled.ledger.device == "cpu" and spilled.ledger.slots == 1
    assert np.array_equal(family.predict(spilled, x), family.predict(own, x))


@pytest.mark.parametrize("name", ["tabm", "realmlp"])
@pytest.mark.parametrize("stop", [False, True])
def test_pruning_makes_the_form_narrower_and_it_still_agrees_with_torch(name, stop):
    family, rng = FAMILIES.get("classification", name), np.random.default_rng(1)
    x = rng.normal(size=(400, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64)
    context = Context("classification", 300, 4, 2, rounds=None if stop else 30)
    params = {**family.space(context).default(), "width": 32, "layers": 2, "prune": "units", SPARSITY: 0.75}
    estimator = family.build(params, context)
    family.fit(estimator, FitData(x[:300], y[:300], *((x[300:], y[300:]) if stop else ())), Progress())
    form = family.export(estimator, context)
    assert form.arrays["weights.1"].shape == (8, 8)
    assert np.abs(Model(form).predict(x) - family.predict(estimator, x)).max() < 1e-5
    assert (Model(form).predict(x).argmax(axis=1) == y).mean() > 0.85

import numpy as np
import pytest
import torch

from automl.families import large_networks
from automl.families.base import Context, FitData, Progress
from automl.families.classifiers.mlp import FAMILY
from automl.families.networks import SPARSITY
from automl.inference.forms import Model
from automl.neural import distributed
from automl.neural.batched import spread


def test_steps_are_large_by_rows_inputs_and_layers():
    params = {"layers": 3, "width": 100, "batch": 64}
    assert large_networks.products(params, 40) == 64 * (40 * 100 + 2 * 100 * 100 + 100)
    default = FAMILY.space(Context("classification", 10**6, 500, 2, device="cuda"))
    assert large_networks.largest_step(default, 500) < large_networks.LARGE_STEP, "as declared, one network is never worth several devices"


@pytest.fixture
def two_devices(monkeypatch):
    """Two CPUs in place of two CUDA devices, and a threshold that any step passes."""
    monkeypatch.setattr(spread, "devices_of", lambda device: ["cpu", "cpu"])
    monkeypatch.setattr(large_networks, "LARGE_STEP", 1.0)
    return Context("classification", 400, 4, 2, device="cuda", rounds=6)


def _large(context, **more):
    x = np.random.default_rng(0).normal(size=(400, 4)).astype(np.float32)
    y = (x[:, 0] > 0).astype(np.int64)
    params = {**FAMILY.space(context).default(), "width": 32, "dropout": 0.0, **more}
    return FAMILY.fit(FAMILY.build(params, context), FitData(x, y), Progress()), x, y


@pytest.mark.slow
def test_a_large_network_learns_on_all_devices_at_once(two_devices):
    estimator, x, y = _large(two_devices, **{"optimizer.adamw.lr": 1e-2})
    assert estimator.ledger.device == "cpu, cpu" and estimator.epochs == 6 and estimator.notes == ()
    form = FAMILY.export(estimator, two_devices)
    assert np.abs(Model(form).predict(x) - FAMILY.predict(estimator, x)).max() < 1e-6
    assert (Model(form).predict(x).argmax(axis=1) == y).mean() > 0.85


@pytest.mark.parametrize("fault", [torch.OutOfMemoryError("the memory of device 2 of 2 ran out"), distributed.TeamFault("process 1 of 2 ended")])
def test_where_that_fails_it_learns_as_others_do_and_says_why(two_devices, monkeypatch, fault):
    def broken(*args, **options):
        raise fault

    monkeypatch.setattr(distributed, "train_large", broken)
    estimator, x, _ = _large(two_devices)
    assert estimator.notes == (f"not on 2 devices at once: {fault}",) and estimator.epochs == 6
    assert np.isfinite(FAMILY.predict(estimator, x)).all()


def test_a_network_that_is_pruned_or_small_and_one_device_take_the_usual_way(two_devices, monkeypatch):
    monkeypatch.setattr(distributed, "train_large", lambda *args, **options: pytest.fail("not here"))
    estimator, *_ = _large(two_devices, prune="units", **{SPARSITY: 0.5})
    assert estimator.network.linears()[0].out_features == 16
    monkeypatch.setattr(large_networks, "LARGE_STEP", 1e11)
    _large(two_devices)
    monkeypatch.setattr(large_networks, "LARGE_STEP", 1.0)
    monkeypatch.setattr(spread, "devices_of", lambda device: ["cpu"])
    _large(two_devices)

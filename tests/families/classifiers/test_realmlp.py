import numpy as np
import pytest
import torch

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers.realmlp import FAMILY
from automl.inference.forms import Model
from automl.neural.realmlp import FACTORS, RealMLP, make_realmlp_optimizer


def _fit(k=2, n=300, rounds=10, **params):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    y = np.clip(np.floor(np.abs(x[:, 0]) * 1.3), 0, k - 1).astype(np.int64)
    context = Context("classification", n, 4, k, rounds=rounds)
    estimator = FAMILY.build({**FAMILY.space(context).default(), "width": 64, **params}, context)
    FAMILY.fit(estimator, FitData(x, y), Progress())
    return x, y, estimator, FAMILY.export(estimator, context)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("waves", ["yes", "no"])
def test_the_form_predicts_as_the_network_does_scales_and_divisors_folded_in(k, waves):
    x, y, estimator, form = _fit(k, waves=waves, rounds=30)
    assert ("wave.rate" in form.arrays) == (waves == "yes") and not torch.equal(estimator.network.scale, torch.ones_like(estimator.network.scale))
    assert np.abs(Model(form).predict(x) - FAMILY.predict(estimator, x)).max() < 1e-5
    assert (Model(form).predict(x).argmax(axis=1) == y).mean() > 0.8


def test_every_kind_of_parameter_has_its_own_rate_and_only_weights_decay():
    network = RealMLP(4, [8, 8], 3, 0.1, [0, 2])
    groups = make_realmlp_optimizer(network, 0.04, 0.02).param_groups
    assert [round(g["lr"] / 0.04, 6) for g in groups] == list(FACTORS.values()) and [g["weight_decay"] for g in groups] == [0, 0.02, 0, 0, 0]
    assert sum(p.numel() for g in groups for p in g["params"]) == sum(p.numel() for p in network.parameters())


def test_kinks_are_put_among_the_rows():
    torch.manual_seed(0)
    network, x = RealMLP(3, [200], 2, 0.0), torch.randn(400, 3) + 5
    share = lambda: ((x @ (network.weights[0] / 3**0.5) + network.biases[0]) > 0).float().mean(dim=0)  # noqa: E731
    before = share()
    network.place_kinks(x, torch.Generator().manual_seed(0))
    after = share()
    assert ((after > 0.02) & (after < 0.98)).float().mean() > 0.9 > ((before > 0.02) & (before < 0.98)).float().mean()

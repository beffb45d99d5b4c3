import numpy as np
import pytest

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers.tabm import FAMILY, MEMBERS
from automl.inference.forms import Model
from automl.neural.optimizers import OPTIMIZERS


def _fit(k=2, n=300, rounds=8, optimizer="adamw", **params):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    y = np.clip(np.floor(x[:, 0] + k / 2), 0, k - 1).astype(np.int64)
    context = Context("classification", n, 4, k, rounds=rounds)
    own = {"optimizer": optimizer, **OPTIMIZERS.options[optimizer].default(f"optimizer.{optimizer}.")}
    estimator = FAMILY.build({**FAMILY.space(context).default(), "width": 32, **own, **params}, context)
    FAMILY.fit(estimator, FitData(x, y), Progress())
    return x, y, estimator, FAMILY.export(estimator, context)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("bins", [0, 8])
def test_the_form_votes_as_the_network_does(k, bins):
    x, y, estimator, form = _fit(k, bins=bins, layers=3, rounds=25)
    assert len(form.arrays["members"]) == MEMBERS["cpu"] and (Model(form).predict(x).argmax(axis=1) == y).mean() > 0.85
    assert np.abs(Model(form).predict(x) - FAMILY.predict(estimator, x)).max() < 1e-5


@pytest.mark.parametrize("optimizer", ["muon", "schedule_free_adamw"])
def test_it_learns_with_other_optimizers(optimizer):
    x, y, _, form = _fit(rounds=20, optimizer=optimizer)
    assert (Model(form).predict(x).argmax(axis=1) == y).mean() > 0.85


def test_members_come_to_differ_and_begin_as_signs():
    import torch

    from automl.neural.tabm import TabM

    torch.manual_seed(0)
    fresh = TabM(6, [8], 2, 5, 0.0)
    assert set(fresh.members.detach().flatten().tolist()) == {-1.0, 1.0} and torch.equal(fresh(torch.randn(3, 6)), torch.zeros(3, 5, 2))
    _, _, estimator, _ = _fit()
    heads = estimator.network.heads.detach().flatten(1)
    assert np.linalg.matrix_rank(heads.numpy()) > 4


def test_weights_of_rows_reach_every_member():
    import torch

    from automl.neural.tabm import ensemble_loss, members_loss

    output, label = torch.randn(4, 3, 2), torch.tensor([0, 1, 1, 0])
    only = torch.tensor([4.0, 0, 0, 0])
    assert torch.allclose(members_loss(output, label, only), members_loss(output[:1], label[:1]))
    assert torch.allclose(ensemble_loss(output, label, only), ensemble_loss(output[:1], label[:1]))
    assert ensemble_loss(output, label) <= members_loss(output, label)  # the mean of probabilities is no worse than the mean of losses (Jensen)

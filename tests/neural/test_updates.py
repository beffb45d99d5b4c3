"""The formulas, each against torch's own optimizer where there is one."""

import pytest
import torch

from automl.neural.updates import RULES, Hyper, averaged, early, muon, orthogonal, schedule_free_adamw

OWN = {"lr": 0.03, "weight_decay": 0.02}
TORCH = {
    "adamw": lambda p: torch.optim.AdamW(p, **OWN),
    "adam": lambda p: torch.optim.Adam(p, **OWN),
    "sgd": lambda p: torch.optim.SGD(p, **OWN, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, **OWN),
    "adagrad": lambda p: torch.optim.Adagrad(p, **OWN),
}


@pytest.mark.parametrize("name", TORCH)
def test_a_rule_is_torchs_optimizer_for_one_and_for_many(name):
    torch.manual_seed(0)
    start, gradients = torch.randn(3, 7), torch.randn(5, 3, 7)
    theirs = torch.nn.Parameter(start[1].clone())
    optimizer = TORCH[name]([theirs])
    one, many = [start[1].clone(), torch.zeros(7), torch.zeros(7)], [start.clone(), torch.zeros(3, 7), torch.zeros(3, 7)]
    rate, decay = torch.tensor([[0.5], [0.03], [0.001]]), torch.tensor([[0.0], [0.02], [0.5]])
    for t, g in enumerate(gradients, start=1):
        theirs.grad = g[1].clone()
        optimizer.step()
        first, second = early(t)
        RULES[name](one[0], g[1].clone(), *one[1:], Hyper(0.03, 0.02, first=first, second=second))
        firsts, seconds = (torch.full((3, 1), value) for value in (first, second))
        RULES[name](many[0], g.clone(), *many[1:], Hyper(rate, decay, first=firsts, second=seconds))
    assert torch.allclose(one[0], theirs, atol=1e-6) and torch.allclose(many[0][1], theirs, atol=1e-6)
    assert not torch.allclose(many[0][0], many[0][2])


@pytest.mark.parametrize("shape", [(6, 6), (12, 5), (4, 3, 9)])
def test_newton_schulz_brings_every_singular_value_near_one_and_keeps_directions(shape):
    torch.manual_seed(0)
    m = torch.randn(shape)
    found = orthogonal(m)
    values = torch.linalg.svdvals(found)
    assert values.min() > 0.5 and values.max() < 1.3
    u, _, vh = torch.linalg.svd(m, full_matrices=False)
    assert (found * (u @ vh)).sum() > 0.8 * min(shape[-2:]) * (shape[0] if len(shape) == 3 else 1)
    assert torch.allclose(orthogonal(m.mT), found.mT, atol=1e-5)


def test_muon_moves_hidden_matrices_evenly_and_leaves_the_rest_to_adamw():
    torch.manual_seed(0)
    p, g = torch.randn(2, 20), torch.randn(2, 20)
    before = p.clone()
    muon(
        p,
        g,
        torch.zeros(2, 20),
        torch.zeros(2, 20),
        Hyper(torch.full((2, 1), 0.1), torch.zeros(2, 1), aux_lr=torch.full((2, 1), 0.01)),
        [(2, 14, (3, 4))],
    )
    moved = (before - p)[:, 2:14].view(2, 3, 4)
    assert torch.linalg.svdvals(moved).min() > 0.5 * 0.1
    rest = torch.cat([(before - p)[:, :2], (before - p)[:, 14:]], dim=1).abs()
    assert torch.allclose(rest, torch.full_like(rest, 0.01), atol=1e-4)  # the first step of AdamW is the rate itself


def test_schedule_free_follows_its_paper():
    """Algorithm 1 with z, x and y kept apart, against what two tensors hold."""
    torch.manual_seed(0)
    y = torch.randn(1, 6)
    p, a, b, total = y.clone(), torch.zeros(1, 6), torch.zeros(1, 6), torch.zeros(1, 1)
    z, x, v, squares = y.clone(), y.clone(), torch.zeros(1, 6), 0.0
    for t in range(1, 8):
        g = torch.randn(1, 6)
        schedule_free_adamw(p, g.clone(), a, b, Hyper(0.05, 0.1, first=early(t)[0], second=early(t)[1], total=total))
        v = 0.999 * v + 0.001 * g * g
        rate = 0.05 * (1 - 0.999**t) ** 0.5
        squares += rate**2
        z = z - rate * (g / (v.sqrt() + 1e-8) + 0.1 * y)
        x = (1 - rate**2 / squares) * x + rate**2 / squares * z
        y = 0.1 * z + 0.9 * x
        assert torch.allclose(p, y, atol=1e-5) and torch.allclose(averaged(p, a), x, atol=1e-5)

"""Units of one network are taken out by magnitude, stay out under every optimizer, and can be left out without a change."""

import numpy as np
import pytest
import torch

from automl.neural.optimizers import OPTIMIZERS, make_optimizer
from automl.neural.pruning import BEGIN, END, Pruner, compact, kept_dropout, removed
from automl.neural.realmlp import RealMLP, make_realmlp_optimizer
from automl.neural.tabm import TabM

X = torch.randn(60, 5, generator=torch.Generator().manual_seed(0))


def tabm():
    torch.manual_seed(0)
    network = TabM(5, [12, 8], 2, 4, 0.0)
    torch.nn.init.normal_(network.heads)
    return network


def realmlp():
    torch.manual_seed(0)
    network = RealMLP(5, [12, 8], 2, 0.0, [0, 2])
    torch.nn.init.normal_(network.weights[-1])
    torch.nn.init.normal_(network.biases[0])
    return network


def sgd(network):
    return torch.optim.SGD(network.parameters(), 0.1, momentum=0.9)


def step(network, optimizer):
    network.train()
    optimizer.zero_grad()
    network(X).square().mean().backward()
    optimizer.step()


def alive(network):
    return [int(units.alive.sum()) for units in network.units()]


def test_units_go_fast_at_first_and_slowly_at_the_end():
    places = np.linspace(0, 1, 41)
    gone = np.array([removed(0.8, p) for p in places])
    assert gone[places <= BEGIN].max() == 0 and np.allclose(gone[places >= END], 0.8) and (np.diff(gone) >= 0).all()
    assert removed(0.8, (BEGIN + END) / 2) == pytest.approx(0.8 * 7 / 8) and kept_dropout(0.25) == 0.75


@pytest.mark.parametrize("make", [tabm, realmlp])
def test_the_weakest_units_go_first_and_one_is_left(make):
    network = make()
    with torch.no_grad():
        units = network.units()[0]
        units.out[0].index_copy_(units.out[1], torch.tensor([2, 5, 7]), 1e-6 * units.out[0].index_select(units.out[1], torch.tensor([2, 5, 7])))
    pruner = Pruner(network.units(), sgd(network), 0.25)
    assert pruner(0.0) == 0.0 and alive(network) == [12, 8]
    assert pruner(1.0) == 0.25 and alive(network) == [9, 6]
    assert (~network.units()[0].alive).nonzero()[:, 0].tolist() == [2, 5, 7]
    other = make()
    Pruner(other.units(), sgd(other), 1.0)(1.0)
    assert alive(other) == [1, 1]


@pytest.mark.parametrize("make", [tabm, realmlp])
def test_scaling_a_unit_up_and_the_next_layer_down_does_not_matter(make):
    gone = []
    for scale in (torch.ones(12), torch.logspace(-2, 2, 12)):
        network = make()
        units = network.units()[0]
        with torch.no_grad():
            for (tensor, axis), factor in ((units.into, scale), ((units.own[0], 0), scale), (units.out, 1 / scale)):
                tensor.mul_(factor.reshape([-1 if i == axis else 1 for i in range(tensor.ndim)]))
        Pruner(network.units(), sgd(network), 0.5)(1.0)
        gone.append(network.units()[0].alive.tolist())
    assert gone[0] == gone[1]


@pytest.mark.parametrize("name", list(OPTIMIZERS.options))
def test_what_is_out_stays_out(name):
    network = tabm()
    params = {"optimizer": name, **OPTIMIZERS.options[name].default(f"optimizer.{name}.")}
    optimizer = make_optimizer(params, network.parameters(), hidden=[layer.weight for layer in network.hidden])
    pruner = Pruner(network.units(), optimizer, 0.5)
    for position in (0.0, 0.1, 0.2, 0.3, 0.6, 1.0):
        pruner(position)
        step(network, optimizer)
    assert alive(network) == [6, 4]


def test_what_is_out_of_realmlp_stays_out():
    network = realmlp()
    optimizer = make_realmlp_optimizer(network, 0.04, 0.02)
    pruner = Pruner(network.units(), optimizer, 0.5)
    for position in (0.0, 0.1, 0.2, 0.3, 0.6, 1.0):
        pruner(position)
        step(network, optimizer)
    assert alive(network) == [6, 4]


@pytest.mark.parametrize("make", [tabm, realmlp])
def test_a_compact_network_says_the_same(make):
    network = make()
    Pruner(network.units(), sgd(network), 0.5)(1.0)
    before = network.eval()(X)
    compact(network.units())
    assert [len(units.own[0]) for units in network.units()] == [6, 4]
    assert torch.allclose(network(X), before, atol=1e-5)
    compact(network.units())
    assert torch.allclose(network(X), before, atol=1e-5)

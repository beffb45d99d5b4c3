import torch
from torch import nn

from automl.neural.network import Mlp


def test_a_fresh_network_says_nothing_yet():
    """The last layer begins at zero, so that every row starts at the same margins."""
    assert torch.equal(Mlp(5, [8, 8], 3, 0.0)(torch.randn(7, 5)), torch.zeros(7, 3))


def test_layers_have_the_sizes_that_were_asked_for_in_order():
    sizes = [(layer.in_features, layer.out_features) for layer in Mlp(5, [8, 4], 3, 0.5).linears()]
    assert sizes == [(5, 8), (8, 4), (4, 3)]


def test_the_linear_layers_with_relu_between_are_the_whole_network():
    """Forms are exported from `linears` alone, so nothing else may act on a row when predicting."""
    network = Mlp(5, [8, 4], 2, 0.5).eval()
    for layer in network.linears():
        nn.init.normal_(layer.weight)
        nn.init.normal_(layer.bias)
    x = torch.randn(6, 5)
    by_hand = x
    for layer in network.linears()[:-1]:
        by_hand = torch.relu(by_hand @ layer.weight.T + layer.bias)
    last = network.linears()[-1]
    assert torch.allclose(network(x), by_hand @ last.weight.T + last.bias, atol=1e-6)


def test_dropout_acts_in_training_only():
    torch.manual_seed(0)
    network = Mlp(5, [64], 1, 0.5)
    nn.init.normal_(network.linears()[-1].weight)
    x = torch.randn(4, 5)
    assert not torch.equal(network.train()(x), network(x))
    assert torch.equal(network.eval()(x), network(x))

import torch

from automl.neural.batched.layout import Layout
from automl.neural.network import Mlp


def test_a_row_holds_a_network_and_gives_it_back():
    torch.manual_seed(0)
    layout, network, other = Layout(5, [8, 4], 3), Mlp(5, [8, 4], 3, 0.0), Mlp(5, [8, 4], 3, 0.0)
    row = layout.row_of(network.linears())
    assert row.shape == (layout.length,) == (sum(p.numel() for p in network.parameters()),)
    layout.fill(row, other.linears())
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), other.parameters(), strict=True))


def test_views_are_the_row_itself_slot_by_slot():
    layout = Layout(2, [3], 1)
    rows = torch.arange(2.0 * layout.length).view(2, -1)
    (weights, bias), (last, end) = layout.views(rows)
    assert weights.shape == (2, 2, 3) and bias.shape == (2, 1, 3) and last.shape == (2, 3, 1) and end.shape == (2, 1, 1)
    weights[1, 0, 0] = -1
    assert rows[1, 0] == -1 and end[0, 0, 0] == layout.length - 1


def test_features_that_a_narrower_network_lacks_weigh_nothing():
    layout, narrow = Layout(5, [4], 2), Mlp(3, [4], 2, 0.0)
    weights, _ = layout.views(layout.row_of(narrow.linears())[None])[0]
    assert (weights[0, 3:] == 0).all() and (weights[0, :3] == narrow.linears()[0].weight.T).all()


def test_the_hidden_matrices_are_all_but_the_last():
    layout = Layout(2, [3, 4], 5)
    assert layout.matrices() == [(0, 6, (2, 3)), (9, 21, (3, 4))]

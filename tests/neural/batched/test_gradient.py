import pytest
import torch

from automl.neural.batched.gradient import Workspace, clip, dropped, gradient, margins, mean_losses
from automl.neural.batched.layout import Layout
from automl.neural.losses import mean_loss
from automl.neural.network import Mlp


def _nets(k, slots=3):
    torch.manual_seed(0)
    nets = [Mlp(4, [6, 5], 1 if k == 2 else k, 0.0) for _ in range(slots)]
    for net in nets:
        torch.nn.init.normal_(net.linears()[-1].weight)
    return nets


@pytest.mark.parametrize("work", [Workspace(), Workspace(on=False)], ids=["kept memory", "fresh memory"])
@pytest.mark.parametrize("k", [2, 3])
def test_it_is_the_gradient_that_torch_finds_network_by_network(k, work):
    nets = _nets(k)
    layout = Layout(4, [6, 5], 1 if k == 2 else k)
    rows, out = torch.stack([layout.row_of(n.linears()) for n in nets]), torch.empty(3, layout.length)
    x, label, smoothing = torch.randn(3, 10, 4), torch.randint(0, k, (3, 10)), torch.tensor([0.0, 0.1, 0.3])
    share = torch.full((3, 10), 0.1)
    for _ in range(2):  # what a step before left in the memory must not matter
        losses = gradient(layout, rows, out, x, label, share, smoothing.view(3, 1, 1), work=work)
    for i, net in enumerate(nets):
        loss = mean_loss(net(x[i]), label[i], smoothing=float(smoothing[i]))
        loss.backward()
        for linear in net.linears():
            linear.weight.data, linear.bias.data = linear.weight.grad, linear.bias.grad
        assert torch.allclose(out[i], layout.row_of(net.linears()), atol=1e-6) and torch.allclose(losses[i], loss.detach(), atol=1e-6)


def test_rows_without_a_share_teach_nothing():
    layout = Layout(4, [6], 3)
    rows, x, label = torch.randn(1, layout.length), torch.randn(1, 8, 4), torch.randint(0, 3, (1, 8))
    whole, part = torch.empty(1, layout.length), torch.empty(1, layout.length)
    gradient(layout, rows, part, x[:, :5], label[:, :5], torch.full((1, 5), 0.2))
    gradient(layout, rows, whole, x, label, torch.tensor([[0.2] * 5 + [0.0] * 3]))
    assert torch.allclose(whole, part, atol=1e-6)


def test_each_slot_drops_its_own_share():
    h = torch.ones(3, 200, 50)
    found = dropped(h, torch.tensor([0.0, 0.25, 0.9]).view(3, 1, 1), torch.Generator().manual_seed(0)).float().mean(dim=(1, 2))
    assert found[0] == 0 and abs(found[1] - 0.25) < 0.02 and abs(found[2] - 0.9) < 0.02


def test_dropout_leaves_the_gradient_right_on_average():
    torch.manual_seed(0)
    layout = Layout(3, [200], 2)
    rows, x, label, share = torch.randn(1, layout.length) / 5, torch.randn(1, 5, 3), torch.tensor([[0, 1, 0, 1, 1]]), torch.full((1, 5), 0.2)
    plain, out, total = (torch.zeros(1, layout.length) for _ in range(3))
    gradient(layout, rows, plain, x, label, share)
    for _ in range(600):
        gradient(layout, rows, out, x, label, share, dropout=torch.full((1, 1, 1), 0.1))
        total += out / 600
    assert torch.nn.functional.cosine_similarity(total, plain).item() > 0.97


def test_each_slot_is_clipped_by_its_own_norm():
    out = torch.tensor([[3.0, 4.0], [0.3, 0.4]])
    clip(out, 1.0)
    assert torch.allclose(out, torch.tensor([[0.6, 0.8], [0.3, 0.4]]), atol=1e-5)


def test_margins_are_those_of_the_networks():
    nets = _nets(3)
    layout, x = Layout(4, [6, 5], 3), torch.randn(3, 7, 4)
    found = margins(layout, torch.stack([layout.row_of(n.linears()) for n in nets]), x)
    assert all(torch.allclose(found[i].T, net(x[i]), atol=1e-6) for i, net in enumerate(nets))
    label = torch.randint(0, 3, (3, 7))
    assert torch.allclose(mean_losses(found, label, torch.full((3, 7), 1 / 7))[1], mean_loss(nets[1](x[1]), label[1]), atol=1e-6)

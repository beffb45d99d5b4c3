import pytest
import torch
from torch.nn import functional

from automl.neural.losses import losses_and_slopes, mean_loss, row_losses, slopes, targets


def _made(k, n=12):
    torch.manual_seed(0)
    return torch.randn(n, 1 if k == 2 else k), torch.arange(n) % k


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("k", [2, 3])
def test_it_is_torchs_log_loss(k, smoothing):
    margin, label = _made(k)
    both = torch.cat([torch.zeros_like(margin), margin], dim=1) if k == 2 else margin
    assert torch.allclose(mean_loss(margin, label, smoothing=smoothing), functional.cross_entropy(both, label, label_smoothing=smoothing), atol=1e-6)


@pytest.mark.parametrize("k", [2, 3])
def test_rows_count_by_their_weight(k):
    margin, label = _made(k)
    times = torch.arange(12) % 3 + 1
    repeated = mean_loss(margin.repeat_interleave(times, dim=0), label.repeat_interleave(times))
    assert torch.allclose(mean_loss(margin, label, times / times.float().mean()), repeated)
    assert torch.allclose(mean_loss(margin, label, torch.ones(12)), mean_loss(margin, label))


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("dim", [-1, 1])
def test_slopes_are_the_gradient_with_classes_last_or_before_the_rows(k, dim):
    margin, label = _made(k)
    margin, label = (torch.stack([v, v.flip(0)]) for v in (margin, label))
    margin = (margin if dim == -1 else margin.mT.contiguous()).requires_grad_()
    aim = targets(margin, label, torch.tensor([0.0, 0.2]).view(2, 1, 1), dim=dim)
    losses = row_losses(margin, aim, dim=dim)
    assert losses.shape == label.shape
    losses.sum().backward()
    assert torch.allclose(slopes(margin.detach(), aim.detach(), dim=dim), margin.grad, atol=1e-6)
    both = losses_and_slopes(margin.detach(), aim.detach(), dim=dim)
    assert torch.allclose(both[0], losses, atol=1e-6) and torch.allclose(both[1], margin.grad, atol=1e-6)

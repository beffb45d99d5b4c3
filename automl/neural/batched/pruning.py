"""Whole hidden units taken out by magnitude while one of many networks trains: a smaller dense network is left, on disk and in time."""

from collections.abc import Sequence

import torch

from automl.neural.batched.layout import Layout
from automl.neural.network import Mlp


def alive(layout: Layout, row: torch.Tensor) -> list[torch.Tensor]:
    """Return per hidden layer which units (n_out,) have weights, in a row of parameters (length,)."""
    return [(weights[0] != 0).any(dim=0) for weights, _ in layout.views(row[None])[:-1]]


def prune(layout: Layout, row: torch.Tensor, memories: Sequence[torch.Tensor], widths: Sequence[int], left: Sequence[int], share: float) -> list[int]:
    """Set the weakest units of a row (length,) to zero, and what its optimizer remembers of them: they then stay at zero.

    `widths` are those of the hidden layers before anything was taken out, `left` what they have now; returned is what they have afterwards.
    Of each, 1 - share is left, one unit at least. How strong a unit
    is says the norm of the weights into it times that of those out of it, as the one may be scaled up and the other down without
    any change in what the network says.
    """
    layers = layout.views(row[None])
    after = [min(had, max(1, width - int(share * width))) for width, had in zip(widths, left, strict=True)]
    for i, (had, has) in enumerate(zip(left, after, strict=True)):
        if has == had:
            continue
        (into, bias), (out, _) = layers[i], layers[i + 1]
        living = (into[0] != 0).any(dim=0)
        strength = torch.hypot(torch.linalg.vector_norm(into[0], dim=0), bias[0, 0].abs()) * torch.linalg.vector_norm(out[0], dim=1)
        weakest = strength.masked_fill(~living, float("inf")).argsort()[: had - has]
        for numbers in (row, *memories):
            views = layout.views(numbers[None])
            views[i][0][0][:, weakest] = 0.0
            views[i][1][0, 0, weakest] = 0.0
            views[i + 1][0][0][weakest] = 0.0
    return after


@torch.no_grad()
def without_dead_units(network: Mlp) -> Mlp:
    """Return a network that says the same, without the hidden units that have no weights."""
    linears = network.linears()
    kept = [(layer.weight != 0).any(dim=1) for layer in linears[:-1]]
    if all(bool(k.all()) for k in kept):
        return network
    first, last = linears[0], linears[-1]
    smaller = Mlp(first.in_features, [int(k.sum()) for k in kept], last.out_features, network.dropout)
    ends = [torch.ones(first.in_features, dtype=torch.bool), *kept, torch.ones(last.out_features, dtype=torch.bool)]
    for new, old, before, after in zip(smaller.linears(), linears, ends, ends[1:], strict=False):
        new.weight.copy_(old.weight[after][:, before])
        new.bias.copy_(old.bias[after])
    return smaller.eval()

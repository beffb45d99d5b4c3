"""Margins and gradients of many perceptrons at once, written out: a step then takes few calls, which is what small networks cost."""

import torch

from automl.neural.batched.layout import Layout
from automl.neural.losses import losses_and_slopes, row_losses, targets

CLASSES = 1  # the dimension of margins (n_slots, n_margins, n_rows): products of few columns are slow, those of few rows are not

kink = torch.ops.aten.threshold_backward


class Workspace:
    """Tensors that are filled anew at every step: fresh memory of this size would cost as much as the products themselves.

    One that is off gives none, and torch then makes its own, as mixed precision needs.
    """

    def __init__(self, on: bool = True) -> None:
        self.on = on
        self._kept: dict[str, torch.Tensor] = {}

    def get(self, name: str, like: torch.Tensor, *shape: int) -> torch.Tensor | None:
        """Return a tensor of this shape, with the numbers and on the device of `like`; its content is of an earlier step."""
        if not self.on:
            return None
        kept = self._kept.get(name)
        if kept is None or kept.shape != shape or kept.dtype != like.dtype:
            kept = self._kept[name] = torch.empty(shape, dtype=like.dtype, device=like.device)
        return kept


def margins(layout: Layout, rows: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Return margins (n_slots, n_margins, n_rows) of x (n_slots, n_rows, n_features) by parameters (n_slots, length); no dropout."""
    layers = layout.views(rows)
    for weights, bias in layers[:-1]:
        x = torch.baddbmm(bias, x, weights).relu_()
    weights, bias = layers[-1]
    return torch.baddbmm(bias.mT, weights.mT, x.mT).float()


def gradient(
    layout: Layout, rows: torch.Tensor, out: torch.Tensor, x: torch.Tensor, label: torch.Tensor, share: torch.Tensor,
    smoothing: torch.Tensor | None = None, dropout: torch.Tensor | None = None, generator: torch.Generator | None = None, work: Workspace | None = None,
) -> torch.Tensor:  # fmt: skip
    """Write the gradient of each slot's loss into `out` (n_slots, length), and return the losses (n_slots,).

    x (n_slots, n_rows, n_features), label (n_slots, n_rows); a slot's loss is the sum of its rows' losses times `share`, of the
    same shape. `smoothing` and `dropout` have a number per slot, (n_slots, 1, 1).
    """
    work = work or Workspace()
    layers, grown = layout.views(rows), layout.views(out)
    scale = None if dropout is None else 1 / (1 - dropout)
    values = [x]
    for i, (weights, bias) in enumerate(layers[:-1]):
        h = torch.baddbmm(bias, values[-1], weights, out=work.get(f"value.{i}", x, *x.shape[:2], weights.shape[2])).relu_()
        if dropout is not None and scale is not None:
            h.masked_fill_(dropped(h, dropout, generator), 0.0)
            h.mul_(scale)
        values.append(h)
    weights, bias = layers[-1]
    margin = torch.baddbmm(bias.mT, weights.mT, values[-1].mT).float()
    aim = targets(margin, label, 0.0 if smoothing is None else smoothing, dim=CLASSES)
    by_row, last = losses_and_slopes(margin, aim, dim=CLASSES)
    losses = (by_row * share).sum(dim=1)
    last = last.mul_(share.unsqueeze(CLASSES)).to(values[-1].dtype)
    to_weights, to_bias = grown[-1]
    to_weights.mT.copy_(torch.bmm(last, values[-1]))
    to_bias.mT.copy_(last.sum(dim=2, keepdim=True))
    slope = last.mT
    for i in range(len(layers) - 2, -1, -1):
        slope = torch.bmm(slope, layers[i + 1][0].mT, out=work.get(f"slope.{i}", x, *values[i + 1].shape))
        slope = kink.grad_input(slope, values[i + 1], 0.0, grad_input=slope)
        if scale is not None:
            slope = slope.mul_(scale)
        to_weights, to_bias = grown[i]
        to_weights.copy_(torch.bmm(values[i].mT, slope, out=work.get(f"weights.{i}", x, *to_weights.shape)))
        to_bias.copy_(slope.sum(dim=1, keepdim=True))
    return losses


def dropped(h: torch.Tensor, dropout: torch.Tensor, generator: torch.Generator | None) -> torch.Tensor:
    """Return which entries of h (n_slots, n_rows, n_units) are dropped, each with its slot's probability (n_slots, 1, 1).

    Sixteen random bits each, four of them out of one draw: probabilities are within 1/65536.
    """
    count = h.numel()
    bits = torch.empty((count + 3) // 4, dtype=torch.int64, device=h.device).random_(-(2**63), None, generator=generator)
    limit = torch.floor(dropout * 65536 - 32768).clamp_(-32768, 32767).to(torch.int16)
    return bits.view(torch.int16)[:count].view(h.shape) < limit


def clip(out: torch.Tensor, most: float) -> None:
    """Scale the gradients (n_slots, length) whose norm is over `most` down to it, as torch's clip_grad_norm_ does for one network."""
    norm = torch.linalg.vector_norm(out, dim=1, keepdim=True)
    out.mul_((most / (norm + 1e-6)).clamp_(max=1.0))


def mean_losses(margin: torch.Tensor, label: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Return (n_slots,) sums over rows of loss times share, without smoothing."""
    return (row_losses(margin, targets(margin, label, dim=CLASSES), dim=CLASSES) * share).sum(dim=1)

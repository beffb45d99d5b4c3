"""The log loss of margins, on one network's rows or on many slots' rows at once, and its slope.

Margins and shares of classes have a dimension of classes, `dim`: the last one, or the one before the rows, which is quicker
where there are few. One margin stands for two classes.
"""

import torch
from torch.nn import functional


def targets(margin: torch.Tensor, label: torch.Tensor, smoothing: float | torch.Tensor = 0.0, dim: int = -1) -> torch.Tensor:
    """Return the shares of classes to aim at, of the shape of the margins; label has that shape without `dim`.

    `smoothing` moves so much of each row's share to all classes alike (Szegedy et al. 2016, Rethinking the Inception
    Architecture, section 7); a tensor of it has a number per slot, (n_slots, 1, 1).
    """
    n_margins = margin.shape[dim]
    if n_margins == 1:
        aim = label.unsqueeze(dim).to(margin.dtype)
    else:
        aim = torch.zeros_like(margin).scatter_(dim, label.unsqueeze(dim), 1.0)
    if isinstance(smoothing, float) and smoothing == 0:
        return aim
    return aim * (1 - smoothing) + smoothing / max(2, n_margins)


def row_losses(margin: torch.Tensor, aim: torch.Tensor, dim: int = -1) -> torch.Tensor:
    """Return the log loss of each row, the shape of the margins without `dim`."""
    if margin.shape[dim] == 1:
        return (functional.softplus(margin) - aim * margin).squeeze(dim)
    return -(aim * functional.log_softmax(margin, dim=dim)).sum(dim=dim)


def losses_and_slopes(margin: torch.Tensor, aim: torch.Tensor, dim: int = -1) -> tuple[torch.Tensor, torch.Tensor]:
    """Return both `row_losses` and `slopes`: shares of many classes are worked out once. No gradient runs through them."""
    if margin.shape[dim] == 1:
        return row_losses(margin, aim, dim), slopes(margin, aim, dim)
    logs = functional.log_softmax(margin, dim=dim)
    losses = -(aim * logs).sum(dim=dim)
    return losses, logs.exp_().sub_(aim)


def slopes(margin: torch.Tensor, aim: torch.Tensor, dim: int = -1) -> torch.Tensor:
    """Return how each row's loss rises with its margins, of the shape of the margins."""
    return (torch.sigmoid(margin) if margin.shape[dim] == 1 else torch.softmax(margin, dim=dim)) - aim


def mean_loss(margin: torch.Tensor, label: torch.Tensor, weight: torch.Tensor | None = None, smoothing: float = 0.0) -> torch.Tensor:
    """Return the mean over rows of loss times weight; margin (n_rows, n_margins)."""
    margin = margin.float()
    losses = row_losses(margin, targets(margin, label, smoothing))
    return losses.mean() if weight is None else (losses * weight).mean()

"""TabM-mini: k networks that share their hidden layers and differ by how they scale the features and by their last layer."""

import itertools
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from automl.neural.losses import mean_loss, targets
from automl.neural.pruning import Units


class TabM(nn.Module):
    """Input (n_rows, n_features), output (n_rows, k, n_margins).

    Gorishniy, Kotelnikov and Babenko 2025, TabM, arXiv 2410.24210, section 3.3: members begin as random signs, so that each sees the
    features before they are first mixed in a way of its own.
    """

    def __init__(self, n_features: int, widths: Sequence[int], n_margins: int, k: int, dropout: float) -> None:
        super().__init__()
        self.members = nn.Parameter(torch.randint(0, 2, (k, n_features)).float() * 2 - 1)
        sizes = [n_features, *widths]
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Parameter(torch.zeros(k, sizes[-1], n_margins))  # begin at the class shares, not at noise
        self.last = nn.Parameter(torch.zeros(k, n_margins))

    def units(self) -> list[Units]:
        """Return the units of each hidden layer."""
        layers: list[Any] = list(self.hidden)
        out = [*((layer.weight, 1) for layer in layers[1:]), (self.heads, 1)]
        return [Units((layer.weight, 0), after, [layer.bias]) for layer, after in zip(layers, out, strict=True)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the margins of every member."""
        h = x.unsqueeze(1) * self.members
        for layer in self.hidden:
            h = self.dropout(torch.relu(layer(h)))
        return torch.einsum("nkw,kwm->nkm", h, self.heads.to(h.dtype)) + self.last


def members_loss(output: torch.Tensor, label: torch.Tensor, weight: torch.Tensor | None = None, smoothing: float = 0.0) -> torch.Tensor:
    """Return the mean of the members' own losses, by which they learn; output (n_rows, k, n_margins)."""
    k = output.shape[1]
    every = None if weight is None else weight.repeat_interleave(k)
    return mean_loss(output.flatten(0, 1), label.repeat_interleave(k), every, smoothing)


def probabilities(output: torch.Tensor) -> torch.Tensor:
    """Return (n_rows, n_classes), the mean of the members' probabilities; one margin stands for two classes."""
    output = output.float()
    if output.shape[-1] == 1:
        output = torch.cat([torch.zeros_like(output), output], dim=-1)
    return torch.softmax(output, dim=-1).mean(dim=-2)


def ensemble_loss(output: torch.Tensor, label: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
    """Return the log loss of what the members say together, by which they are judged."""
    proba = probabilities(output).clamp_min(1e-7)
    losses = -(targets(proba, label) * proba.log()).sum(dim=-1)
    return losses.mean() if weight is None else (losses * weight).mean()

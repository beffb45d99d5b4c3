"""The network that families train: layers of ReLU with dropout, nothing else to keep its form simple."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn


class Mlp(nn.Module):
    """A multi-layer perceptron; input (n_rows, n_features), output (n_rows, n_margins)."""

    def __init__(self, n_features: int, widths: Sequence[int], n_margins: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        layers: list[nn.Module] = []
        size = n_features
        for width in widths:
            layers += [nn.Linear(size, width), nn.ReLU(), nn.Dropout(dropout)]
            size = width
        last = nn.Linear(size, n_margins)
        nn.init.zeros_(last.weight)  # begin at the class shares, not at noise
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(*layers, last)

    def forward(self, x: torch.Tensor) -> Any:
        """Return margins."""
        return self.layers(x)

    def linears(self) -> list[nn.Linear]:
        """Return the linear layers in order."""
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

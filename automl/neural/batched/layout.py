"""Where the weights and biases of a multi-layer perceptron lie within a row of numbers, one row per slot."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from automl.neural.updates import Matrices


class Layout:
    """The layers of networks of one shape; a row holds weights (n_in, n_out), then the bias, layer after layer."""

    def __init__(self, n_features: int, widths: Sequence[int], n_margins: int) -> None:
        self.sizes = list(pairwise([n_features, *widths, n_margins]))
        self.starts, end = [], 0
        for n_in, n_out in self.sizes:
            self.starts.append(end)
            end += (n_in + 1) * n_out
        self.length = end

    def views(self, rows: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return per layer the weights (n_slots, n_in, n_out) and biases (n_slots, 1, n_out) as views of rows (n_slots, length)."""
        out = []
        for start, (n_in, n_out) in zip(self.starts, self.sizes, strict=True):
            middle = start + n_in * n_out
            out.append((rows[:, start:middle].view(-1, n_in, n_out), rows[:, middle : middle + n_out].unsqueeze(1)))
        return out

    def matrices(self) -> Matrices:
        """Return where the matrices of the hidden layers lie."""
        hidden = zip(self.starts[:-1], self.sizes[:-1], strict=True)
        return [(start, start + n_in * n_out, (n_in, n_out)) for start, (n_in, n_out) in hidden]

    def row_of(self, linears: Sequence[nn.Linear]) -> torch.Tensor:
        """Return (length,) of linear layers; features and units that a narrower network lacks have weights of zero.

        Such units stay at zero: nothing comes out of them, so nothing is learned by them.
        """
        row = torch.zeros(1, self.length)
        for (weights, bias), layer in zip(self.views(row), linears, strict=True):
            weights[0, : layer.in_features, : layer.out_features] = layer.weight.detach().T
            bias[0, 0, : layer.out_features] = layer.bias.detach()
        return row[0]

    def fill(self, row: torch.Tensor, linears: Sequence[nn.Linear]) -> None:
        """Write a row (length,) into linear layers."""
        with torch.no_grad():
            for (weights, bias), layer in zip(self.views(row[None]), linears, strict=True):
                layer.weight.copy_(weights[0, : layer.in_features, : layer.out_features].T)
                layer.bias.copy_(bias[0, 0, : layer.out_features])

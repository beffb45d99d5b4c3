"""RealMLP: a perceptron whose initialisation, scaling and rates are tuned together so that defaults do well on tables.

Holzmueller, Grinsztajn and Steinwart 2024, Better by default, arXiv 2407.04491: a learned scale per input, weights divided by the
root of their inputs (neural tangent parametrisation), a learned share of the kink per unit, biases that put kinks among the data,
numbers as waves besides, and a rate of its own for each kind of parameter.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from automl.neural.pruning import Units

WAVES, WAVE_OUT = 16, 3  # per number: waves, and columns that are made of them
FACTORS = {"scale": 6.0, "weight": 1.0, "bias": 0.1, "share": 0.1, "wave": 0.1}  # of the rate, by kind of parameter (table A.1)
BETAS = (0.9, 0.95)
POINTS = 5  # rows whose weighted mean a unit's kink is put at
ROWS = 512  # of which these are drawn


class RealMLP(nn.Module):
    """Input (n_rows, n_features), output (n_rows, n_margins); `numbers` are columns that come as waves besides, with frequencies of spread `sigma`."""

    def __init__(self, n_features: int, widths: Sequence[int], n_margins: int, dropout: float, numbers: Sequence[int] = (), sigma: float = 0.1) -> None:
        super().__init__()
        self.columns: torch.Tensor
        self.register_buffer("columns", torch.tensor(list(numbers), dtype=torch.int64))
        m = len(numbers)
        self.rate = nn.Parameter(torch.randn(m, WAVES) * sigma)
        self.phase = nn.Parameter(torch.rand(m, WAVES) - 0.5)
        self.mix = nn.Parameter(torch.randn(m, WAVES, WAVE_OUT))
        self.wave_bias = nn.Parameter(torch.zeros(m, WAVE_OUT))
        sizes = [n_features + m * WAVE_OUT, *widths, n_margins]
        self.scale = nn.Parameter(torch.ones(sizes[0]))
        self.weights = nn.ParameterList(torch.randn(a, b) for a, b in itertools.pairwise(sizes))
        nn.init.zeros_(self.weights[-1])  # begin at the class shares, not at noise
        self.biases = nn.ParameterList(torch.zeros(b) for b in sizes[1:])
        self.shares = nn.ParameterList(torch.ones(b) for b in widths)
        self.dropout = dropout

    def waves(self, x: torch.Tensor) -> torch.Tensor:
        """Return the columns that the numbers add, (n_rows, m * WAVE_OUT)."""
        turned = torch.cos(2 * math.pi * (x[:, self.columns].unsqueeze(-1) * self.rate + self.phase))
        made: torch.Tensor = torch.einsum("nmh,mho->nmo", turned, self.mix / math.sqrt(WAVES)) + self.wave_bias
        return made.flatten(1)

    def _inputs(self, x: torch.Tensor) -> torch.Tensor:
        return (torch.cat([x, self.waves(x)], dim=1) if len(self.columns) else x) * self.scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return margins."""
        h = self._inputs(x)
        for weights, bias, share in zip(self.weights[:-1], self.biases[:-1], self.shares, strict=True):
            h = h @ (weights / math.sqrt(len(weights))) + bias
            h = h + share * (functional.selu(h) - h)
            h = functional.dropout(h, self.dropout, self.training)
        margin: torch.Tensor = h @ (self.weights[-1] / math.sqrt(len(self.weights[-1]))) + self.biases[-1]
        return margin

    @torch.no_grad()
    def place_kinks(self, x: torch.Tensor, generator: torch.Generator) -> None:
        """Set the biases so that each unit's kink passes through a random weighted mean of a few rows (appendix A.3: he+5)."""
        h = self._inputs(x[torch.randperm(len(x), generator=generator)[:ROWS]])
        for weights, bias, share in zip(self.weights[:-1], self.biases[:-1], self.shares, strict=True):
            z = h @ (weights / math.sqrt(len(weights)))
            picked = torch.randint(0, len(h), (POINTS, len(bias)), generator=generator)
            parts = -torch.rand(picked.shape, generator=generator).clamp_min(1e-9).log()
            bias.copy_(-(z.gather(0, picked) * (parts / parts.sum(dim=0))).sum(dim=0))
            h = z + bias
            h = h + share * (functional.selu(h) - h)

    def units(self) -> list[Units]:
        """Return the units of each hidden layer."""
        return [
            Units((self.weights[i], 1), (self.weights[i + 1], 0), [self.biases[i], self.shares[i]], math.sqrt(len(self.weights[i])), shared=True)
            for i in range(len(self.shares))
        ]

    def groups(self, lr: float, weight_decay: float) -> list[dict[str, Any]]:
        """Return the parameter groups of an optimizer: rates by kind; decay on weights alone."""
        kinds = {
            "scale": [self.scale], "weight": list(self.weights), "bias": [*self.biases, self.wave_bias], "share": list(self.shares),
            "wave": [self.rate, self.phase, self.mix],
        }  # fmt: skip
        return [
            {"params": [p for p in kinds[kind] if p.numel()], "lr": lr * FACTORS[kind], "weight_decay": weight_decay if kind == "weight" else 0.0}
            for kind in kinds
        ]


def make_realmlp_optimizer(network: RealMLP, lr: float, weight_decay: float) -> torch.optim.Optimizer:
    """Return Adam with decay apart from the gradient, at the rates of each kind of parameter."""
    groups = [group for group in network.groups(lr, weight_decay) if group["params"]]
    return torch.optim.AdamW(groups, lr=lr, betas=BETAS, fused=True)

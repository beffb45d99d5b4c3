"""A network that squeezes rows through few numbers and back, and starts from principal components: it can only gain on them."""

import copy
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch
from torch import nn

CLIP = 1.0
WARM = 0.05  # share of the steps in which the rate rises, so that a first step does not ruin the start


class Side(nn.Module):
    """A linear map plus a curved one; the curved part begins at zero, the linear one at the first coordinates."""

    def __init__(self, n_in: int, n_out: int, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(n_in, n_out, bias=False)
        with torch.no_grad():
            self.linear.weight.copy_(torch.eye(n_out, n_in))
        sizes = [n_in, *[width] * layers, n_out]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        nn.init.zeros_(self.layers[-1].weight)  # type: ignore[arg-type]
        nn.init.zeros_(self.layers[-1].bias)  # type: ignore[arg-type]
        self.dropout = nn.Dropout(dropout)

    def forward(self, t: torch.Tensor) -> torch.Tensor:
        """Return (n_rows, n_out)."""
        hidden = t
        for i, layer in enumerate(self.layers):
            hidden = layer(hidden)
            if i + 1 < len(self.layers):
                hidden = self.dropout(torch.relu(hidden))
        out: torch.Tensor = self.linear(t) + hidden
        return out


class Autoencoder(nn.Module):
    """An encoder (n_rows, n_inner) to (n_rows, m) and a decoder back."""

    def __init__(self, n_inner: int, m: int, width: int, layers: int, dropout: float) -> None:
        super().__init__()
        self.encoder = Side(n_inner, m, width, layers, dropout)
        self.decoder = Side(m, n_inner, width, layers, dropout)

    def forward(self, t: torch.Tensor) -> torch.Tensor:
        """Return the rows as they come back."""
        back: torch.Tensor = self.decoder(self.encoder(t))
        return back


def train_autoencoder(
    network: Autoencoder, rows: torch.Tensor, stop: torch.Tensor,
    *, rate: float, decay: float, noise: float, batch: int, steps: int, patience: int, seed: int, expired: Callable[[], bool],
) -> int:  # fmt: skip
    """Train in place on rows (n_rows, n_inner) and keep the weights that were best on `stop` (n_stop, n_inner); return the steps they took.

    AdamW, a rate that rises and then falls along a cosine, squared error. `noise` is the standard deviation of what is added to
    inputs (Vincent et al. 2008), in units of theirs. `patience` counts looks at the stopping rows, one per 50 steps at least.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW([{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}], lr=rate, fused=True)
    spread = rows.std(dim=0, keepdim=True) * noise
    every = max(50, math.ceil(len(rows) / batch))
    best, best_step, best_state = _loss(network, stop), 0, copy.deepcopy(network.state_dict())
    order = torch.randperm(len(rows), generator=generator)
    at = 0
    for step in range(1, steps + 1):
        if at + batch > len(order):
            order, at = torch.randperm(len(rows), generator=generator), 0
        picked = rows[order[at : at + batch]]
        at += batch
        share = step / steps
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, share / WARM) * max(0.01, 0.5 * (1 + math.cos(math.pi * share)))
        network.train()
        optimizer.zero_grad(set_to_none=True)
        seen = picked + torch.randn(picked.shape, generator=generator) * spread if noise > 0 else picked
        loss = (network(seen) - picked).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        late = expired()
        if step % every == 0 or step == steps or late:
            value = _loss(network, stop)
            if value < best:
                best, best_step, best_state = value, step, copy.deepcopy(network.state_dict())
            elif (step - best_step) / every >= patience:
                break
        if late:
            break
    network.load_state_dict(best_state)
    network.eval()
    return best_step


@torch.no_grad()
def _loss(network: nn.Module, rows: torch.Tensor) -> float:
    network.eval()
    total: Any = 0.0
    for at in range(0, len(rows), 4096):
        part = rows[at : at + 4096]
        total += float((network(part) - part).square().sum())
    return float(total) / max(1, rows.numel())

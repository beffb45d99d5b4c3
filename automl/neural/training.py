"""The training loop: shuffled batches, a rate that falls along a cosine, patience, and the weights of the best epoch."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Loss = Callable[..., torch.Tensor]

CLIP = 1.0  # norm of the gradient; keeps a rate that is a little too high from ruining a fit


def train(
    network: nn.Module, optimizer: torch.optim.Optimizer, x: Any, y: NDArray[np.int64], x_stop: Any, y_stop: NDArray[np.int64] | None,
    *, epochs: int, batch: int, patience: int, device: str, seed: int, expired: Callable[[], bool], fixed: bool,
    weight: NDArray[np.float32] | None = None, weight_stop: NDArray[np.float32] | None = None,
) -> int:  # fmt: skip
    """Train in place and return the epochs whose weights were kept.

    x (n_rows, n_features) float32, y (n_rows,) codes, weight (n_rows,) of mean 1. With stopping rows the best epoch's weights are restored; with
    `fixed` all epochs are run. Mixed precision on CUDA, gradients clipped to norm 1.
    """
    generator = torch.Generator().manual_seed(seed)
    network.to(device)
    rows = torch.as_tensor(np.ascontiguousarray(x, dtype=np.float32)).to(device)
    labels = torch.as_tensor(y).to(device)
    stop_rows = torch.as_tensor(np.ascontiguousarray(x_stop, dtype=np.float32)).to(device) if x_stop is not None and len(x_stop) else None
    stop_labels = torch.as_tensor(y_stop).to(device) if y_stop is not None and len(y_stop) else None
    counts, stop_counts = (None if w is None else torch.as_tensor(w, dtype=torch.float32).to(device) for w in (weight, weight_stop))
    loss_of = _loss(network)
    first_rates = [group["lr"] for group in optimizer.param_groups]
    steps = math.ceil(len(labels) / batch)
    best_loss, best_epoch, best_state = math.inf, 0, None
    done = 0
    for epoch in range(epochs):
        order = torch.randperm(len(labels), generator=generator).to(device)
        network.train()
        for step in range(steps):
            for group, rate in zip(optimizer.param_groups, first_rates, strict=True):
                group["lr"] = rate * max(0.02, 0.5 * (1 + math.cos(math.pi * (epoch + step / steps) / epochs)))
            picked = order[step * batch : (step + 1) * batch]
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
                loss = loss_of(network(rows[picked]), labels[picked], None if counts is None else counts[picked])
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
            if expired():
                break
        done = epoch + 1
        if stop_rows is not None and stop_labels is not None:
            value = _evaluate(network, stop_rows, stop_labels, stop_counts, loss_of)
            if value < best_loss:
                best_loss, best_epoch, best_state = value, done, copy.deepcopy(network.state_dict())
            elif done - best_epoch >= patience and not fixed:
                break
        if expired():
            break
    if best_state is not None:
        network.load_state_dict(best_state)
        done = best_epoch
    network.to("cpu").eval()
    return done


def _loss(network: nn.Module) -> Loss:
    """Return the log loss of margins, the mean over rows times their weights: one column stands for two classes."""

    def loss(margin: torch.Tensor, label: torch.Tensor, weight: torch.Tensor | None = None) -> torch.Tensor:
        if margin.shape[1] == 1:
            return nn.functional.binary_cross_entropy_with_logits(margin[:, 0].float(), label.float(), weight)
        if weight is None:
            return nn.functional.cross_entropy(margin.float(), label)
        return (nn.functional.cross_entropy(margin.float(), label, reduction="none") * weight).mean()

    return loss


@torch.no_grad()
def _evaluate(network: nn.Module, rows: torch.Tensor, labels: torch.Tensor, weight: torch.Tensor | None, loss_of: Loss) -> float:
    network.eval()
    return float(loss_of(network(rows), labels, weight))

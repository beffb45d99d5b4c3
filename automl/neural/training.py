"""The training loop of one network: shuffled batches, a rate that falls, patience, and the weights of the best epoch."""

import copy
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from automl.neural.losses import mean_loss
from automl.neural.optimizers import follow
from automl.neural.schedules import Schedule, position, share
from automl.neural.stepping import Stepper
from automl.neural.tables import Dense, Sparse, table
from automl.neural.team import Team

Loss = Callable[..., torch.Tensor]

CLIP = 1.0  # norm of the gradient; keeps a rate that is a little too high from ruining a fit
BLOCK = 4096  # rows that are scored at once


def train(
    network: nn.Module, optimizer: torch.optim.Optimizer, x: Any, y: NDArray[np.int64], x_stop: Any, y_stop: NDArray[np.int64] | None,
    *, epochs: int, batch: int, patience: int, device: str, seed: int, fixed: bool, deadline: float = math.inf,
    weight: NDArray[np.float32] | None = None, weight_stop: NDArray[np.float32] | None = None,
    schedule: Schedule = "cosine", smoothing: float = 0.0, loss_of: Loss = mean_loss, score_of: Loss = mean_loss,
    each_step: Callable[[float], None] = lambda position: None, counts_from: float = 0.0,
) -> int:  # fmt: skip
    """Train in place and return the epochs whose weights were kept.

    x (n_rows, n_features) dense or CSR, y (n_rows,) codes, weight (n_rows,) of mean 1. With stopping rows the best epoch's weights
    are restored; with `fixed` all epochs are run. Mixed precision on CUDA, gradients clipped to norm 1. `loss_of` is learned by
    and `score_of` judged by, both of (output, label, weight); `each_step` is told before each step which share of the training is over, and
    epochs that end before the share `counts_from` are not taken for the best.
    At the `deadline` (time.monotonic()) it ends with what it has, and rates have fallen by then. Where several processes are set up as a
    team (torch.distributed) all call this alike, and each learns from its share of the rows of each step.
    """
    team = Team.now()
    began = team.moment()
    network.to(device)
    follow(optimizer)
    running = team.wrap(network)
    rows, labels = table(x, device), torch.as_tensor(y).to(device)
    stop_rows = table(x_stop, device) if y_stop is not None and len(y_stop) else None
    stop_labels = torch.as_tensor(y_stop).to(device) if y_stop is not None and len(y_stop) else None
    counts, stop_counts = (None if w is None else torch.as_tensor(w, dtype=torch.float32).to(device) for w in (weight, weight_stop))
    first_rates = [group["lr"] for group in optimizer.param_groups]
    steps = math.ceil(len(labels) / batch)
    best_loss, best_epoch, best_state = math.inf, 0, None
    done = 0
    precision = torch.autocast(device.partition(":")[0], dtype=torch.bfloat16, enabled=device.startswith("cuda"))  # once: it asks the device what it is
    for epoch in range(epochs):
        order = shuffled(seed, epoch, len(labels)).to(device)
        network.train()
        for step in range(steps):
            where = position(epoch + step / steps, epochs, team.moment(step), began, deadline)
            for group, rate in zip(optimizer.param_groups, first_rates, strict=True):
                group["lr"] = rate * float(share(group.get("schedule", schedule), where))
            each_step(where)
            picked, part = team.share(order[step * batch : (step + 1) * batch])
            optimizer.zero_grad(set_to_none=True)
            with precision:
                loss = loss_of(running(rows.take(picked)), labels[picked], None if counts is None else counts[picked], smoothing)
            (loss if part == 1.0 else loss * part).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
            if team.moment(step) >= deadline:
                break
        done = epoch + 1
        over = team.moment() >= deadline
        if stop_rows is not None and stop_labels is not None and (over or position(done, epochs, team.moment(), began, deadline) >= counts_from):
            with _predicting(optimizer):
                value = team.agree(_evaluate(network, stop_rows, stop_labels, stop_counts, score_of))
                if value < best_loss:
                    best_loss, best_epoch, best_state = value, done, copy.deepcopy(network.state_dict())
            if done - max(best_epoch, math.ceil(counts_from * epochs)) >= patience and not fixed:
                break
        if over:
            break
    if best_state is None:
        with _predicting(optimizer):
            best_state = copy.deepcopy(network.state_dict())
    else:
        done = best_epoch
    network.load_state_dict(best_state)
    network.to("cpu").eval()
    return done


def shuffled(seed: int, epoch: int, n: int) -> torch.Tensor:
    """Return the order of n rows in an epoch; the same for one network and for many."""
    return torch.randperm(n, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))


def _predicting(optimizer: torch.optim.Optimizer) -> AbstractContextManager[None]:
    """Return a context in which the weights are those that predict."""
    return optimizer.predicting() if isinstance(optimizer, Stepper) else nullcontext()


@torch.no_grad()
def _evaluate(network: nn.Module, rows: Dense | Sparse, labels: torch.Tensor, weight: torch.Tensor | None, score_of: Loss) -> float:
    """Return the mean over rows of score times weight."""
    network.eval()
    total = 0.0
    for start in range(0, len(labels), BLOCK):
        picked = torch.arange(start, min(start + BLOCK, len(labels)), device=labels.device)
        total += float(score_of(network(rows.take(picked)), labels[picked], None if weight is None else weight[picked])) * len(picked)
    return total / len(labels)

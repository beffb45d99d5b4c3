"""Muon and schedule-free AdamW as torch optimizers for one network; their formulas are those of many slots."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from automl.neural.updates import Hyper, adamw, averaged, early, muon_matrix, schedule_free_adamw


class Stepper(torch.optim.Optimizer):
    """`name` is muon or schedule_free_adamw. Muon takes `hidden` matrices (left out: all but the last one); AdamW at the rate `aux_lr` the rest.

    A rate that a schedule lowers lowers `aux_lr` alike. `predicting` puts the weights that predict in place for as long as it lasts.
    """

    def __init__(self, parameters: Iterable[Any], name: str, lr: float, weight_decay: float, aux_lr: float = 0.0, hidden: Iterable[Any] | None = None) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay, "aux_share": aux_lr / lr if lr else 0.0})
        self.name = name
        every = [p for group in self.param_groups for p in group["params"]]
        chosen = [p for p in every if p.ndim == 2][:-1] if hidden is None else list(hidden)
        self.hidden = {id(p) for p in chosen} if name == "muon" else set()

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Make one step with the gradients at hand."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._step(p, p.grad, group)

    def _step(self, p: torch.Tensor, g: torch.Tensor, group: dict[str, Any]) -> None:
        own = self.state[p]
        if not own:
            own |= {"a": torch.zeros_like(p), "b": torch.zeros_like(p), "t": 0, "total": torch.zeros(1, device=p.device)}
        own["t"] += 1
        lr, decay = group["lr"], group["weight_decay"]
        first, second = early(own["t"])
        if self.name == "schedule_free_adamw":
            schedule_free_adamw(p, g, own["a"], own["b"], Hyper(lr, decay, first=first, second=second, total=own["total"]))
        elif id(p) in self.hidden:
            muon_matrix(p, g, own["a"], Hyper(lr, decay), p.shape[0] / p.shape[1])
        else:
            adamw(p, g, own["a"], own["b"], Hyper(lr * group["aux_share"], decay, first=first, second=second))

    @contextmanager
    def predicting(self) -> Iterator[None]:
        """Put the averaged weights of schedule-free training in place, and take them back at the end; nothing to do for Muon."""
        kept: list[tuple[torch.Tensor, torch.Tensor]] = []
        if self.name == "schedule_free_adamw":
            with torch.no_grad():
                for p, own in self.state.items():
                    kept.append((p, p.clone()))
                    p.copy_(averaged(p, own["a"]))
        try:
            yield
        finally:
            with torch.no_grad():
                for p, value in kept:
                    p.copy_(value)

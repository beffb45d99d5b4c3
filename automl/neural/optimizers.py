"""Optimizers as a dimension of the search: each declares its own rates, decays and schedule, and how it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from automl.families.space import Choice, Float, Params, Space

if TYPE_CHECKING:
    import torch

    from automl.neural.schedules import Schedule

DECAY_IN_GRADIENT = Float(1e-7, 1e-3, 1e-6, log=True)
DECAY_APART = Float(1e-4, 3.0, 1e-2, log=True)

OPTIMIZERS = Choice(
    {
        # rates: the ranges tuned best in arXiv 2604.15297 for plain networks, widened by half a decade each way
        "adamw": Space({"lr": Float(1e-4, 1e-2, 2e-3, log=True), "weight_decay": DECAY_APART}),
        "adam": Space({"lr": Float(1e-4, 1e-2, 2e-3, log=True), "weight_decay": DECAY_IN_GRADIENT}),
        "sgd": Space({"lr": Float(1e-3, 0.5, 4e-2, log=True), "weight_decay": Float(1e-6, 1e-2, 1e-4, log=True), "momentum": Float(0.8, 0.98, 0.9)}),
        "rmsprop": Space({"lr": Float(1e-4, 1e-2, 1e-3, log=True), "weight_decay": DECAY_IN_GRADIENT}),
        "adagrad": Space({"lr": Float(1e-3, 0.2, 2e-2, log=True), "weight_decay": DECAY_IN_GRADIENT}),
        "muon": Space({"lr": Float(1e-3, 0.1, 1e-2, log=True), "aux_lr": Float(1e-4, 1e-2, 2e-3, log=True), "weight_decay": DECAY_APART}),
        "schedule_free_adamw": Space({"lr": Float(3e-4, 3e-2, 4e-3, log=True), "weight_decay": DECAY_APART}),
    },
    default="adamw",
)


def with_defaults(name: str, values: Mapping[str, float]) -> Choice:
    """Return the choice of optimizers with other defaults for the options of one, which is the default itself."""
    space = OPTIMIZERS.options[name]
    for option, value in values.items():
        found = space[option]
        assert isinstance(found, Float), f"{option} is no real number"
        space = space.replace(option, replace(found, default=value))
    return Choice({**OPTIMIZERS.options, name: space}, name)


SCHEDULES: dict[str, Schedule] = {"schedule_free_adamw": "constant"}
"""How the rate of an optimizer moves; the others follow a cosine."""


def schedule_of(name: str) -> Schedule:
    """Return the schedule of an optimizer's rate."""
    return SCHEDULES.get(name, "cosine")


def chosen(params: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    """Return the optimizer that `params` choose, and its own options by their short names."""
    name = params["optimizer"]
    return name, {key.rpartition(".")[2]: value for key, value in params.items() if key.startswith(f"optimizer.{name}.")}


def follow(optimizer: torch.optim.Optimizer) -> None:
    """Put what an optimizer remembers where its parameters are now: Adagrad makes its sums at once, before a network is moved.

    The count of steps stays where it is, as torch wants it on the CPU.
    """
    import torch

    for parameter, kept in optimizer.state.items():
        for name, value in kept.items():
            if isinstance(value, torch.Tensor) and name != "step":
                kept[name] = value.to(parameter.device)


def make_optimizer(params: Params, parameters: Iterable[Any], hidden: Iterable[Any] | None = None) -> Any:
    """Return the torch optimizer that `params` choose, with its own options; `hidden` are the matrices that Muon takes, all but the last by default.

    Muon and schedule-free AdamW are ours (automl.neural.stepping). Of torch's own, fused steps are taken where there are some.
    """
    import torch

    from automl.neural.stepping import Stepper

    name, numbers = chosen(params)
    own: dict[str, Any] = dict(numbers)
    if name in ("muon", "schedule_free_adamw"):
        return Stepper(parameters, name, **own, hidden=hidden)
    if name == "sgd":
        return torch.optim.SGD(parameters, **own, nesterov=True, fused=True)
    if name == "rmsprop":
        return torch.optim.RMSprop(parameters, **own)
    if name == "adagrad":
        return torch.optim.Adagrad(parameters, **own)
    return {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[name](parameters, **own, fused=True)

"""Optimizers as a dimension of the search: each declares its own learning rates and decays, and how it is made."""

from typing import Any

from automl.families.space import Choice, Float, Params, Space

OPTIMIZERS = Choice(
    {
        # rates: the ranges tuned best in arXiv 2604.15297 for plain networks, widened by half a decade each way
        "adamw": Space({"lr": Float(1e-4, 1e-2, 2e-3, log=True), "weight_decay": Float(1e-4, 1.0, 1e-2, log=True)}),
        "adam": Space({"lr": Float(1e-4, 1e-2, 2e-3, log=True), "weight_decay": Float(1e-7, 1e-3, 1e-6, log=True)}),
        "sgd": Space({"lr": Float(1e-3, 0.5, 4e-2, log=True), "weight_decay": Float(1e-6, 1e-2, 1e-4, log=True), "momentum": Float(0.8, 0.98, 0.9)}),
        "rmsprop": Space({"lr": Float(1e-4, 1e-2, 1e-3, log=True), "weight_decay": Float(1e-7, 1e-3, 1e-6, log=True)}),
        "adagrad": Space({"lr": Float(1e-3, 0.2, 2e-2, log=True), "weight_decay": Float(1e-7, 1e-3, 1e-6, log=True)}),
    },
    default="adamw",
)


def make_optimizer(params: Params, parameters: Any) -> Any:
    """Return the torch optimizer that `params` choose, with its own options."""
    import torch

    name = params["optimizer"]
    own = {key.rpartition(".")[2]: value for key, value in params.items() if key.startswith(f"optimizer.{name}.")}
    kinds = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam, "sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad}
    return kinds[name](parameters, **own, **({"nesterov": True} if name == "sgd" else {}))

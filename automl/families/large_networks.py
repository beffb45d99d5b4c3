"""When one perceptron is large enough to learn on several devices at once, and how it then does."""

from __future__ import annotations

from typing import Any

from automl.families.base import FitData, Progress
from automl.families.networks import Trained, epochs_of, n_margins_of, smoothing_of, step_of
from automl.families.space import Fixed, Params, Space

LARGE_STEP = 1e11  # products of a step, from which one network is worth several devices: 6 ms of one at 100 TFLOP/s; a guess, not measured


def products(params: Params, n_inputs: int) -> float:
    """Return the products of one step forward; back it is about twice as many."""
    layers, width, batch = (int(params[name]) for name in ("layers", "width", "batch"))
    return float(batch) * width * (n_inputs + (layers - 1) * width + 1)


def largest_step(space: Space, n_inputs: int) -> float:
    """Return the most products that a step of any network in a space takes forward."""

    def most(dimension: Any) -> Any:
        return dimension.value if isinstance(dimension, Fixed) else dimension.high

    return products({name: most(space[name]) for name in ("layers", "width", "batch")}, n_inputs)


def fit_large(estimator: Trained, data: FitData, progress: Progress, most_epochs: int, patience: int) -> bool:
    """Train one perceptron on all devices at once, where there are several and its steps are large; return whether that was done.

    Where a process of it fails or a device's memory runs out it is not, and the estimator notes why.
    """
    params, context = estimator.params, estimator.context
    n_inputs = data.x.shape[1]
    if context.device == "cpu" or products(params, n_inputs * (1 + params["bins"])) < LARGE_STEP:
        return False
    import time

    import torch

    from automl.neural.batched.run import Ledger
    from automl.neural.batched.slots import Rows
    from automl.neural.batched.spread import devices_of
    from automl.neural.distributed import TeamFault, train_large
    from automl.neural.encoding import fit_encoding
    from automl.neural.network import Mlp

    devices = devices_of(context.device)
    if len(devices) < 2:
        return False
    began = time.monotonic()
    estimator.encoded_by(fit_encoding(data.x, params["bins"]))
    rows = Rows(estimator.encode(data.x), data.y, None if data.x_stop is None else estimator.encode(data.x_stop), data.y_stop, data.weight, data.weight_stop)
    torch.manual_seed(context.seed)
    network = Mlp(rows.x.shape[1], [params["width"]] * params["layers"], n_margins_of(context), params["dropout"])
    try:
        estimator.epochs = train_large(
            network, params, rows, devices=devices, epochs=epochs_of(context, most_epochs), batch=step_of(params["batch"], len(data.y)), patience=patience,
            seed=context.seed, fixed=context.rounds is not None, smoothing=smoothing_of(params["smoothing"], data.y, context.n_outputs),
            deadline=progress.deadline, threads=context.threads,
        )  # fmt: skip
    except (torch.OutOfMemoryError, TeamFault) as fault:
        estimator.tried = (f"not on {len(devices)} devices at once: {fault}",)
        return False
    estimator.network = network
    estimator.ledger = Ledger(", ".join(devices), time.monotonic() - began, 1)
    return True

"""An autoencoder: a network that describes rows by few numbers and gives them back, and begins as principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict, some_rows
from automl.families.space import Float, Int, Params, Space

if TYPE_CHECKING:
    from automl.inference.forms import Form

INNER = 256  # directions of most variance that it works in, at least twice the coordinates: the rest is lost either way
MOST_ROWS = 50_000  # that it learns from
STOP_SHARE, MOST_STOP = 0.15, 5_000  # of the rows, to stop on


def space(context: Context) -> Space:
    """Return the options; few rows need more noise and decay."""
    return Space({
        "components": components(context),
        "width": Int(32, 512, 256 if context.n_rows >= 800 else 64, log=True),
        "layers": Int(1, 2, 1),
        "dropout": Float(0.0, 0.3, 0.0),
        "noise": Float(0.0, 0.5, 0.1),
        "rate": Float(3e-4, 1e-2, 2e-3, log=True),
        "decay": Float(1e-4, 1.0, 1e-2, log=True),
        "steps": Int(500, 6000, 2500, log=True),
    })  # fmt: skip


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Train on most of the rows and keep the weights that give the others back best."""
    import numpy as np
    import torch

    from automl.families.subspace import leading
    from automl.neural.autoencoder import Autoencoder, train_autoencoder

    params, context = estimator.params, estimator.context
    torch.set_num_threads(context.threads)
    torch.manual_seed(context.seed)
    rows = some_rows(len(data.x), MOST_ROWS, context.seed)
    own = data.x[rows]
    found = leading(own, max(INNER, 2 * estimator.components), seed=context.seed)
    m = min(estimator.components, len(found.directions))
    scale = float(np.sqrt(max(found.variances[:m].mean(), 1e-12)))
    inner = ((own - found.mean.astype(own.dtype)) @ (found.directions.T / scale).astype(own.dtype)).astype(np.float32)
    order = np.random.default_rng(context.seed).permutation(len(inner))
    n_stop = min(MOST_STOP, max(1, int(STOP_SHARE * len(inner)))) if len(inner) > 1 else 0
    network = Autoencoder(inner.shape[1], m, int(params["width"]), int(params["layers"]), float(params["dropout"]))
    stop, learn = torch.from_numpy(inner[order[:n_stop]]), torch.from_numpy(inner[order[n_stop:]])
    if n_stop:
        train_autoencoder(
            network, learn, stop, rate=float(params["rate"]), decay=float(params["decay"]), noise=float(params["noise"]),
            batch=max(1, min(128, len(learn))), steps=int(params["steps"]), patience=12, seed=context.seed, expired=progress.expired,
        )  # fmt: skip
    return estimator.finish(_form(network, found, scale), data.x)


def _form(network: Any, found: Any, scale: float) -> Form:
    import numpy as np

    from automl.inference.forms import Arrays, Form

    arrays: Arrays = {"weights": found.directions.T / scale, "bias": -(found.mean @ found.directions.T) / scale}
    arrays |= {"inverse": found.directions * scale, "centre": found.mean}
    for name, side in (("encoder", network.encoder), ("decoder", network.decoder)):
        arrays[f"{name}.linear"] = side.linear.weight.detach().numpy().T
        for i, layer in enumerate(side.layers):
            arrays[f"{name}.weights.{i}"] = layer.weight.detach().numpy().T
            arrays[f"{name}.bias.{i}"] = layer.bias.detach().numpy()
    return Form("encoder", {"layers": len(network.encoder.layers)}, {name: np.ascontiguousarray(a, dtype=np.float32) for name, a in arrays.items()})


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the steps, each over a batch of 128 rows."""
    inner, width = float(min(context.n_columns, context.n_rows, INNER)), float(params["width"])
    step = 8e-4 + 128 * 7e-11 * 6 * width * (inner + float(params["components"]) + (float(params["layers"]) - 1) * width)
    return 1.5 + float(params["steps"]) * step + 2e-10 * context.rows_by_columns * min(context.n_columns, context.n_rows, 2000)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: torch, and the rows learned from in their inner space."""
    n = min(context.n_rows, MOST_ROWS)
    return 300 + 12e-6 * n * min(context.n_columns, INNER) + 4e-6 * n * context.n_columns + 24e-6 * min(context.n_columns, context.n_rows, 2000) ** 2


FAMILY = Family(
    name="autoencoder",
    summary="A network that squeezes rows through few numbers and back.",
    tasks=TASK,
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    requires=("torch",),
    scheme="tables",
    cost=cost,
    memory=memory,
    interruptible=True,
    weighted=False,
    fitted=fitted,
)

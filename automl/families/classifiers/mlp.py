"""A multi-layer perceptron in torch, whose optimizer is part of the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.space import Float, Int, Params, Space
from automl.neural.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_EPOCHS = 60
PATIENCE = 10


def space(context: Context) -> Space:
    """Return the options; larger tables afford wider layers and larger batches."""
    large = context.n_rows >= 10_000
    return Space(
        {
            "layers": Int(1, 4, 2),
            "width": Int(32, 512 if large else 256, 256 if large else 128, log=True),
            "dropout": Float(0.0, 0.5, 0.15),
            "batch": Int(256, 1024, 256, log=True) if large else Int(16, 256, 64, log=True),
            "optimizer": OPTIMIZERS,
        }
    )


class Network:
    """Options, and after the fit the network and the epochs it was trained for."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.network: Any = None
        self.epochs = 0
        self.ledger: Any = None


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options; the network's sizes are known only with the features."""
    return Network(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Train until the stopping rows no longer gain, the known number of epochs is over, or time is out."""
    fit_many([estimator], [data], progress)
    return estimator


def fit_many(estimators: Sequence[Estimator], data: Sequence[FitData], progress: Progress) -> None:
    """Train networks that share a signature side by side, each on rows of its own; equal data may be one object."""
    import torch

    from automl.neural.batched.layout import Layout
    from automl.neural.batched.run import train_slots
    from automl.neural.batched.slots import Rows, Slot
    from automl.neural.network import Mlp

    first, context = estimators[0].params, estimators[0].context
    torch.set_num_threads(context.threads)
    widths, n_margins = [first["width"]] * first["layers"], 1 if context.n_outputs == 2 else context.n_outputs
    layout = Layout(max(d.x.shape[1] for d in data), widths, n_margins)
    rows = {id(d): Rows(d.x, d.y, d.x_stop, d.y_stop, d.weight, d.weight_stop) for d in data}
    slots = []
    for one, its in zip(estimators, data, strict=True):
        torch.manual_seed(one.context.seed)
        one.network = Mlp(its.x.shape[1], widths, n_margins, one.params["dropout"])
        slots.append(
            Slot(
                rows[id(its)],
                layout.row_of(one.network.linears()),
                one.params,
                one.context.rounds or MOST_EPOCHS,
                PATIENCE,
                one.context.seed,
                dropout=one.params["dropout"],
                fixed=one.context.rounds is not None,
            )
        )
    batch = min(first["batch"], max(8, min(len(d.y) for d in data) // 8))
    outcomes, ledger = train_slots(layout, slots, batch=batch, device=context.device, deadline=progress.deadline)
    for one, outcome in zip(estimators, outcomes, strict=True):
        assert outcome is not None, "no slot was dropped"
        layout.fill(outcome.row, one.network.linears())
        one.network.eval()
        one.epochs, one.ledger = outcome.epochs, ledger


def rounds(estimator: Estimator) -> int:
    """Return the epochs whose weights were kept."""
    return max(1, int(estimator.epochs))


def export(estimator: Estimator, context: Context) -> Form:
    """Return weights (n_in, n_out) and biases of each layer."""
    import numpy as np

    from automl.inference.forms import Arrays, Form

    arrays: Arrays = {}
    layers = estimator.network.linears()
    for i, layer in enumerate(layers):
        arrays[f"weights.{i}"] = np.ascontiguousarray(layer.weight.detach().cpu().numpy().T)
    arrays["bias"] = np.concatenate([layer.bias.detach().cpu().numpy() for layer in layers])
    return Form("network", {"layers": len(layers), "n_outputs": context.n_outputs}, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return torch's own probabilities on one thread."""
    import numpy as np
    import torch

    torch.set_num_threads(1)
    with torch.no_grad():
        margin = estimator.network(torch.as_tensor(np.ascontiguousarray(x, dtype=np.float32)))
        if margin.shape[1] == 1:
            margin = torch.cat([torch.zeros_like(margin), margin], dim=1)
        proba: NDArray[np.float32] = torch.softmax(margin, dim=1).numpy()
        return proba


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (5 s for 26,000 rows on one core of a server of 2024)."""
    return 0.2 + 3e-4 * context.n_rows + 1e-3 * context.n_rows * context.text


FAMILY = Family(
    name="mlp",
    summary="Layers of weighted sums with a kink, trained by gradient steps.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, onehot_limit=100, terms=1000),
    devices=frozenset({"cpu", "cuda"}),
    requires=("torch",),
    scheme="network",
    rounds=rounds,
    cost=cost,
    copies=3,
)

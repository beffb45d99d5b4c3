"""A multi-layer perceptron in torch, whose optimizer is part of the search."""

from __future__ import annotations

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


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options; the network's sizes are known only with the features."""
    return Network(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Train until the stopping rows no longer gain, the known number of epochs is over, or time is out."""
    import torch

    from automl.neural.network import Mlp
    from automl.neural.optimizers import make_optimizer
    from automl.neural.training import train

    params, context = estimator.params, estimator.context
    torch.set_num_threads(context.threads)
    torch.manual_seed(context.seed)
    n_margins = 1 if context.n_outputs == 2 else context.n_outputs
    estimator.network = Mlp(data.x.shape[1], [params["width"]] * params["layers"], n_margins, params["dropout"])
    estimator.epochs = train(
        estimator.network, make_optimizer(params, estimator.network.parameters()), data.x, data.y, data.x_stop, data.y_stop,
        epochs=context.rounds or MOST_EPOCHS, batch=min(params["batch"], max(8, len(data.y) // 8)), patience=PATIENCE, device=context.device,
        seed=context.seed, expired=progress.expired, fixed=context.rounds is not None, weight=data.weight, weight_stop=data.weight_stop,
    )  # fmt: skip
    return estimator


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

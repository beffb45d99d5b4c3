"""A perceptron with tuned initialisation, scaling and rates, whose defaults alone do well on tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.networks import PRUNE, SPARSITY, Trained, epochs_of, export_encoded, n_margins_of, rounds, smoothing_of, train_encoded
from automl.families.space import Choice, Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_EPOCHS = 64  # the authors' 256 take a CPU too long; the four cycles of the rate fit into any number
PATIENCE = 64  # cycles of the rate make the loss rise in between: the best epoch is kept, and none is left out
MOST_NUMBERS = 100  # that come as waves besides


def space(context: Context) -> Space:
    """Return the options: ranges of the authors' (arXiv 2407.04491, table A.4), on a CPU with narrower layers."""
    return Space(
        {
            "layers": Int(1, 4, 3),
            "width": Int(64, 512, 256 if context.device != "cpu" else 128, log=True),
            "dropout": Float(0.0, 0.5, 0.15),
            "lr": Float(5e-3, 0.3, 4e-2, log=True),
            "weight_decay": Float(1e-3, 0.1, 2e-2, log=True),
            "smoothing": Float(0.0, 0.15, 0.02),
            "waves": Choice({"yes": Space({"sigma": Float(1e-2, 3.0, 0.1, log=True)}), "no": Space()}, "yes"),
            "batch": Int(64, 1024, 256, log=True),
            "prune": PRUNE,
        }
    )


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options; the network's sizes are known only with the features."""
    return Trained(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Train over four cycles of the rate, and keep the epoch that was best on the stopping rows."""
    import torch

    from automl.neural.pruning import END, Pruner, compact, kept_dropout
    from automl.neural.realmlp import RealMLP, make_realmlp_optimizer
    from automl.neural.schedules import share

    params, context = estimator.params, estimator.context
    own = params.get("waves.yes.sigma") if params["waves"] == "yes" else None

    def make(n_inputs: int) -> tuple[Any, Any]:
        numbers = estimator.arrays["encode.numbers"][:MOST_NUMBERS].tolist() if own is not None else []
        network = RealMLP(n_inputs, [params["width"]] * params["layers"], n_margins_of(context), params["dropout"], numbers, own or 0.1)
        optimizer = make_realmlp_optimizer(network, params["lr"], params["weight_decay"])
        state["network"], state["optimizer"], state["pruner"] = network, optimizer, Pruner(network.units(), optimizer, params.get(SPARSITY, 0.0))
        return network, optimizer

    def ready(network: Any, x: NDArray[np.float32]) -> None:
        network.place_kinks(torch.as_tensor(x), torch.Generator().manual_seed(context.seed))

    def each_step(position: float) -> None:
        flat = float(share("flat_cos", position))
        gone = state["pruner"](position) if SPARSITY in params else 0.0
        state["network"].dropout = params["dropout"] * flat * kept_dropout(gone)
        for group in state["optimizer"].param_groups:
            group["weight_decay"] = group.setdefault("first_decay", group["weight_decay"]) * flat

    state: dict[str, Any] = {}
    torch.set_num_threads(context.threads)
    train_encoded(
        estimator, data, progress, make, bins=0, epochs=epochs_of(context, MOST_EPOCHS), patience=PATIENCE, ready=ready,
        schedule="coslog4", smoothing=smoothing_of(params["smoothing"], data.y, context.n_outputs), each_step=each_step,
        counts_from=END if SPARSITY in params else 0.0,
    )  # fmt: skip
    if SPARSITY in params:
        compact(estimator.network.units())
    return estimator


def export(estimator: Estimator, context: Context) -> Form:
    """Return the encoding, the waves, and per layer the weights with scales and divisors in them, biases and shares of the kink."""
    import math

    import numpy as np

    from automl.neural.realmlp import WAVES

    network = estimator.network
    weights = [w.detach().numpy() / math.sqrt(len(w)) for w in network.weights]
    weights[0] = weights[0] * network.scale.detach().numpy()[:, None]
    arrays = {
        **{f"weights.{i}": w.astype(np.float32) for i, w in enumerate(weights)},
        "bias": np.concatenate([b.detach().numpy() for b in network.biases]), "share": np.concatenate([s.detach().numpy() for s in network.shares]),
    }  # fmt: skip
    if len(network.columns):
        mix = (network.mix.detach() / math.sqrt(WAVES)).flatten(1)
        arrays |= {
            "wave.columns": network.columns.numpy().astype(np.int32), "wave.rate": network.rate.detach().numpy(), "wave.phase": network.phase.detach().numpy(),
            "wave.mix": mix.numpy(), "wave.bias": network.wave_bias.detach().numpy(),
        }  # fmt: skip
    return export_encoded(estimator, "realmlp", {"layers": len(weights), "n_outputs": context.n_outputs}, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return torch's own probabilities on one thread."""
    from automl.families.networks import torch_probabilities

    return torch_probabilities(estimator.network, estimator.encode(x))


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit on one thread: products of the layers, four columns per number."""
    width, layers = params.get("width", 128), params.get("layers", 3)
    return float(0.6 + 2.5e-10 * MOST_EPOCHS * context.n_rows * width * (4 * context.n_columns + width * (layers - 1)))


FAMILY = Family(
    name="realmlp",
    summary="A network whose start, scales and rates were tuned together on many tables.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, onehot_limit=100, terms=1000),
    devices=frozenset({"cpu", "cuda"}),
    requires=("torch",),
    scheme="tables",
    heavy=True,
    rounds=rounds,
    cost=cost,
    copies=3,
    on_request=("prune",),
)

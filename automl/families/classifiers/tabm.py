"""Networks that share their hidden layers and answer together: an ensemble for little more than one network takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.networks import PRUNE, SPARSITY, Trained, epochs_of, export_encoded, n_margins_of, rounds, train_encoded
from automl.families.space import Float, Int, Params, Space
from automl.neural.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MEMBERS = {"cpu": 16, "cuda": 32}
MOST_EPOCHS = 60
PATIENCE = 12


def space(context: Context) -> Space:
    """Return the options; ranges are those of TabM's authors, with narrower layers on small tables and on a CPU."""
    large = context.n_rows >= 10_000
    return Space(
        {
            "layers": Int(1, 4, 2),
            "width": Int(32, 512, 256 if context.device != "cpu" else 128, log=True),
            "dropout": Float(0.0, 0.5, 0.1),
            "bins": Int(0, 48, 16),
            "batch": Int(128, 1024, 256, log=True) if large else Int(16, 256, 64, log=True),
            "prune": PRUNE,
            "optimizer": OPTIMIZERS,
        }
    )


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options; the network's sizes are known only with the features."""
    return Trained(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Train until the stopping rows no longer gain, the known number of epochs is over, or time is out."""
    import torch

    from automl.neural.optimizers import make_optimizer, schedule_of
    from automl.neural.pruning import END, Pruner, compact, kept_dropout
    from automl.neural.tabm import TabM, ensemble_loss, members_loss

    params, context = estimator.params, estimator.context
    k = MEMBERS["cpu" if context.device == "cpu" else "cuda"]

    def make(n_inputs: int) -> tuple[Any, Any]:
        network = TabM(n_inputs, [params["width"]] * params["layers"], n_margins_of(context), k, params["dropout"])
        optimizer = make_optimizer(params, network.parameters(), hidden=[layer.weight for layer in network.hidden])
        state["network"], state["pruner"] = network, Pruner(network.units(), optimizer, params.get(SPARSITY, 0.0))
        return network, optimizer

    def each_step(position: float) -> None:
        if SPARSITY in params:
            state["network"].dropout.p = params["dropout"] * kept_dropout(state["pruner"](position))

    state: dict[str, Any] = {}
    torch.set_num_threads(context.threads)
    train_encoded(
        estimator, data, progress, make, bins=params["bins"], epochs=epochs_of(context, MOST_EPOCHS), patience=PATIENCE,
        schedule=schedule_of(params["optimizer"]), loss_of=members_loss, score_of=ensemble_loss, each_step=each_step,
        counts_from=END if SPARSITY in params else 0.0,
    )  # fmt: skip
    if SPARSITY in params:
        compact(estimator.network.units())
    return estimator


def export(estimator: Estimator, context: Context) -> Form:
    """Return the encoding, the members' scalings, the shared layers and the members' last layers."""
    import numpy as np

    network = estimator.network
    arrays = {
        "members": network.members.detach().numpy(),
        "heads": network.heads.detach().permute(1, 0, 2).flatten(1).numpy(), "heads.bias": network.last.detach().numpy(),
        **{f"weights.{i}": np.ascontiguousarray(layer.weight.detach().numpy().T) for i, layer in enumerate(network.hidden)},
        "bias": np.concatenate([layer.bias.detach().numpy() for layer in network.hidden]),
    }  # fmt: skip
    return export_encoded(estimator, "tabm", {"layers": len(network.hidden), "n_outputs": context.n_outputs}, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return torch's own probabilities on one thread."""
    import torch

    from automl.neural.tabm import probabilities

    torch.set_num_threads(1)
    with torch.no_grad():
        proba: NDArray[np.float32] = probabilities(estimator.network(torch.as_tensor(estimator.encode(x)))).numpy()
        return proba


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit on one thread."""
    return float(0.4 + 2e-8 * context.n_rows * MEMBERS["cpu"] * params.get("width", 128) * (context.n_columns + params.get("width", 128)) * 0.5)


FAMILY = Family(
    name="tabm",
    summary="Many networks in one: they share their layers, see the features scaled differently, and vote.",
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
    on_request=("prune",),
)

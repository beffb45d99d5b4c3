"""A network on bags of n-grams, for tables with texts: each term has a vector that is learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.networks import Trained, epochs_of, export_encoded, n_margins_of, rounds, smoothing_of, torch_probabilities, train_encoded
from automl.families.space import Float, Int, Params, Space
from automl.neural.optimizers import OPTIMIZERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_EPOCHS = 30
PATIENCE = 5
TERMS = 20_000


def space(context: Context) -> Space:
    """Return the options; texts are learned by heart within few epochs, so dropout is strong."""
    return Space(
        {
            "vectors": Int(16, 256, 64, log=True),
            "layers": Int(0, 2, 0),
            "dropout": Float(0.0, 0.7, 0.4),
            "smoothing": Float(0.0, 0.15, 0.02),
            "batch": Int(32, 512, 128, log=True),
            "optimizer": OPTIMIZERS,
        }
    )


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options; the network's sizes are known only with the features."""
    return Trained(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Train until the stopping rows no longer gain, the known number of epochs is over, or time is out."""
    import torch

    from automl.neural.bag_network import BagNetwork
    from automl.neural.optimizers import make_optimizer, schedule_of

    params, context = estimator.params, estimator.context

    def make(n_terms: int) -> tuple[Any, Any]:
        network = BagNetwork(n_terms, [params["vectors"]] * (1 + params["layers"]), n_margins_of(context), params["dropout"])
        return network, make_optimizer(params, network.parameters(), hidden=[layer.weight for layer in network.hidden])

    torch.set_num_threads(context.threads)
    return train_encoded(
        estimator, data, progress, make, bins=0, epochs=epochs_of(context, MOST_EPOCHS), patience=PATIENCE, encoded=False,
        schedule=schedule_of(params["optimizer"]), smoothing=smoothing_of(params["smoothing"], data.y, context.n_outputs),
    )  # fmt: skip


def export(estimator: Estimator, context: Context) -> Form:
    """Return the vectors of the terms, and weights and biases of the layers that follow."""
    import numpy as np

    network = estimator.network
    linears = [*network.hidden, network.last]
    arrays = {
        "weights.0": network.vectors.detach().numpy(),
        **{f"weights.{i}": layer.weight.detach().numpy().T for i, layer in enumerate(linears, start=1)},
        "bias": np.concatenate([network.first.detach().numpy(), *(layer.bias.detach().numpy() for layer in linears)]),
    }
    return export_encoded(estimator, "bag_network", {"layers": 1 + len(linears), "n_outputs": context.n_outputs}, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return torch's own probabilities on one thread."""
    return torch_probabilities(estimator.network, x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit on one thread: steps over all vectors, of which each batch touches some."""
    terms = TERMS if context.text else context.n_columns
    steps = MOST_EPOCHS * max(1.0, context.n_rows / params.get("batch", 128))
    return float(0.3 + steps * terms * params.get("vectors", 64) * 8e-10)


FAMILY = Family(
    name="ngram_net",
    summary="Learns a vector for each word and pair of words, and a small network on their sum.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, onehot_limit=1000, terms=TERMS, sparse=True),
    devices=frozenset({"cpu", "cuda"}),
    requires=("torch",),
    scheme="tables",
    rounds=rounds,
    cost=cost,
    only_text=True,
)

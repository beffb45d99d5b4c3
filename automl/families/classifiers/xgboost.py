"""Gradient-boosted trees by XGBoost's histogram method, stopped early on rows of their own, on CPU or CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.boosting import Speed, boosting_mb, boosting_seconds
from automl.families.space import Choice, Float, Int, Params, Space
from automl.families.spill import or_on_cpu

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_ROUNDS = 1000
PATIENCE = 30
TERMS = 500  # words kept of a text
SPEED = Speed(tree=2.6e-4, leaf=2.4e-6, split=1.2e-6, row=5.8e-9, cell=9.2e-10, rounds=1.2, word=0.2, bytes=3)


def space(context: Context) -> Space:
    """Return the options; ranges as in TabArena's xgboost space (Erickson et al. 2025), the rate's lower end raised to fit short budgets.

    Trees that grow where the loss falls most, within `max_depth`, are what LightGBM grows.
    """
    return Space(
        {
            "learning_rate": Float(0.01, 0.3, 0.08, log=True),
            "max_depth": Int(1, 11, 6),
            "grow_policy": Choice({"depthwise": Space(), "lossguide": Space({"max_leaves": Int(4, 192, 32, log=True)})}, "depthwise"),
            "min_child_weight": Float(1e-3, 20.0, 1.0, log=True),
            "subsample": Float(0.5, 1.0, 0.8),
            "colsample_bylevel": Float(0.4, 1.0, 0.8),
            "colsample_bytree": Float(0.4, 1.0, 0.7),
            "colsample_bynode": Float(0.4, 1.0, 1.0),
            "reg_lambda": Float(1e-3, 20.0, 1.0, log=True),
            "reg_alpha": Float(1e-4, 5.0, 1e-3, log=True),
        }
    )


class Booster:
    """Parameters, and after the fit the booster with the margin it starts from; `notes` say what went otherwise than asked."""

    def __init__(self, params: dict[str, Any], rounds: int | None, n_outputs: int) -> None:
        self.params, self.rounds, self.n_outputs = params, rounds, n_outputs
        self.booster: Any = None
        self.base: list[float] = []
        self.notes: tuple[str, ...] = ()


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted parameters; a rate too slow for the deadline simply ends with fewer rounds."""
    objective = {"objective": "binary:logistic"} if context.n_outputs == 2 else {"objective": "multi:softprob", "num_class": context.n_outputs}
    machine = {"tree_method": "hist", "max_bin": 256, "device": context.device, "nthread": context.threads, "seed": context.seed, "verbosity": 0}
    options = {name.rpartition(".")[2]: value for name, value in params.items()}  # a nested option has the library's name at its end
    signs = {"monotone_constraints": str(tuple(context.monotone))} if any(context.monotone) and context.n_outputs == 2 else {}
    return Booster({**options, **objective, **machine, **signs}, context.rounds, context.n_outputs)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Boost until the stopping rows no longer gain, the known number of rounds is reached, or time is out.

    Where the memory of a CUDA device runs out, it is done on the CPU: networks may be training on the same device.
    """
    import numpy as np
    import xgboost

    class Clock(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        """Ends the fit at its deadline, with the rounds it has."""

        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            return progress.expired()

    # the start is stated, not estimated inside, so that the form knows it exactly
    counts = np.bincount(data.y, data.weight, estimator.n_outputs)
    shares = np.clip(counts / counts.sum(), 1e-6, 1 - 1e-6)
    estimator.base = [float(np.log(shares[1] / (1 - shares[1])))] if estimator.n_outputs == 2 else np.log(shares).tolist()
    params = {**estimator.params, "base_score": float(shares[1]) if estimator.n_outputs == 2 else estimator.base}

    def on(device: str) -> Any:
        train = xgboost.QuantileDMatrix(data.x, data.y, weight=data.weight, max_bin=params["max_bin"], nthread=params["nthread"])
        stopping: dict[str, Any] = {}
        callbacks: list[Any] = []
        if data.x_stop is not None and len(data.y_stop):  # type: ignore[arg-type]
            stop = xgboost.QuantileDMatrix(data.x_stop, data.y_stop, weight=data.weight_stop, ref=train, nthread=params["nthread"])
            stopping["evals"] = [(stop, "stop")]
            callbacks.append(xgboost.callback.EarlyStopping(rounds=PATIENCE, save_best=True))
        callbacks.append(Clock())  # last: once it ends the fit, no callback after it is asked any more
        own = {**params, "device": device}
        return xgboost.train(own, train, estimator.rounds or MOST_ROUNDS, verbose_eval=False, callbacks=callbacks, **stopping)

    estimator.booster, estimator.notes = or_on_cpu(params["device"], on)
    return estimator


def rounds(estimator: Estimator) -> int:
    """Return the rounds that were kept."""
    return int(estimator.booster.num_boosted_rounds())


def export(estimator: Estimator, context: Context) -> Form:
    """Return the trees; a split sends x < condition left, missing values by its default, and the categories it names right."""
    import json

    import numpy as np

    from automl.families.tree_forms import Tree, tree_form

    model = json.loads(bytes(estimator.booster.save_raw("json")))["learner"]["gradient_booster"]["model"]
    trees = []
    for tree in model["trees"]:
        condition = np.array(tree["split_conditions"], dtype=np.float32)
        left = np.array(tree["left_children"], dtype=np.int64)
        feature, default = np.array(tree["split_indices"], dtype=np.int64), np.array(tree["default_left"], dtype=bool)
        right = np.array(tree["right_children"], dtype=np.int64)
        trees.append(Tree(left, right, feature, condition, ~default & (left >= 0), condition[:, None], right_codes(tree)))
    return tree_form(trees, "sum", estimator.base, context.n_outputs)


def right_codes(tree: Any) -> dict[int, NDArray[np.bool_]]:
    """Return the splits on categories of a tree of the library's JSON: codes that it names go right, all others left, missing ones by its default."""
    import numpy as np

    from automl.inference.category_sets import MISSING

    out = {}
    for node, start, size in zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True):
        named = np.array(tree["categories"][start : start + size], dtype=np.int64)
        bits = np.zeros(int(named.max(initial=-1)) + 3, dtype=bool)
        bits[named], bits[MISSING] = True, not tree["default_left"][node]
        out[node] = bits
    return out


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities, by its fastest path."""
    import numpy as np

    estimator.booster.set_param({"device": "cpu", "nthread": 1})  # one trained on CUDA would copy the rows there
    out: NDArray[np.float32] = estimator.booster.inplace_predict(x)
    return out if out.ndim == 2 else np.stack([1 - out, out], axis=1)


def library_bytes(estimator: Estimator) -> int:
    """Return the size of the library's own binary file (UBJSON)."""
    return len(estimator.booster.save_raw("ubj"))


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (1 s for 26,000 rows and 14 columns on one core of a server of 2024)."""
    options = {**space(context).default(), **params}  # a reference leaves some to the library
    leaves = 2 ** int(options["max_depth"])
    leaves = min(leaves, int(options.get("grow_policy.lossguide.max_leaves", leaves)))
    share = options["colsample_bytree"] * options["colsample_bylevel"] * options["colsample_bynode"]
    return boosting_seconds(context, options["learning_rate"], leaves, share, TERMS, MOST_ROUNDS, PATIENCE, SPEED)


def memory(context: Context) -> float:
    """Return rough MB of a fit with the default options."""
    return boosting_mb(context, 0.08, 64, TERMS, MOST_ROUNDS, PATIENCE, SPEED)


FAMILY = Family(
    name="xgboost",
    summary="Many small trees, each correcting the ones before.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=TERMS),
    devices=frozenset({"cpu", "cuda"}),
    requires=("xgboost",),
    scheme="boosted_trees",
    rounds=rounds,
    library_bytes=library_bytes,
    cost=cost,
    memory=memory,
    scales=True,
    monotone=True,
)

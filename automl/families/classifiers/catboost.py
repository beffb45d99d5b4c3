"""Gradient-boosted symmetric trees by CatBoost (Prokhorenkova et al. 2018), stopped early on rows of their own; an optional package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.boosting import Speed, boosting_mb, boosting_seconds
from automl.families.space import Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_ROUNDS = 1000
PATIENCE = 30
TERMS = 300  # words kept of a text
SPEED = Speed(tree=5e-4, leaf=0, split=9.5e-7, row=3.8e-9, cell=7.4e-10, rounds=2.2, word=0.3, bytes=6, leaf_rows=0)
NOTHING_TO_SPLIT = "constant or ignored"  # what the library says of features that are all constant


def space(context: Context) -> Space:
    """Return the options; ranges around TabArena's catboost space (Erickson et al. 2025), the rate's lower end raised to fit short budgets."""
    return Space({
        "learning_rate": Float(0.02, 0.3, 0.08, log=True),
        "depth": Int(3, 8, 6),
        "l2_leaf_reg": Float(0.1, 20.0, 3.0, log=True),
        "random_strength": Float(0.01, 5.0, 1.0, log=True),
        "subsample": Float(0.6, 1.0, 0.8),
        "rsm": Float(0.4, 1.0, 1.0),
    })  # fmt: skip


class Boosting:
    """Options, and after the fit the model, None where there was nothing to split; `classes` are those of the rows."""

    def __init__(self, params: dict[str, Any], context: Context) -> None:
        self.params, self.context = params, context
        self.model: Any = None
        self.classes: NDArray[np.int64]
        self.shares: NDArray[np.float64]


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options in the library's words; it writes no files."""
    machine = {"thread_count": context.threads, "random_seed": context.seed, "allow_writing_files": False, "logging_level": "Silent"}
    signs = {"monotone_constraints": list(context.monotone)} if any(context.monotone) and context.n_outputs == 2 else {}
    fixed = {"bootstrap_type": "Bernoulli", "iterations": max(MOST_ROUNDS, context.rounds or 0)}
    return Boosting({**params, **machine, **signs, **fixed}, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Boost until the stopping rows no longer gain, the known number of rounds is reached, or time is out.

    The library shrinks the noise on its scores by how far a fit is on its way to `iterations`, so these are the same for every
    fit, and a known length ends it from outside: else a refit would not repeat what was judged.
    """
    import catboost
    import numpy as np

    class Clock:
        """Ends the fit at its known length or at its deadline, with the rounds it has."""

        def after_iteration(self, info: Any) -> bool:
            return info.iteration != estimator.context.rounds and not progress.expired()

    weight = np.ones(len(data.y)) if data.weight is None else data.weight
    estimator.classes, codes = np.unique(data.y, return_inverse=True)
    counts = np.bincount(codes, weight)
    estimator.shares = counts / counts.sum()
    if len(estimator.classes) == 1:
        return estimator
    loss = "Logloss" if len(estimator.classes) == 2 else "MultiClass"
    stopping: dict[str, Any] = {}
    if data.x_stop is not None:
        known = np.isin(data.y_stop, estimator.classes)  # type: ignore[arg-type]
        if known.any():
            stop_weight = None if data.weight_stop is None else data.weight_stop[known]
            stop_codes = np.searchsorted(estimator.classes, data.y_stop[known])  # type: ignore[index]
            stopping = {"eval_set": catboost.Pool(data.x_stop[known], stop_codes, weight=stop_weight)}
    early = {"od_type": "Iter", "od_wait": PATIENCE, "use_best_model": True} if stopping else {}
    model = catboost.CatBoost({**estimator.params, **early, "loss_function": loss})
    try:
        model.fit(catboost.Pool(data.x, codes, weight=data.weight), callbacks=[Clock()], **stopping)
    except catboost.CatBoostError as fault:
        if NOTHING_TO_SPLIT not in str(fault):
            raise
        return estimator
    estimator.model = model
    return estimator


def rounds(estimator: Estimator) -> int:
    """Return the rounds that were kept."""
    return 1 if estimator.model is None else max(1, int(estimator.model.tree_count_))


def export(estimator: Estimator, context: Context) -> Form:
    """Return the trees from the library's own JSON; a split sends x > border right, and missing values left, as less than any."""
    import json

    import numpy as np

    from automl.families.tree_forms import Tree, boosted_form

    present = estimator.classes.tolist()
    base = np.log(estimator.shares)
    base = base[1:] - base[0] if len(present) == 2 else base if len(present) > 2 else base[:0]
    trees: list[Tree] = []
    if estimator.model is not None:
        stored = json.loads(_saved(estimator, "json"))
        scale, bias = stored["scale_and_bias"]
        base = np.asarray(bias, dtype=np.float64)
        trees = [_tree(tree, float(scale), len(bias)) for tree in stored["oblivious_trees"]]
    return boosted_form(trees, base.tolist(), present, context.n_outputs)


def _tree(tree: dict[str, Any], scale: float, width: int) -> Any:
    """Return a symmetric tree as one whose levels repeat a split; bit i of a leaf's number is the answer to split i.

    Nodes stand level by level: node k has the children 2 k + 1 and 2 k + 2. The first level asks the last split.
    """
    import numpy as np

    from automl.families.tree_forms import Tree, above

    splits = (tree["splits"] or [])[::-1]
    n_splits = 2 ** len(splits) - 1
    n_nodes = 2 * n_splits + 1
    level = np.floor(np.log2(np.arange(1, n_splits + 1))).astype(np.int64)
    left, feature, threshold = np.full(n_nodes, -1), np.zeros(n_nodes, np.int64), np.zeros(n_nodes, np.float32)
    left[:n_splits] = 2 * np.arange(n_splits) + 1
    right = np.where(left >= 0, left + 1, -1)
    if splits:
        feature[:n_splits] = np.array([split["float_feature_index"] for split in splits])[level]
        threshold[:n_splits] = above(np.array([split["border"] for split in splits], dtype=np.float64))[level]
    value = np.zeros((n_nodes, width), np.float32)
    value[n_splits:] = scale * np.asarray(tree["leaf_values"], dtype=np.float64).reshape(-1, width)
    return Tree(left, right, feature, threshold, np.zeros(n_nodes, bool), value)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities on one thread."""
    import numpy as np

    if estimator.model is None:
        proba = np.repeat(estimator.shares[None, :], x.shape[0], axis=0)
    else:
        proba = estimator.model.predict(x, prediction_type="Probability", thread_count=1)
    return all_classes(proba, estimator.classes, estimator.context.n_outputs)


def library_bytes(estimator: Estimator) -> int:
    """Return the size of the library's own binary file."""
    return len(_saved(estimator, "cbm")) if estimator.model is not None else 0


def _saved(estimator: Estimator, kind: str) -> bytes:
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{kind}"
        estimator.model.save_model(str(path), format=kind)
        return path.read_bytes()


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (1.3 s for 26,000 rows and 14 columns on one core of a server of 2024)."""
    options = {**space(context).default(), **params}  # a reference leaves some to the library
    leaves = 2 ** int(options["depth"])
    return boosting_seconds(context, options["learning_rate"], leaves, options["rsm"], TERMS, MOST_ROUNDS, PATIENCE, SPEED)


def memory(context: Context) -> float:
    """Return rough MB of a fit with the default options."""
    return boosting_mb(context, 0.08, 64, TERMS, MOST_ROUNDS, PATIENCE, SPEED)


FAMILY = Family(
    name="catboost",
    summary="Many symmetric trees, each correcting the ones before, by CatBoost.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=TERMS),
    requires=("catboost",),
    extra="catboost",
    scheme="boosted_trees",
    rounds=rounds,
    library_bytes=library_bytes,
    cost=cost,
    memory=memory,
    scales=True,
    monotone=True,
)

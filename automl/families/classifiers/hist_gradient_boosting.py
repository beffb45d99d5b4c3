"""Gradient-boosted trees by scikit-learn's histogram method, grown leaf by leaf, stopped early on rows of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.boosting import Speed, boosting_mb, boosting_seconds
from automl.families.sklearn_trees import signs
from automl.families.space import Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_ROUNDS = 1000
PATIENCE = 30
TERMS = 300  # words kept of a text
MOST_CODES = 1 << 16  # that a category may have for its value, so that sets stay small
SPEED = Speed(tree=3.5e-4, leaf=1.3e-5, split=2.8e-6, row=4.5e-9, cell=6.2e-10, rounds=1.0, word=1.0, bytes=11)


def space(context: Context) -> Space:
    """Return the options; ranges around those of LightGBM in TabArena (Erickson et al. 2025), which grows trees alike."""
    return Space({
        "learning_rate": Float(0.01, 0.3, 0.08, log=True),
        "max_leaf_nodes": Int(4, 200, 31, log=True),
        "min_samples_leaf": Int(2, 100, 20, log=True),
        "max_features": Float(0.3, 1.0, 0.7),
        "l2_regularization": Float(1e-3, 20.0, 1.0, log=True),
    })  # fmt: skip


class Boosting:
    """Options, and after the fit the library's estimator, None where the rows had one class only."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.model: Any = None
        self.classes: NDArray[np.int64]


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Boosting(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Boost until the stopping rows no longer gain, the known number of rounds is reached, or time is out.

    The library takes the stopping rows as they are, so that it divides nothing itself. Its warm start goes on where it
    ended, to the last bit, so the portions by the clock change no tree.
    """
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier

    from automl.families.pace import Pace

    context = estimator.context
    estimator.classes = np.unique(data.y)
    if len(estimator.classes) == 1:
        return estimator
    stopping: dict[str, Any] = {}
    if data.x_stop is not None:
        known = np.isin(data.y_stop, estimator.classes)  # type: ignore[arg-type]
        if known.any():
            weight = None if data.weight_stop is None else data.weight_stop[known]
            stopping = {"X_val": data.x_stop[known], "y_val": data.y_stop[known], "sample_weight_val": weight}  # type: ignore[index]
    estimator.model = model = HistGradientBoostingClassifier(
        warm_start=True, early_stopping=bool(stopping), n_iter_no_change=PATIENCE, tol=0.0, random_state=context.seed,
        monotonic_cst=signs(context) if len(estimator.classes) == 2 else None, **estimator.params,
    )  # fmt: skip
    x, empty = data.x, np.isnan(data.x).all(axis=0)
    if empty.any():  # the library finds no cut points in nothing; no tree splits a constant either
        x = x.copy()
        x[:, empty] = 0.0
    pace, asked = Pace(progress, context.rounds or MOST_ROUNDS), 0
    while portion := pace.next():
        asked += portion
        model.set_params(max_iter=asked)
        model.fit(x, data.y, sample_weight=data.weight, **stopping)
        if model.n_iter_ < asked:
            break
    if stopping:
        best = int(np.argmax(model.validation_score_[1:])) + 1  # the first score is that of no tree
        del model._predictors[best:]
    return estimator


def rounds(estimator: Estimator) -> int:
    """Return the rounds that were kept."""
    return 1 if estimator.model is None else int(estimator.model.n_iter_)


def export(estimator: Estimator, context: Context) -> Form:
    """Return the trees; the library sends x <= threshold left, and missing values where each split says."""
    import numpy as np

    from automl.families.tree_forms import Tree, above, boosted_form

    trees: list[Tree] = []
    base: list[float] = []
    if estimator.model is not None:
        base = estimator.model._baseline_prediction.ravel().tolist()
        column, values = seen_by_trees(estimator.model)
        for member in (tree for of_round in estimator.model._predictors for tree in of_round):
            nodes = member.nodes
            split = nodes["is_leaf"] == 0
            left, right = (np.where(split, nodes[side].astype(np.int64), -1) for side in ("left", "right"))
            missing_right = split & (nodes["missing_go_to_left"] == 0)
            value = nodes["value"].astype(np.float32)[:, None]
            feature, sets = nodes["feature_idx"].astype(np.int64), right_codes(member, values)
            trees.append(Tree(left, right, column[feature], above(nodes["num_threshold"]), missing_right, value, sets))
    return boosted_form(trees, base, estimator.classes.tolist(), context.n_outputs)


def seen_by_trees(model: Any) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Return which column each of the trees' features is, and of the categorical ones, which come first there, the values that have the codes 0, 1, 2 ...

    Raises ValueError where a value of a categorical column is no whole number from 0 to MOST_CODES.
    """
    import numpy as np

    columns = np.arange(model.n_features_in_)
    if model.is_categorical_ is None:
        return columns, []
    values = []
    for known in model._preprocessor.named_transformers_["encoder"].categories_:
        codes = np.asarray(known, dtype=np.float64)
        codes = codes[~np.isnan(codes)]  # missing values keep no code
        if ((codes < 0) | (codes > MOST_CODES) | (codes != np.floor(codes))).any():
            raise ValueError("a categorical column has values that are no codes")
        values.append(codes)
    return np.concatenate([columns[model.is_categorical_], columns[~model.is_categorical_]]), values


def right_codes(member: Any, values: list[NDArray[np.float64]]) -> dict[int, NDArray[np.bool_]]:
    """Return the splits on categories of a tree: those that it has in its set go left, other known ones right, unknown and missing ones as it says."""
    import numpy as np

    out, nodes = {}, member.nodes
    for node in np.flatnonzero((nodes["is_leaf"] == 0) & (nodes["is_categorical"] != 0)).tolist():
        codes = values[nodes["feature_idx"][node]].astype(np.int64)
        left = np.unpackbits(member.raw_left_cat_bitsets[nodes["bitset_idx"][node]].view(np.uint8), bitorder="little")[: len(codes)]
        bits = np.full(int(codes.max(initial=-1)) + 3, nodes["missing_go_to_left"][node] == 0)
        bits[codes] = left == 0
        out[node] = bits
    return out


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities on one thread."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        proba = np.ones((x.shape[0], 1)) if estimator.model is None else estimator.model.predict_proba(x)
    return all_classes(proba, estimator.classes, estimator.context.n_outputs)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (1 s for 26,000 rows and 14 columns on one core of a server of 2024)."""
    options = {**space(context).default(), **params}  # a reference leaves some to the library
    leaves = int(options["max_leaf_nodes"])
    return boosting_seconds(context, options["learning_rate"], leaves, options["max_features"], TERMS, MOST_ROUNDS, PATIENCE, SPEED)


def memory(context: Context) -> float:
    """Return rough MB of a fit with the default options."""
    return boosting_mb(context, 0.08, 31, TERMS, MOST_ROUNDS, PATIENCE, SPEED)


FAMILY = Family(
    name="hist_gradient_boosting",
    summary="Many small trees, each correcting the ones before, grown leaf by leaf.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=TERMS),
    scheme="boosted_trees",
    rounds=rounds,
    cost=cost,
    memory=memory,
    scales=True,
    monotone=True,
)

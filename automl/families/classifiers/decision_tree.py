"""One decision tree (Breiman, Friedman, Olshen and Stone 1984): small, and read by eye."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.sklearn_trees import WORD, explain, export, levels, nodes_mb, predict, signs
from automl.families.space import Choice, Float, Int, Params, Space

TERMS = 300  # words kept of a text


def space(context: Context) -> Space:
    """Return the options; `smoothing` is the number of rows by which a leaf is pulled towards the shares of the classes."""
    return Space({
        "max_depth": Int(2, 20, 8),
        "min_samples_leaf": Int(1, 200, 10, log=True),
        "max_features": Float(0.3, 1.0, 1.0),
        "smoothing": Float(0.1, 50.0, 4.0, log=True),
        "criterion": Choice.of("gini", "entropy"),
    })  # fmt: skip


def build(params: Params, context: Context) -> Estimator:
    """Return an unfitted estimator."""
    from sklearn.tree import DecisionTreeClassifier

    options = {name: value for name, value in params.items() if name != "smoothing"}
    estimator = DecisionTreeClassifier(random_state=context.seed, monotonic_cst=signs(context), **options)
    estimator.smoothing = params.get("smoothing", 0.0)
    return estimator


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Grow the tree, which cannot be ended early, and smooth its leaves.

    Few rows of one class are no proof that there is no other: a leaf counts `smoothing` rows more that are spread as all rows
    are (the m-estimate of Cestnik 1990; Provost and Domingos 2003, Tree induction for probability-based ranking, found that
    smoothing is what a tree's probabilities lack). Where a column has a sign, leaves stay as they are: those of few rows would
    be pulled past others, and the order would be lost.
    """
    estimator.fit(data.x, data.y, sample_weight=data.weight)
    if estimator.monotonic_cst is None:
        value, rows = estimator.tree_.value, estimator.tree_.weighted_n_node_samples[:, None]  # what the library predicts from, in place
        value[:, 0, :] = (rows * value[:, 0, :] + estimator.smoothing * value[0, 0, :]) / (rows + estimator.smoothing)
    return estimator


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit: every level sorts the rows by each column."""
    options = {**space(context).default(), **params}  # a reference leaves some to the library
    deep = min(float(options["max_depth"]), levels(context, options["min_samples_leaf"]))
    columns = max(1.0, float(options["max_features"]) * (context.n_columns + WORD * TERMS * context.text))
    return 0.01 + 5e-8 * context.n_rows * deep * columns


def memory(context: Context) -> float:
    """Return rough MB of a fit with the default options."""
    return 10 + nodes_mb(context, 1, 10, 1.0)


FAMILY = Family(
    name="decision_tree",
    summary="One tree of questions, small enough to read.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=TERMS),
    scheme="forest",
    explain=explain,
    cost=cost,
    memory=memory,
    interruptible=False,
    monotone=True,
    interpretable={"max_depth": 5},
)

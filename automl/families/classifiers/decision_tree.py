"""One decision tree (Breiman, Friedman, Olshen and Stone 1984): small, and read by eye."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.sklearn_trees import UNSCHEDULED, WORD, explain, export, levels, nodes_mb, predict, signs
from automl.families.space import Choice, Float, Int, Params, Space

TERMS = 300  # words kept of a text


def space(context: Context) -> Space:
    """Return the options; leaves of some rows, as the shares in them are the probabilities."""
    return Space({
        "max_depth": Int(2, 20, 8),
        "min_samples_leaf": Int(1, 200, 10, log=True),
        "max_features": Float(0.3, 1.0, 1.0),
        "criterion": Choice.of("gini", "entropy"),
    })  # fmt: skip


def build(params: Params, context: Context) -> Estimator:
    """Return an unfitted estimator."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(random_state=context.seed, monotonic_cst=signs(context), **params)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Grow the tree; it cannot be ended early."""
    return estimator.fit(data.x, data.y, sample_weight=data.weight)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit: every level sorts the rows by each column."""
    deep = min(float(params["max_depth"]), levels(context, params["min_samples_leaf"]))
    columns = max(1.0, float(params["max_features"]) * (context.n_columns + WORD * TERMS * context.text))
    return 0.01 + 8e-8 * context.n_rows * deep * columns


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
    scheme=None,
    unscheduled=UNSCHEDULED,
    explain=explain,
    cost=cost,
    memory=memory,
    interruptible=False,
    monotone=True,
)

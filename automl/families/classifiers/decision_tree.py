"""One decision tree (Breiman, Friedman, Olshen and Stone 1984): small, and read by eye."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.sklearn_trees import UNSCHEDULED, explain, export, levels, nodes_mb, predict, signs
from automl.families.space import Choice, Float, Int, Params, Space


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
    return 1.0


def memory(context: Context) -> float:
    return 1.0


FAMILY = Family(
    name="decision_tree",
    summary="One tree of questions, small enough to read.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=False, onehot_limit=10, terms=300),
    scheme=None,
    unscheduled=UNSCHEDULED,
    explain=explain,
    cost=cost,
    memory=memory,
    interruptible=False,
    monotone=True,
)

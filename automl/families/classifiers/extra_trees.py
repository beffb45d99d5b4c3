"""Extremely randomised trees: cut points drawn at random, the best of them taken, many trees averaged (Geurts, Ernst and Wehenkel 2006)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.sklearn_trees import explain, export, forest_seconds, grow, most_leaves, nodes_mb, options, predict, signs
from automl.families.space import Choice, Float, Int, Params, Space

TREES = 200
TERMS = 300  # words kept of a text


def space(context: Context) -> Space:
    """Return the options."""
    return Space({
        "max_features": Float(0.1, 1.0, 0.4),
        "min_samples_leaf": Int(1, 50, 2, log=True),
        "criterion": Choice.of("gini", "entropy"),
        "bootstrap": Choice.of("no", "yes"),
    })  # fmt: skip


def build(params: Params, context: Context) -> Estimator:
    """Return an unfitted estimator that grows in steps."""
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(
        warm_start=True, n_jobs=context.threads, random_state=context.seed, monotonic_cst=signs(context), max_leaf_nodes=most_leaves(context), **options(params)
    )


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Grow trees until there are enough or time is out."""
    return grow(estimator, data, progress, TREES)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit: every level passes over the rows for each of the columns drawn."""
    known = {**space(context).default(), **params}  # a reference leaves some to the library
    return forest_seconds(context, TREES, known["max_features"], known["min_samples_leaf"], TERMS, 1.0e-8, 1.0)


def memory(context: Context) -> float:
    """Return rough MB of a fit with the default options."""
    return nodes_mb(context, TREES, 2, 1.6)


FAMILY = Family(
    name="extra_trees",
    summary="Many deep trees cut at random, averaged.",
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
    scales=True,
    monotone=True,
)

"""Bisecting k-means: the cluster that spreads most is cut in two, again and again (Steinbach, Karypis & Kumar 2000)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import Clusterer, centroids, export, fitted, predict, some_rows
from automl.families.space import Choice, Int, Params, Space

MOST_ROWS = 200_000


def space(context: Context) -> Space:
    """Return the options; `cut` names the cluster that is cut next."""
    return Space({"clusters": Int(2, 20, 8), "cut": Choice.of("spread", "largest")})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Cut, and give each row to the nearest of the centres that come of it."""
    from sklearn.cluster import BisectingKMeans

    strategy = {"spread": "biggest_inertia", "largest": "largest_cluster"}[estimator.params["cut"]]
    model = BisectingKMeans(estimator.wanted, n_init=3, random_state=estimator.context.seed, bisecting_strategy=strategy)
    model.fit(data.x[some_rows(data.x, MOST_ROWS, estimator.context.seed)])
    return centroids(estimator, data.x, model.cluster_centers_)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: each level of cuts looks at all rows."""
    return float(0.03 + min(context.n_rows, MOST_ROWS) * context.n_columns * params.get("clusters", 8) ** 0.5 * 1e-7)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: a copy of the rows of each level."""
    return 30 + 8e-6 * context.rows_by_columns


FAMILY = Family(
    name="bisecting_kmeans",
    summary="Round clusters, found by cutting in two.",
    tasks=frozenset({"clustering"}),
    space=space,
    build=build,
    fit=fit,
    scheme="tables",
    export=export,
    predict=predict,
    fitted=fitted,
    cost=cost,
    memory=memory,
    scales=True,
    interruptible=False,
    weighted=False,
)

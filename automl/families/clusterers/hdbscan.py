"""HDBSCAN: what stays together longest as the density asked for rises (Campello, Moulavi & Sander 2013)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import MOST_ROWS, Clusterer, by_nearest, export, fitted, none_found, predict, some_rows
from automl.families.merges import core_distances
from automl.families.space import Choice, Float, Int, Params, Space


def space(context: Context) -> Space:
    """Return the options: the least size of a cluster as a share of the rows, the neighbours that make a row dense, the branches taken."""
    return Space({"least": Float(0.005, 0.2, 0.03, log=True), "neighbours": Int(1, 50, 5, log=True), "branches": Choice.of("stable", "leaves")})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit to at most 10,000 rows; another row is what its nearest is, noise too, unless it lies farther out than any row of the cluster."""
    import numpy as np
    from sklearn.cluster import HDBSCAN

    kept, params = some_rows(data.x, MOST_ROWS, estimator.context.seed), estimator.params
    rows = data.x[kept].astype(np.float64)
    if len(rows) < 3:
        return none_found(estimator, data.x)
    least, neighbours = max(2, round(params["least"] * len(rows))), min(params["neighbours"], len(rows) - 1)
    method = {"stable": "eom", "leaves": "leaf"}[params["branches"]]
    labels = HDBSCAN(min_cluster_size=min(least, len(rows)), min_samples=neighbours, cluster_selection_method=method, copy=True).fit(rows).labels_
    if labels.max(initial=-1) < 0:
        return none_found(estimator, data.x)
    core = core_distances(rows, neighbours + 1)
    radius = [float(core[labels == code].max()) for code in range(int(labels.max()) + 1)]
    return by_nearest(estimator, data.x, kept, labels, np.array(radius))


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: a spanning tree of all rows."""
    n = min(context.n_rows, MOST_ROWS)
    return 0.03 + n * n * (1e-8 + 1e-9 * context.n_columns) + context.n_rows * 2e-5


def memory(context: Context) -> float:
    """Return the MB beside the matrix: distances of pairs of rows, some at a time."""
    n = min(context.n_rows, MOST_ROWS)
    return 60 + 8e-6 * n * (context.n_columns + 20) + (8e-6 * n * n if context.n_columns > 60 else 0)


FAMILY = Family(
    name="hdbscan",
    summary="Clusters of any shape and density, apart from noise.",
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
    interruptible=False,
    weighted=False,
)

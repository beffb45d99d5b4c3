"""DBSCAN: rows with many neighbours within a radius, and what they reach (Ester, Kriegel, Sander & Xu 1996)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import MOST_ROWS, Clusterer, by_size, cores, export, fitted, none_found, place, predict, some_rows
from automl.families.merges import core_distances
from automl.families.space import Float, Int, Params, Space


def space(context: Context) -> Space:
    """Return the options: the radius is the one within which the share `dense` of all rows have `neighbours`."""
    return Space({"neighbours": Int(3, 50, 5), "dense": Float(0.3, 0.99, 0.9)})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Find dense rows among at most 10,000; all other rows within the radius of one are of the cluster of the nearest."""
    import numpy as np
    from sklearn.cluster import DBSCAN

    kept = some_rows(data.x, MOST_ROWS, estimator.context.seed)
    rows, neighbours = data.x[kept].astype(np.float64), min(estimator.params["neighbours"], len(kept))
    radius = max(float(np.quantile(core_distances(rows, neighbours), estimator.params["dense"])), 1e-9)
    model = DBSCAN(eps=radius, min_samples=neighbours).fit(rows)
    core = model.core_sample_indices_
    if not len(core):
        return none_found(estimator, data.x)
    labels = model.labels_[core]
    placed = place(cores(data.x[kept[core]], labels, radius), data.x)
    estimator.labels, old = by_size(placed)  # sizes with the rows at the border
    estimator.form = cores(data.x[kept[core]], np.argsort(old)[labels], radius)
    return estimator


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: a search for neighbours."""
    n = min(context.n_rows, MOST_ROWS)
    return 0.02 + n * n * 2e-9 * min(context.n_columns, 30) + context.n_rows * 2e-5


def memory(context: Context) -> float:
    """Return the MB beside the matrix: neighbours of each row, a tenth of all at most as a rule."""
    n = min(context.n_rows, MOST_ROWS)
    return 50 + 2e-6 * n * n + 16e-6 * n * context.n_columns


FAMILY = Family(
    name="dbscan",
    summary="Clusters of any shape that are about equally dense, apart from noise.",
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

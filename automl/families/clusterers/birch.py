"""Birch: rows are summed up in many small balls, and these are joined (Zhang, Ramakrishnan & Livny 1996)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import Clusterer, by_size, cores, export, fitted, place, predict, some_rows
from automl.families.space import Float, Int, Params, Space

MOST_ROWS = 100_000


def space(context: Context) -> Space:
    """Return the options: `radius` is that of a ball, as a share of the radius of all rows."""
    return Space({"clusters": Int(2, 20, 8), "radius": Float(0.05, 0.5, 0.15, log=True)})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Sum up at most 100,000 rows and join the balls by Ward's rule; each row is of the nearest ball."""
    import warnings

    import numpy as np
    from sklearn.cluster import AgglomerativeClustering, Birch
    from sklearn.exceptions import ConvergenceWarning

    rows = data.x[some_rows(data.x, MOST_ROWS, estimator.context.seed)].astype(np.float64)
    whole = float(np.sqrt(rows.var(axis=0).sum()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        balls = Birch(threshold=max(estimator.params["radius"] * whole, 1e-9), n_clusters=None).fit(rows).subcluster_centers_
    wanted = min(estimator.wanted, len(balls))
    joined = AgglomerativeClustering(wanted).fit_predict(balls) if 1 < wanted < len(balls) else np.arange(len(balls)) if wanted > 1 else np.zeros(len(balls))
    labels = joined.astype(np.int64)
    estimator.labels, old = by_size(place(cores(balls.astype(np.float32), labels), data.x))
    held = np.isin(labels, old)  # a cluster of balls that no row is nearest to is none
    new = np.zeros(wanted, np.int64)
    new[old] = np.arange(len(old))
    estimator.form = cores(balls[held].astype(np.float32), new[labels[held]])
    return estimator


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: one slow pass over the rows, in Python."""
    return 0.05 + min(context.n_rows, MOST_ROWS) * 6e-5 + context.n_rows * 1e-6 * context.n_columns


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the tree of balls."""
    return 80 + 16e-6 * min(context.n_rows, MOST_ROWS) * context.n_columns


FAMILY = Family(
    name="birch",
    summary="Clusters joined from small balls of rows; quick on many rows.",
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

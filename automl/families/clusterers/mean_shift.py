"""Mean shift: every row climbs to where rows are densest around it (Comaniciu & Meer 2002)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import Clusterer, centroids, export, fitted, predict, some_rows
from automl.families.space import Float, Params, Space

MOST_ROWS = 2000
SEEDS = 200


def space(context: Context) -> Space:
    """Return the options: a window holds about the share `window` of all rows."""
    return Space({"window": Float(0.02, 0.5, 0.2, log=True)})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Climb from at most 200 rows among at most 2,000; each row is of the nearest top."""
    import numpy as np
    from sklearn.cluster import MeanShift, estimate_bandwidth

    seed = estimator.context.seed
    rows = data.x[some_rows(data.x, MOST_ROWS, seed)].astype(np.float64)
    width = max(float(estimate_bandwidth(rows, quantile=min(1.0, max(estimator.params["window"], 2 / len(rows))))), 1e-6)
    model = MeanShift(bandwidth=width, seeds=rows[some_rows(rows, SEEDS, seed)]).fit(rows)
    return centroids(estimator, data.x, model.cluster_centers_)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: windows of rows around each climber."""
    return 0.1 + min(context.n_rows, MOST_ROWS) * (SEEDS * 2e-6 + 2e-5) * (1 + context.n_columns / 10)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: distances of pairs of some rows."""
    return 60 + 16e-6 * min(context.n_rows, MOST_ROWS) ** 2


FAMILY = Family(
    name="mean_shift",
    summary="Clusters around the places where rows are densest.",
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

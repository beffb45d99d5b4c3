"""Principal components: the directions in which the rows vary most, exact or randomised by the shape of the table."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict, projection
from automl.families.space import Float, Params, Space


def space(context: Context) -> Space:
    """Return the options; `evening` of 1 gives all components the same variance, 0 leaves theirs."""
    return Space({"components": components(context), "evening": Float(0.0, 1.0, 0.0)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit from sums over blocks of rows, so that a table of any length takes the same memory beside its own."""
    import numpy as np

    from automl.families.subspace import leading

    found = leading(data.x, estimator.components, seed=estimator.context.seed)
    spread = np.sqrt(np.maximum(found.variances, 1e-12))
    scale = (spread / spread[0]) ** estimator.params["evening"]
    return estimator.finish(projection(found.mean, found.directions.T / scale, found.directions * scale[:, None]), data.x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the scatter matrix and its decomposition, of the shorter side."""
    short, long = sorted((float(context.n_rows), float(context.n_columns)))
    short = min(short, 2000.0)
    return 0.01 + 2e-10 * long * short**2 + 2e-9 * short**3


def memory(context: Context) -> float:
    """Return the MB beside the matrix: blocks of rows in double precision and some square matrices."""
    return 5 + 24e-6 * min(context.n_columns, context.n_rows, 2000) ** 2 + 0.2 * context.n_columns


FAMILY = Family(
    name="pca",
    summary="Principal components: the directions of most variance.",
    tasks=TASK,
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    scheme="tables",
    cost=cost,
    memory=memory,
    interruptible=False,
    weighted=False,
    fitted=fitted,
)

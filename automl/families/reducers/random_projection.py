"""Random directions: distances are kept roughly, whatever the table, at hardly any cost."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict, projection
from automl.families.space import Params, Space


def space(context: Context) -> Space:
    """Return the options."""
    return Space({"components": components(context)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Draw Gaussian directions (Johnson and Lindenstrauss 1984); the way back is their pseudo-inverse."""
    import numpy as np

    x = data.x
    m = min(estimator.components, x.shape[1])
    weights = np.random.default_rng(estimator.context.seed).normal(0, 1 / np.sqrt(m), (x.shape[1], m))
    return estimator.finish(projection(x.mean(axis=0, dtype=np.float64), weights, np.linalg.pinv(weights)), x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: one product."""
    return 0.01 + 2e-9 * context.rows_by_columns


def memory(context: Context) -> float:
    """Return the MB beside the matrix: two matrices of directions."""
    return 5 + 32e-6 * context.n_columns * min(context.n_columns, context.n_rows)


FAMILY = Family(
    name="random_projection",
    summary="Random directions, which keep distances roughly.",
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

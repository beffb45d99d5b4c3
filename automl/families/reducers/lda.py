"""Linear discriminants as coordinates: the directions that part the classes of a label best."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict, projection
from automl.families.shrinkage import SHRINKAGE
from automl.families.space import Params, Space


def space(context: Context) -> Space:
    """Return the options: the shrinkage of the covariance. There are at most one less coordinates than classes."""
    return Space({"components": components(context), "shrinkage": SHRINKAGE})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit in closed form. Raises ValueError for a label of one class."""
    from automl.families.discriminant import directions

    mean, weights = directions(data.x, data.y, estimator.components, estimator.params, estimator.context.seed)
    return estimator.finish(projection(mean, weights), data.x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the scatter matrix and its decomposition."""
    width = float(min(context.n_columns, 800))
    return 0.02 + 4e-10 * context.n_rows * width**2 + 1e-9 * width**3 + 2e-10 * context.rows_by_columns * width


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the rows twice in double precision."""
    return 10 + 24e-6 * context.n_rows * min(context.n_columns, 800) + 24e-6 * min(context.n_columns, 2000) ** 2


FAMILY = Family(
    name="lda",
    summary="Directions that part the classes of a label.",
    tasks=TASK,
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    requires=("sklearn",),
    scheme="tables",
    cost=cost,
    memory=memory,
    interruptible=False,
    weighted=False,
    fitted=fitted,
)

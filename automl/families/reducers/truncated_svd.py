"""The best approximation of low rank, without taking the mean off: for tables whose zeros mean nothing there."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict, projection
from automl.families.reducers import pca
from automl.families.space import Space


def space(context: Context) -> Space:
    """Return the options."""
    return Space({"components": components(context)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit the singular vectors of the matrix as it is (Eckart and Young 1936)."""
    from automl.families.subspace import leading

    found = leading(data.x, estimator.components, centre=False, seed=estimator.context.seed)
    return estimator.finish(projection(found.mean, found.directions.T, found.directions), data.x)


FAMILY = Family(
    name="truncated_svd",
    summary="Approximation of low rank, by singular vectors.",
    tasks=TASK,
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    scheme="tables",
    cost=pca.cost,
    memory=pca.memory,
    interruptible=False,
    weighted=False,
    fitted=fitted,
)

"""Selection by chi-square: the columns whose amounts differ most between the classes of a label, as they are."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict
from automl.families.space import Params, Space


def space(context: Context) -> Space:
    """Return the options."""
    return Space({"components": components(context)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Keep the columns of largest statistic (Liu and Setiono 1995), each moved and scaled to lie within 0 and 1 first."""
    import numpy as np
    from sklearn.feature_selection import chi2

    from automl.inference.forms import Form

    x = data.x
    low, high = x.min(axis=0), x.max(axis=0)
    statistic = chi2((x - low) / np.where(high > low, high - low, 1.0), data.y)[0]
    columns = np.argsort(-np.nan_to_num(statistic, nan=-1.0), kind="stable")[: estimator.components].astype(np.int32)
    return estimator.finish(Form("selection", {}, {"columns": columns}), x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: some passes over the matrix."""
    return 0.02 + 2e-8 * context.rows_by_columns


def memory(context: Context) -> float:
    """Return the MB beside the matrix: its copy in double precision, twice."""
    return 5 + 20e-6 * context.rows_by_columns


FAMILY = Family(
    name="chi2",
    summary="The columns whose amounts differ most between classes.",
    tasks=TASK,
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    requires=("sklearn",),
    unscheduled="a list of columns is as small as it gets",
    cost=cost,
    memory=memory,
    interruptible=False,
    weighted=False,
    fitted=fitted,
)

"""Selection by extremely randomised trees: the columns that tell most of a label, as they are."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict
from automl.families.space import Float, Params, Space

MOST_ROWS = 20_000
TREES = 200


def space(context: Context) -> Space:
    """Return the options; `columns` is the share of columns that each split looks at."""
    return Space({"components": components(context), "columns": Float(0.02, 1.0, 0.2, log=True)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Keep the columns of most importance (Geurts, Ernst and Wehenkel 2006): by how much purer their splits make the classes."""
    import numpy as np
    from sklearn.ensemble import ExtraTreesClassifier

    from automl.families.thin import thin
    from automl.inference.forms import Form

    rows, context = thin(data.y, MOST_ROWS, estimator.context.seed), estimator.context
    share = max(estimator.params["columns"], 1.0 / data.x.shape[1])
    model = ExtraTreesClassifier(TREES, max_features=share, min_samples_leaf=2, n_jobs=context.threads, random_state=context.seed)
    importance = model.fit(data.x[rows], data.y[rows]).feature_importances_
    columns = np.argsort(-importance, kind="stable")[: estimator.components].astype(np.int32)
    return estimator.finish(Form("selection", {}, {"columns": columns}), data.x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: all trees, each over all rows learned from, level by level."""
    n = float(min(context.n_rows, MOST_ROWS))
    return 0.2 + TREES * 1.5e-8 * n * 12 * max(1.0, float(params["columns"]) * context.n_columns)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the rows learned from and the trees."""
    return 30 + 8e-6 * min(context.n_rows, MOST_ROWS) * context.n_columns + TREES * 2e-4 * min(context.n_rows, MOST_ROWS)


FAMILY = Family(
    name="extra_trees",
    summary="The columns that trees find most telling.",
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

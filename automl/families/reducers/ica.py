"""Independent components: directions along which the rows are as little Gaussian as can be."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict, projection, some_rows
from automl.families.space import Choice, Params, Space

MOST_ROWS = 20_000  # that the rotation is learned from; the subspace takes all


def space(context: Context) -> Space:
    """Return the options; `contrast` is what "not Gaussian" means."""
    return Space({"components": components(context), "contrast": Choice.of("logcosh", "exp", "cube")})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Rotate the principal components by FastICA (Hyvärinen 1999); they keep the same subspace, and so the same way back."""
    import warnings

    import numpy as np
    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    from automl.families.subspace import leading

    found = leading(data.x, estimator.components, seed=estimator.context.seed)
    spread = np.sqrt(np.maximum(found.variances, 1e-12))
    whiten = found.directions.T / spread
    rows = some_rows(len(data.x), MOST_ROWS, estimator.context.seed)
    white = (data.x[rows] - found.mean) @ whiten
    rotation = np.eye(len(spread))
    if len(spread) > 1 and not progress.expired():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = FastICA(whiten=False, fun=estimator.params["contrast"], max_iter=200, tol=1e-3, random_state=estimator.context.seed)
            rotation = model.fit(white).components_.T
        if not np.isfinite(rotation).all():
            rotation = np.eye(len(spread))
    back = np.linalg.pinv(rotation) @ (found.directions * spread[:, None])
    return estimator.finish(projection(found.mean, whiten @ rotation, back), data.x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the subspace, then up to 200 passes over its components."""
    m, n = float(params["components"]), float(min(context.n_rows, MOST_ROWS))
    short = float(min(context.n_columns, context.n_rows, 2000))
    return 0.05 + 2e-10 * context.rows_by_columns * short + 100 * (4e-8 * n * m + 2e-10 * n * m * m)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the components of the rows learned from, some times over."""
    return 10 + 40e-6 * min(context.n_rows, MOST_ROWS) * min(context.n_columns, context.n_rows, 500)


FAMILY = Family(
    name="ica",
    summary="Independent components: sources that were mixed.",
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

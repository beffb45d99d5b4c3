"""Non-negative factors: rows as sums of parts that never cancel, after each column's least value was taken off."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict, some_rows
from automl.families.space import Float, Params, Space

MOST_ROWS = 10_000  # that the parts are learned from
MOST_STEPS = 200


def space(context: Context) -> Space:
    """Return the options; `sparse` pushes shares and parts towards zero."""
    return Space({"components": components(context), "sparse": Float(1e-6, 1e-1, 1e-5, log=True)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit the parts by coordinate descent (Cichocki and Phan 2009)."""
    import warnings

    import numpy as np
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    from automl.inference.forms import Form

    x = data.x
    shift = x.min(axis=0)
    rows = some_rows(len(x), MOST_ROWS, estimator.context.seed)
    m = min(estimator.components, *x[rows].shape)
    model = NMF(m, init="nndsvda", max_iter=MOST_STEPS, tol=1e-3, alpha_W=estimator.params["sparse"], random_state=estimator.context.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(np.maximum(x[rows] - shift, 0.0))
    parts = np.ascontiguousarray(model.components_, dtype=np.float32)
    return estimator.finish(Form("nonnegative", {}, {"parts": parts, "shift": np.asarray(shift, np.float32)}), x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: up to 200 passes over the rows learned from."""
    n, m = float(min(context.n_rows, MOST_ROWS)), float(params["components"])
    return 0.1 + MOST_STEPS * (2e-10 * n * context.n_columns * m + 4e-9 * (n + context.n_columns) * m * m) + 2e-7 * context.n_rows * m * m / 50


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the rows learned from twice."""
    return 10 + 12e-6 * min(context.n_rows, MOST_ROWS) * context.n_columns


FAMILY = Family(
    name="nmf",
    summary="Parts that only add up.",
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

"""Nyström features: similarities to some of the rows, and the directions in which all rows vary most among these."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.kernel_options import KERNELS
from automl.families.reduced import TASK, build, components, export, fitted, predict, some_rows
from automl.families.space import Int, Params, Space


def space(context: Context) -> Space:
    """Return the options: the kernel, its width, and how many rows are kept."""
    return Space({"components": components(context), "kernel": KERNELS, "kept": Int(50, 1000, 300, log=True)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Keep rows drawn evenly (Williams and Seeger 2001); components of their features, from all rows, are the coordinates."""
    from automl.families.kernels import features, kernel_form, kernel_of, whitening
    from automl.families.subspace import leading

    kept = data.x[some_rows(len(data.x), int(estimator.params["kept"]), estimator.context.seed)]
    kernel, gamma = kernel_of(estimator.params, kept)
    white = whitening(kept, kernel, gamma)
    found = leading(features(data.x, kept, white, kernel, gamma), estimator.components, seed=estimator.context.seed)
    form = kernel_form(kept, white @ found.directions.T, -(found.mean @ found.directions.T), kernel, gamma)
    return estimator.finish(form, data.x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: similarities of all rows to the kept ones, and the scatter of their features."""
    kept = float(params["kept"])
    return 0.02 + 5e-10 * context.rows_by_columns * kept + 1e-8 * context.n_rows * kept + 4e-10 * context.n_rows * kept**2 + 4e-9 * kept**3


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the features of all rows."""
    return 60 + 4e-3 * context.n_rows + 8e-3 * context.n_columns


FAMILY = Family(
    name="nystroem",
    summary="Similarities to some rows, condensed.",
    tasks=TASK,
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    requires=("scipy",),
    scheme="tables",
    cost=cost,
    memory=memory,
    interruptible=False,
    weighted=False,
    fitted=fitted,
)

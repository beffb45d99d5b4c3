"""Generalised discriminants: linear ones in the space that a kernel spans, so that classes may be parted by curves."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.kernel_options import KERNELS
from automl.families.reduced import TASK, build, components, export, fitted, predict
from automl.families.shrinkage import SHRINKAGE
from automl.families.space import Int, Params, Space

CELLS = 1 << 24  # of the features of the rows learned from, 64 MB


def space(context: Context) -> Space:
    """Return the options: kernel, kept rows, and the shrinkage of the covariance of their features."""
    return Space({"components": components(context), "kernel": KERNELS, "kept": Int(100, 800, 400, log=True), "shrinkage": SHRINKAGE})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit discriminants (Baudat and Anouar 2000) on Nyström features; kept rows are a stratified sample. Raises ValueError for one class."""
    from automl.families.discriminant import directions
    from automl.families.kernels import features, kernel_form, kernel_of, whitening
    from automl.families.thin import thin

    seed = estimator.context.seed
    kept = data.x[thin(data.y, int(estimator.params["kept"]), seed)]
    kernel, gamma = kernel_of(estimator.params, kept)
    white = whitening(kept, kernel, gamma)
    rows = thin(data.y, max(2000, CELLS // white.shape[1]), seed + 1)
    mean, weights = directions(features(data.x[rows], kept, white, kernel, gamma), data.y[rows], estimator.components, estimator.params, seed)
    return estimator.finish(kernel_form(kept, white @ weights, -(mean @ weights), kernel, gamma), data.x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: similarities of all rows to the kept ones, and the scatter of their features."""
    kept = float(params["kept"])
    return 0.05 + 5e-10 * context.rows_by_columns * kept + 1e-8 * context.n_rows * kept + 1e-9 * context.n_rows * kept**2 + 8e-9 * kept**3


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the features of the rows learned from, some times over."""
    return 400 + 8e-3 * context.n_columns


FAMILY = Family(
    name="gda",
    summary="Discriminants in the space of a kernel.",
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

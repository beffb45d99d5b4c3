"""Random Fourier features: cosines along random directions stand for a kernel, condensed to the directions of most variance."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, predict
from automl.families.space import Float, Int, Params, Space

BLOCK_ROWS = 50_000  # that the directions are learned from


def space(context: Context) -> Space:
    """Return the options: the width of the kernel, as a multiple of one over columns times variance, and the number of waves."""
    return Space({"components": components(context), "gamma": Float(0.02, 5.0, 0.5, log=True), "waves": Int(100, 1000, 400, log=True)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Draw the waves (Rahimi and Recht 2007) and condense their values."""
    import numpy as np

    from automl.families.reduced import some_rows
    from automl.families.subspace import leading
    from automl.inference.forms import Form
    from automl.inference.random_features import waves

    x, rng = data.x, np.random.default_rng(estimator.context.seed)
    gamma = estimator.params["gamma"] / max(x.shape[1] * float(x.var(dtype=np.float64)), 1e-12)
    n_waves = int(estimator.params["waves"])
    frequencies = rng.normal(0, np.sqrt(2 * gamma), (x.shape[1], n_waves)).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, n_waves).astype(np.float32)
    some = x[some_rows(len(x), BLOCK_ROWS, estimator.context.seed)]
    found = leading(waves(some, frequencies, phase), estimator.components, seed=estimator.context.seed)
    weights = found.directions.T.astype(np.float32)
    arrays = {"frequencies": frequencies, "phase": phase, "weights": np.ascontiguousarray(weights), "bias": -(found.mean @ weights).astype(np.float32)}
    return estimator.finish(Form("random_features", {}, arrays), x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the waves of all rows and the scatter of their values."""
    n_waves = float(params["waves"])
    return 0.02 + 2e-10 * context.rows_by_columns * n_waves + 2e-8 * context.n_rows * n_waves + 4e-10 * context.n_rows * n_waves**2 + 4e-9 * n_waves**3


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the waves of the rows learned from."""
    return 60 + 4e-3 * min(context.n_rows, BLOCK_ROWS) + 8e-3 * context.n_columns


FAMILY = Family(
    name="random_fourier",
    summary="Random waves that stand for a kernel, condensed.",
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

"""Kernel principal components: those of the rows in the space that a kernel spans, learned from at most 2,000 rows."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.kernel_options import KERNELS
from automl.families.reduced import TASK, build, components, export, fitted, predict, some_rows
from automl.families.space import Params, Space

MOST_ROWS = 2_000  # the matrix of their similarities is decomposed


def space(context: Context) -> Space:
    """Return the options: the kernel and its width."""
    return Space({"components": components(context), "kernel": KERNELS})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Decompose the centred similarities (Schölkopf, Smola and Müller 1998, section 2)."""
    import numpy as np
    from scipy.linalg import eigh

    from automl.families.kernels import LEAST, kernel_form, kernel_of
    from automl.inference.kernel_map import similarities

    kept = data.x[some_rows(len(data.x), MOST_ROWS, estimator.context.seed)]
    kernel, gamma = kernel_of(estimator.params, kept)
    wide = kept.astype(np.float64)
    found = similarities(wide, wide, kernel, gamma)
    middle = found.mean(axis=0)
    found += middle.mean() - middle[:, None] - middle[None, :]
    n = len(kept)
    values, vectors = eigh(found, subset_by_index=(n - min(n, estimator.components), n - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    keep = values > LEAST * max(float(values[0]), 1e-300)
    keep[0] = True
    dual = vectors[:, keep] / np.sqrt(np.maximum(values[keep], 1e-12))
    # columns of `dual` sum to zero, so that the row's own mean similarity cancels and only the kept rows' means are taken off
    return estimator.finish(kernel_form(kept, dual, -(middle @ dual), kernel, gamma), data.x)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the square matrix of the rows learned from, its decomposition, and the placing of all rows."""
    n = float(min(context.n_rows, MOST_ROWS))
    return 0.02 + 3e-10 * n**3 + 4e-10 * n * context.rows_by_columns + 2e-8 * n * context.n_rows


def memory(context: Context) -> float:
    """Return the MB beside the matrix: some square matrices of the rows learned from."""
    n = min(context.n_rows, MOST_ROWS)
    return 40 + 32e-6 * n * n + 12e-6 * n * context.n_columns


FAMILY = Family(
    name="kernel_pca",
    summary="Principal components in the space of a kernel.",
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

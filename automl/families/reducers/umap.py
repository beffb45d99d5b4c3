"""UMAP: a map that keeps neighbours, by the package umap-learn."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, placed_by_neighbours, predict, some_rows
from automl.families.space import Float, Int, Params, Space

MOST_ROWS = 10_000  # that are mapped


def space(context: Context) -> Space:
    """Return the options; `apart` is how close rows may lie in the map."""
    most = max(3, min(100, context.n_rows - 1))
    return Space({"components": components(context), "neighbours": Int(min(10, most - 1), most, min(15, most), log=True), "apart": Float(0.0, 0.9, 0.1)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Map at most 10,000 rows (McInnes, Healy and Melville 2018); the rest, and new rows, are put among their neighbours."""
    import warnings

    from umap import UMAP

    params, seed = estimator.params, estimator.context.seed
    rows = some_rows(len(data.x), MOST_ROWS, seed)
    m = estimator.components
    start = "spectral" if len(rows) > m + 2 else "random"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = UMAP(n_components=m, n_neighbors=int(params["neighbours"]), min_dist=float(params["apart"]), random_state=seed, n_jobs=1, init=start)
        mapped = model.fit_transform(data.x[rows])
    form, output = placed_by_neighbours(data.x, rows, mapped, seed)
    return estimator.finish(form, data.x, output)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the package compiles itself, then some hundred passes over the neighbourhoods."""
    n = float(min(context.n_rows, MOST_ROWS))
    return 8.0 + 1e-4 * n * float(params["neighbours"]) + 2e-8 * n * context.n_columns * 15 + 1.2e-8 * (context.n_rows - n) * n


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the package and its graph."""
    n = min(context.n_rows, MOST_ROWS)
    return 400 + 0.01 * n + 8e-6 * n * context.n_columns


FAMILY = Family(
    name="umap",
    summary="A map that keeps neighbours, by umap-learn.",
    tasks=TASK,
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    requires=("umap",),
    extra="umap",
    scheme="tables",
    cost=cost,
    memory=memory,
    interruptible=False,
    weighted=False,
    fitted=fitted,
    places=False,
)

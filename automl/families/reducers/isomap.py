"""Isomap: distances along the table's own shape, from neighbour to neighbour, laid out flat."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, placed_by_neighbours, predict, some_rows
from automl.families.space import Int, Params, Space

MOST_ROWS = 2_000  # that are mapped: all pairs are looked at, some times over


def space(context: Context) -> Space:
    """Return the options; few neighbours follow noise, many cut corners."""
    most = max(2, min(100, context.n_rows - 1))
    return Space({"components": components(context), "neighbours": Int(min(5, most - 1), most, min(15, most), log=True)})


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Map at most 2,000 rows (Tenenbaum, de Silva and Langford 2000); the rest, and new rows, are put among their neighbours."""
    import warnings

    from sklearn.manifold import Isomap

    rows = some_rows(len(data.x), MOST_ROWS, estimator.context.seed)
    k = max(1, min(int(estimator.params["neighbours"]), len(rows) - 1))
    model = Isomap(n_neighbors=k, n_components=min(estimator.components, max(1, len(rows) - 1)), eigen_solver="dense")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts that no neighbours join are joined by their nearest rows, and that is said
        mapped = model.fit_transform(data.x[rows])
    form, output = placed_by_neighbours(data.x, rows, mapped, estimator.context.seed)
    return estimator.finish(form, data.x, output)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: shortest ways between all pairs, and the decomposition of their matrix."""
    n = float(min(context.n_rows, MOST_ROWS))
    return 0.1 + 4e-8 * n * n * float(params["neighbours"]) + 6e-10 * n**3 + 3e-10 * n * n * context.n_columns + 1.2e-8 * (context.n_rows - n) * n


def memory(context: Context) -> float:
    """Return the MB beside the matrix: some square matrices of the mapped rows."""
    n = min(context.n_rows, MOST_ROWS)
    return 30 + 48e-6 * n * n + 8e-6 * n * context.n_columns


FAMILY = Family(
    name="isomap",
    summary="Distances along the shape of the table, laid out flat.",
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
    places=False,
)

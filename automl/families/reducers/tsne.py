"""t-SNE with a say for far distances: rows near each other stay so, and groups lie as far apart as they are."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.reduced import TASK, build, components, export, fitted, placed_by_neighbours, predict, some_rows
from automl.families.space import Float, Int, Params, Space

MOST_ROWS = 2_500  # that are mapped, all pairs of them are looked at; others are put among these


def space(context: Context) -> Space:
    """Return the options; `far` weighs the order of far distances, 0 is plain t-SNE. Small perplexities show noise as groups."""
    most = max(3.0, min(100.0, (min(context.n_rows, MOST_ROWS) - 1) / 3))
    return Space({
        "components": components(context),
        "perplexity": Float(min(5.0, most / 2), most, min(30.0, 0.9 * most), log=True),
        "far": Float(0.0, 12.0, 1.5),
        "exaggeration": Float(4.0, 24.0, 12.0, log=True),
        "steps": Int(200, 800, 400, log=True),
    })  # fmt: skip


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Map at most 2,500 rows, starting from their principal components; the rest, and new rows, are put among their neighbours."""
    from automl.families.layout import distances, lay_out
    from automl.families.subspace import leading

    params, seed = estimator.params, estimator.context.seed
    rows = some_rows(len(data.x), MOST_ROWS, seed)
    own = data.x[rows]
    found = leading(own, estimator.components, seed=seed)
    centred = own - found.mean.astype(own.dtype)
    mapped = centred @ found.directions.T.astype(own.dtype)
    if len(rows) > 3:
        mapped = lay_out(
            distances(centred, centred), mapped, perplexity=float(params["perplexity"]), exaggeration=float(params["exaggeration"]),
            far=float(params["far"]), steps=int(params["steps"]), seed=seed, progress=progress,
        )  # fmt: skip
    form, output = placed_by_neighbours(data.x, rows, mapped, seed)
    return estimator.finish(form, data.x, output)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: each step looks at all pairs of the mapped rows."""
    n = float(min(context.n_rows, MOST_ROWS))
    mapped = float(params["steps"]) * (1e-4 + 4.5e-9 * n * n) + 1e-8 * n * n + 2e-10 * n * n * min(context.n_columns, 2000)
    return 0.2 + mapped + 1e-8 * context.rows_by_columns + 1.2e-8 * (context.n_rows - n) * n


def memory(context: Context) -> float:
    """Return the MB beside the matrix: some square matrices of the mapped rows."""
    n = min(context.n_rows, MOST_ROWS)
    return 30 + 40e-6 * n * n + 8e-6 * n * context.n_columns


FAMILY = Family(
    name="tsne",
    summary="A map that keeps neighbours, and far distances in order.",
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
    interruptible=True,
    weighted=False,
    fitted=fitted,
    places=False,
)

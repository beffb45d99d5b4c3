"""Genie: single linkage that lets no cluster stay small (Gagolewski, Bartoszuk & Cena 2016, Information Sciences 363)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import MOST_ROWS, Clusterer, by_nearest, export, fitted, predict, some_rows
from automl.families.merges import cut, fair_merges, remembered, spanning_tree
from automl.families.space import Float, Int, Params, Space


def space(context: Context) -> Space:
    """Return the options: beyond the inequality of sizes `gini` (0.3 is the paper's), the smallest cluster is joined next.

    `neighbours` above 1 measures distances as dense as that many rows, so that scattered rows build no bridges.
    """
    return Space({"clusters": Int(2, 20, 8), "gini": Float(0.05, 0.95, 0.3), "neighbours": Int(1, 25, 1)})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Join at most 10,000 rows along their spanning tree; the others follow their nearest."""
    kept, params = some_rows(data.x, MOST_ROWS, estimator.context.seed), estimator.params
    rows, dense = data.x[kept], min(params["neighbours"], max(1, len(kept) - 1))
    edges = remembered(rows, f"tree-{dense}", lambda: spanning_tree(rows, dense))
    merges = remembered(rows, f"genie-{dense}-{params['gini']}", lambda: fair_merges(*edges, params["gini"]))
    return by_nearest(estimator, data.x, kept, cut(merges, estimator.wanted))


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: the spanning tree looks at all pairs of rows, and each merge at all clusters."""
    n = min(context.n_rows, MOST_ROWS)
    return 0.02 + n * n * (1e-8 + 1e-9 * context.n_columns) + context.n_rows * 2e-5


def memory(context: Context) -> float:
    """Return the MB beside the matrix: rows in double precision, distances some rows at a time."""
    return 60 + 32e-6 * min(context.n_rows, MOST_ROWS) * context.n_columns


FAMILY = Family(
    name="genie",
    summary="Clusters of any shape, none of them tiny.",
    tasks=frozenset({"clustering"}),
    space=space,
    build=build,
    fit=fit,
    scheme="tables",
    export=export,
    predict=predict,
    fitted=fitted,
    cost=cost,
    memory=memory,
    interruptible=False,
    weighted=False,
    places=False,
)

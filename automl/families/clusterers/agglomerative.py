"""Agglomerative clustering: the two clusters that are nearest are joined, again and again (Lance & Williams 1967; Ward 1963)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import MOST_ROWS, Clusterer, by_nearest, export, fitted, none_found, predict, some_rows
from automl.families.merges import cut, remembered
from automl.families.space import Choice, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORDS = ("ward", "average", "complete", "single")


def space(context: Context) -> Space:
    """Return the options."""
    return Space({"clusters": Int(2, 20, 8), "linkage": Choice.of(*WORDS)})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def tree(x: NDArray[np.float32], linkage: str) -> NDArray[np.float64]:
    """Return the merges (n - 1, 4) of rows (n, m), as scipy's `linkage` has them."""
    from scipy.cluster.hierarchy import linkage as merges

    found: NDArray[np.float64] = merges(x.astype("float64"), linkage)
    return found


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Join at most 10,000 rows; the others follow their nearest."""
    kept, linkage = some_rows(data.x, MOST_ROWS, estimator.context.seed), estimator.params["linkage"]
    rows = data.x[kept]
    if len(rows) < 2:
        return none_found(estimator, data.x)
    merges = remembered(rows, linkage, lambda: tree(rows, linkage))
    return by_nearest(estimator, data.x, kept, cut(merges, estimator.wanted))


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: distances of all pairs of rows."""
    n = min(context.n_rows, MOST_ROWS)
    return 0.01 + n * n * (2e-8 + 1e-9 * context.n_columns) + context.n_rows * 2e-5


def memory(context: Context) -> float:
    """Return the MB beside the matrix: distances of all pairs of rows."""
    n = min(context.n_rows, MOST_ROWS)
    return 40 + 9e-6 * n * n + 16e-6 * n * context.n_columns


FAMILY = Family(
    name="agglomerative",
    summary="Clusters joined from the bottom up; the linkage says which are near.",
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

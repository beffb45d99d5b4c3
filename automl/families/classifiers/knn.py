"""Nearest neighbours: the shares of the classes among the training rows that are most alike (Cover and Hart 1967)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress
from automl.families.space import Choice, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_ROWS = 20_000  # that are kept
MOST_CELLS = 4_000_000  # of the matrix that is kept, 16 MB
TERMS = 100
AHEAD = 16  # neighbours asked for beyond k, to see whether some are as far as the k-th


def space(context: Context) -> Space:
    """Return the options; the default is that of TabArena's list (20 neighbours, by distance, Euclidean)."""
    return Space({"neighbours": Int(1, 100, 20, log=True), "weights": Choice.of("distance", "uniform"), "metric": Choice.of("euclidean", "manhattan")})


class Neighbours:
    """Options, and after the fit the rows kept (n_rows, n_features), code and weight of each, and the shares of the classes."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.rows: Any = None
        self.code: Any = None
        self.weight: Any = None
        self.shares: Any = None
        self.k = 0


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Neighbours(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Keep at most 20,000 rows, or four million cells, a stratified sample; a row's weight is what its vote counts."""
    import numpy as np

    from automl.families.thin import thin

    context = estimator.context
    kept = thin(data.y, min(MOST_ROWS, max(1, MOST_CELLS // max(1, data.x.shape[1]))), context.seed)
    estimator.rows = np.ascontiguousarray(data.x[kept], dtype=np.float32)
    estimator.code = data.y[kept]
    estimator.weight = np.ones(len(kept)) if data.weight is None else np.maximum(data.weight[kept].astype(np.float64), 1e-9)
    estimator.shares = np.bincount(estimator.code, estimator.weight, context.n_outputs) / estimator.weight.sum()
    estimator.k = min(estimator.params["neighbours"], len(kept))
    return estimator


def export(estimator: Estimator, context: Context) -> Form:
    """Return the rows, the class and the weight of each, and the vote of the neighbour that stands for all."""
    import numpy as np

    from automl.inference.forms import Form

    arrays = {"rows": estimator.rows, "code": estimator.code.astype(np.uint8 if context.n_outputs <= 256 else np.uint16), "shares": estimator.shares}
    if not (estimator.weight == 1).all():
        arrays["weight"] = estimator.weight
    config = {"n_outputs": context.n_outputs, "k": estimator.k, "metric": estimator.params["metric"], "weights": estimator.params["weights"]}
    return Form("neighbours", config, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the probabilities by the library's search; the votes are counted as inference.neighbours says."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    from automl.inference.neighbours import beyond, votes_of

    x, rows, k = np.asarray(x, dtype=np.float64), estimator.rows.astype(np.float64), estimator.k
    by_distance = estimator.params["weights"] == "distance"
    search = NearestNeighbors(metric=estimator.params["metric"]).fit(rows)
    out = np.empty((len(x), len(estimator.shares)), dtype=np.float32)
    left, asked = np.arange(len(x)), min(len(rows), k + AHEAD)
    while len(left):  # a row with many neighbours as far as its k-th is asked again
        distance, near = search.kneighbors(x[left], n_neighbors=asked)
        done = beyond(distance**2, k) | (asked == len(rows))
        if done.any():
            at = near[done]
            out[left[done]] = votes_of(distance[done] ** 2, estimator.code[at], estimator.weight[at], k, by_distance, estimator.shares)
        left, asked = left[~done], min(len(rows), 4 * asked)
    return out


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit with its fold's predictions, which is what takes the time: a quarter of the rows against all kept."""
    width = context.n_columns + TERMS * context.text
    kept = min(context.n_rows, MOST_ROWS, MOST_CELLS / max(1, width))
    per_cell = 1.5e-10 if params.get("metric", "euclidean") == "euclidean" else 2e-9
    return 0.02 + context.n_rows / 4 * kept * (4e-9 + per_cell * width)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the rows kept in single and double precision, and blocks of distances."""
    width = context.n_columns + TERMS * context.text
    return 80 + 20e-6 * min(min(context.n_rows, MOST_ROWS) * width, MOST_CELLS)


FAMILY = Family(
    name="knn",
    summary="The classes of the training rows that are most alike (of at most 20,000 that are kept).",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, onehot_limit=20, terms=TERMS),
    scheme="tables",
    cost=cost,
    memory=memory,
    interruptible=False,
)

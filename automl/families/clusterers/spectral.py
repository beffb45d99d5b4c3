"""Spectral clustering: k-means where the graph of neighbours spreads rows out (Shi & Malik 2000; Ng, Jordan & Weiss 2002)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import Clusterer, by_nearest, export, fitted, predict, some_rows
from automl.families.merges import remembered
from automl.families.space import Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_ROWS = 4000
MOST_CLUSTERS = 20


def space(context: Context) -> Space:
    """Return the options: two rows are joined where one is among the `neighbours` nearest of the other."""
    return Space({"clusters": Int(2, MOST_CLUSTERS, 8), "neighbours": Int(3, 50, 10, log=True)})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def embedding(x: NDArray[np.float32], neighbours: int, seed: int) -> NDArray[np.float64]:
    """Return (n, m) the directions along which the graph of neighbours varies least, the slowest first; at most 21.

    Eigenvectors of the graph's Laplacian, scaled by degrees on both sides; rows of the result are of the random walk.
    """
    import numpy as np
    from scipy.sparse import identity
    from scipy.sparse.linalg import eigsh
    from sklearn.neighbors import kneighbors_graph

    n = len(x)
    graph = kneighbors_graph(x, min(neighbours, n - 1), include_self=False)
    graph = (graph + graph.T) * 0.5
    root = 1 / np.sqrt(np.maximum(np.asarray(graph.sum(axis=1)).ravel(), 1e-12))
    scaled = graph.multiply(root[:, None]).multiply(root[None, :]).tocsc()
    count = min(MOST_CLUSTERS + 1, n)
    if n <= 300:
        values, vectors = np.linalg.eigh(scaled.toarray())
        vectors = vectors[:, ::-1][:, :count]
    else:
        start = np.random.default_rng(seed).uniform(-1, 1, n)
        values, vectors = eigsh(1.001 * identity(n, format="csc") - scaled, count, sigma=0, which="LM", v0=start)
        vectors = vectors[:, np.argsort(values)]
    slow = vectors * root[:, None]
    found: NDArray[np.float64] = slow / np.maximum(np.abs(slow).max(axis=0), 1e-300)
    return found


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Cluster at most 4,000 rows; the others follow their nearest."""
    from sklearn.cluster import KMeans

    seed = estimator.context.seed
    kept, neighbours = some_rows(data.x, MOST_ROWS, seed), estimator.params["neighbours"]
    rows = data.x[kept]
    wanted = min(estimator.wanted, len(rows))
    spread = remembered(rows, f"spectral-{neighbours}-{seed}", lambda: embedding(rows, neighbours, seed)) if len(rows) > 2 else rows
    labels = KMeans(wanted, n_init=8, random_state=seed).fit(spread[:, :wanted]).labels_
    return by_nearest(estimator, data.x, kept, labels)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: a sparse factorisation."""
    n = min(context.n_rows, MOST_ROWS)
    return 0.1 + n * n * 3e-8 + n * 2e-4 + context.n_rows * 2e-5


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the factors of a sparse matrix, which fill up with the columns."""
    n = min(context.n_rows, MOST_ROWS)
    return 60 + 4e-6 * n * n


FAMILY = Family(
    name="spectral",
    summary="Clusters of any shape that few neighbours lead out of.",
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

"""K-means: centres that each row is near to (Lloyd 1982; seeds by Arthur & Vassilvitskii 2007), in batches on many rows (Sculley 2010)."""

from __future__ import annotations

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import Clusterer, centroids, export, fitted, predict
from automl.families.lloyd import best_of_many, pays
from automl.families.merges import remembered
from automl.families.space import Int, Params, Space

BATCHES_ABOVE = 50_000  # rows
BATCH = 4096
STARTS = 8
MANY, MANY_ROWS = range(2, 21), 5000  # numbers of clusters that are tried together, as far as a search tries them all on so many rows


def space(context: Context) -> Space:
    """Return the options."""
    return Space({"clusters": Int(2, 20, 8)})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Keep the best of eight starts; three in batches of 4,096 rows beyond 50,000 rows. On a GPU, where that pays, all numbers of clusters at once."""
    import warnings

    from sklearn.cluster import KMeans, MiniBatchKMeans
    from sklearn.exceptions import ConvergenceWarning

    seed = estimator.context.seed
    if (found := _at_once(estimator, data)) is not None:
        return found
    if len(data.x) > BATCHES_ABOVE:
        model = MiniBatchKMeans(estimator.wanted, batch_size=BATCH, n_init=3, random_state=seed)
    else:
        model = KMeans(estimator.wanted, n_init=STARTS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than clusters: what has no rows is left out
        model.fit(data.x)
    return centroids(estimator, data.x, model.cluster_centers_)


def _at_once(estimator: Clusterer, data: FitData) -> Clusterer | None:
    """Return the estimator fitted on a GPU, None where it does not pay or the GPU fails: the processor does it then."""
    context, wanted = estimator.context, estimator.wanted
    together = len(data.x) <= MANY_ROWS and wanted in MANY
    counts = [k for k in MANY if k <= len(data.x)] if together else [wanted]
    if not pays(len(data.x), data.x.shape[1], counts, context.device):
        return None
    try:
        every = remembered(data.x, f"kmeans-{counts}-{context.seed}", lambda: best_of_many(data.x, counts, STARTS, context.seed, context.device))
    except (RuntimeError, AssertionError):  # the device has no memory left or is gone, or torch was built without CUDA and says so by an assertion
        return None
    estimator.device = context.device
    return centroids(estimator, data.x, every[wanted].centres)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: some tens of passes for each start."""
    return float(0.02 + min(context.n_rows, 4 * BATCHES_ABOVE) * context.n_columns * params.get("clusters", 8) * 2e-7)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: a copy, centred."""
    return 30 + 4e-6 * context.rows_by_columns


FAMILY = Family(
    name="kmeans",
    summary="Round clusters of about one size, each around its centre.",
    tasks=frozenset({"clustering"}),
    space=space,
    build=build,
    fit=fit,
    scheme="tables",
    export=export,
    predict=predict,
    fitted=fitted,
    cost=cost,
    devices=frozenset({"cpu", "cuda"}),
    memory=memory,
    scales=True,
    interruptible=False,
    weighted=False,
)

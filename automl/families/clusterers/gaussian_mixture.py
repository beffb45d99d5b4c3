"""A mixture of normal distributions by expectation and maximisation (Dempster, Laird & Rubin 1977), or with a Dirichlet prior (Bishop 2006, 10.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Progress
from automl.families.cluster_forms import Clusterer, by_size, export, fitted, labels_of, none_found, predict, some_rows
from automl.families.space import Choice, Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_ROWS = 50_000
SMOOTH = 1e-4  # added to variances; features have variance 1, so a cluster is never thinner than a hundredth of the whole


def space(context: Context) -> Space:
    """Return the options; `bayesian` may leave parts empty, the fewer the smaller its concentration."""
    methods = Choice({"likelihood": Space(), "bayesian": Space({"concentration": Float(1e-3, 1e3, 0.1, log=True)})}, "likelihood")
    return Space({"clusters": Int(1, 20, 8), "covariance": Choice.of("full", "tied", "diag", "spherical"), "method": methods})


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Clusterer(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit to at most 50,000 rows, three starts from k-means; parts that are the likeliest of no row are left out."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

    from automl.inference.forms import Model

    params, context = estimator.params, estimator.context
    rows = data.x[some_rows(data.x, MOST_ROWS, context.seed)].astype("float64")
    if len(rows) < 2:
        return none_found(estimator, data.x)
    options: dict[str, Any] = {"covariance_type": params["covariance"], "reg_covar": SMOOTH, "random_state": context.seed, "max_iter": 200}
    if params["method"] == "bayesian":
        model = BayesianGaussianMixture(n_components=estimator.wanted, weight_concentration_prior=params["method.bayesian.concentration"], n_init=1, **options)
    else:
        model = GaussianMixture(estimator.wanted, n_init=3, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 200 rounds leave differences that no label shows
        model.fit(rows)
    whole = mixture(model, list(range(estimator.wanted)))
    labels = labels_of(Model(whole).predict(data.x))
    estimator.labels, order = by_size(labels)
    estimator.form = mixture(model, order.tolist())
    return estimator


def mixture(model: Any, order: list[int]) -> Form:
    """Return the form of some parts of a fitted mixture of the library, in this order."""
    import numpy as np

    from automl.inference.forms import Form

    means = model.means_[order]
    d = means.shape[1]
    triangle = np.tril_indices(d)
    whiten, bias = np.empty((len(order), len(triangle[0]))), np.empty(len(order))
    for position, part in enumerate(order):
        root = _root(model, part, d)
        whiten[position] = root.T[triangle]
        bias[position] = np.log(max(model.weights_[part], 1e-300)) + np.log(np.diag(root)).sum()
    config = {"n_outputs": len(order), "present": list(range(len(order))), "slope": 1.0}
    return Form("mixture", config, {"means": means.astype(np.float32), "whiten": whiten.astype(np.float32), "bias": bias.astype(np.float32)})


def _root(model: Any, part: int, d: int) -> NDArray[np.float64]:
    """Return the upper triangle (d, d) whose product with its transpose is the inverse of the covariance of a part."""
    import numpy as np

    found = model.precisions_cholesky_
    if model.covariance_type == "full":
        return np.asarray(found[part])
    if model.covariance_type == "tied":
        return np.asarray(found)
    return np.diag(np.broadcast_to(found[part], (d,)))


def cost(context: Context, params: Params) -> float:
    """Return rough seconds: rounds over rows, parts and, where covariances are full, squared columns."""
    wide = context.n_columns if params.get("covariance", "full") in ("full", "tied") else 1
    return float(0.03 + min(context.n_rows, MOST_ROWS) * params.get("clusters", 8) * context.n_columns * (1 + wide / 8) * 1e-6)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the rows in double precision and what each part makes of them."""
    return 40 + 24e-6 * min(context.n_rows, MOST_ROWS) * (context.n_columns + 20) + 8e-6 * 20 * context.n_columns**2 + 8e-6 * context.rows_by_columns


FAMILY = Family(
    name="gaussian_mixture",
    summary="Clusters that are clouds of any direction and spread, which may overlap.",
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
    scales=True,
    interruptible=False,
    weighted=False,
)

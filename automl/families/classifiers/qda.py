"""Regularised discriminant analysis: classes as Gaussians of their own shape, pulled towards a common one (Friedman 1989)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Float, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

TERMS = 100


def space(context: Context) -> Space:
    """Return the options: lambda and gamma of Friedman (1989, Regularized discriminant analysis, JASA 84: 165-175)."""
    return Space({"pooling": Float(0.0, 1.0, 0.25), "sphere": Float(1e-3, 1.0, 0.2, log=True)})


class Gaussians:
    """Options, and after the fit means (n_classes, n_features), whitening matrices (n_classes, n_features, n_features) and a calibration."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.present: Any = None
        self.means: Any = None
        self.whiten: Any = None
        self.log_share: Any = None
        self.calibration: Any = None


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Gaussians(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit in closed form, calibrate on the rows held back, and fit once more on all: far out, Gaussians are much too sure."""
    from automl.families.calibrate import calibrate, centred, joined, rows_to_calibrate

    _learn(estimator, data)
    x, held, weight = rows_to_calibrate(data, estimator.present)
    estimator.calibration = calibrate(centred(_joint(estimator, x)), held, weight)
    every = joined(data, estimator.present)
    if every is not None:
        _learn(estimator, every)
    return estimator


def _learn(estimator: Estimator, data: FitData) -> None:
    """Set the means, the whitening matrices and the shares of the classes."""
    import numpy as np
    from scipy.linalg import solve_triangular

    from automl.families.moments import moments, towards_sphere

    found = moments(data.x, data.y, data.weight, pooled=False)
    pooling, n_features = estimator.params["pooling"], data.x.shape[1]
    common = np.tensordot(found.count, found.covariances, axes=1)
    whiten = np.empty((len(found.present), n_features, n_features), dtype=np.float32)
    for k, (count, own) in enumerate(zip(found.count, found.covariances, strict=True)):
        share = (1 - pooling) * count + pooling * found.count.sum()
        covariance = towards_sphere(((1 - pooling) * count * own + pooling * common) / share, estimator.params["sphere"])
        whiten[k] = solve_triangular(np.linalg.cholesky(covariance), np.eye(n_features), lower=True)
    # rounded before anything is made of them, so that the form loses nothing
    estimator.present, estimator.means, estimator.whiten = found.present, found.means.astype(np.float32), whiten
    estimator.log_share = found.log_share


def _joint(estimator: Estimator, x: Any) -> NDArray[np.float64]:
    """Return (n_rows, n_classes) logarithms of the joint density of row and class, by scipy, without what all classes share."""
    import numpy as np
    from scipy.linalg import solve_triangular
    from scipy.stats import Covariance, multivariate_normal

    x = np.asarray(x, dtype=np.float64)
    out = np.empty((len(x), len(estimator.present)))
    for k, (mean, whiten) in enumerate(zip(estimator.means, estimator.whiten, strict=True)):
        factor = solve_triangular(whiten.astype(np.float64), np.eye(len(whiten)), lower=True)
        out[:, k] = estimator.log_share[k] + multivariate_normal.logpdf(x, mean.astype(np.float64), Covariance.from_cholesky(factor))
    return out


def export(estimator: Estimator, context: Context) -> Form:
    """Return means, the lower triangles of the whitening matrices, and the constant of each class; slope and offsets are worked in."""
    import numpy as np

    from automl.inference.forms import Form

    whiten, calibration = estimator.whiten.astype(np.float64), estimator.calibration
    lower = np.tril_indices(whiten.shape[1])
    constant = estimator.log_share + np.log(np.diagonal(whiten, axis1=1, axis2=2)).sum(axis=1)
    bias = calibration.margins(constant)
    arrays = {"means": estimator.means, "whiten": estimator.whiten[:, lower[0], lower[1]], "bias": bias - bias.mean()}
    config = {"n_outputs": context.n_outputs, "present": estimator.present.tolist(), "slope": calibration.slope}
    return Form("quadratic", config, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the probabilities from the densities themselves, by scipy."""
    from scipy.special import softmax

    margin = estimator.calibration.margins(_joint(estimator, x))
    return all_classes(softmax(margin, axis=1), estimator.present, estimator.context.n_outputs)


def _width(context: Context) -> float:
    return context.n_columns + TERMS * context.text


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit: scatter matrices take rows * columns^2, whitening each class columns^3."""
    width = _width(context)
    return 0.03 + 2.5e-10 * context.n_rows * width**2 + 5e-10 * context.n_outputs * width**3 + 3e-8 * context.n_rows * width


def memory(context: Context) -> float:
    """Return the MB beside the matrix: two square matrices of its columns for each class, and the rows of one class, in float64."""
    width = _width(context)
    return 5 + 20e-6 * context.n_outputs * width**2 + 16e-6 * context.n_rows * width


FAMILY = Family(
    name="qda",
    summary="Classes as Gaussian clouds, each of its own shape.",
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
    calibrates=True,
)

"""Linear discriminant analysis: classes as Gaussians of one shape, whose covariance is shrunk, then calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Choice, Float, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

LEAST_SHRINKAGE = 1e-4  # columns of a one-hot sum to one, so that without any the covariance would be singular
TERMS = 300


def space(context: Context) -> Space:
    """Return the options: shrinkage by the formula of Ledoit and Wolf (2004), which needs no search, or any amount."""
    fixed = Space({"amount": Float(LEAST_SHRINKAGE, 1.0, 0.05, log=True)})
    return Space({"shrinkage": Choice({"ledoit_wolf": Space(), "fixed": fixed}, "ledoit_wolf")})


class Discriminant:
    """Options, and after the fit weights (n_features, n_classes), bias (n_classes,), the Gaussians they come from and a calibration."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.moments: Any = None
        self.covariance: Any = None
        self.weights: Any = None
        self.bias: Any = None
        self.calibration: Any = None


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Discriminant(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit in closed form, calibrate on the rows held back, and fit once more on all: far out, Gaussians are too sure."""
    from automl.families.calibrate import calibrate, centred, joined, rows_to_calibrate

    _learn(estimator, data)
    present = estimator.moments.present
    x, held, weight = rows_to_calibrate(data, present)
    estimator.calibration = calibrate(centred(x @ estimator.weights + estimator.bias), held, weight)
    every = joined(data, present)
    if every is not None:
        _learn(estimator, every)
    return estimator


def _learn(estimator: Estimator, data: FitData) -> None:
    """Set weights = covariance^-1 means (Hastie, Tibshirani and Friedman 2009, The elements of statistical learning, equation 4.10)."""
    import numpy as np
    from scipy.linalg import solve

    from automl.families.moments import moments, towards_sphere

    found = moments(data.x, data.y, data.weight, pooled=True)
    amount = estimator.params.get("shrinkage.fixed.amount")
    if amount is None:
        amount = max(LEAST_SHRINKAGE, _ledoit_wolf(data, found))
    covariance = towards_sphere(found.covariances[0], amount)
    centre = np.exp(found.log_share) @ found.means  # common to all classes; taken off, the weights stay small
    estimator.weights = solve(covariance, (found.means - centre).T, assume_a="pos")
    estimator.bias = found.log_share - ((found.means + centre) * estimator.weights.T).sum(axis=1) / 2
    estimator.moments, estimator.covariance = found, covariance


def _ledoit_wolf(data: FitData, found: Any) -> float:
    """Return the amount of shrinkage that Ledoit and Wolf (2004, A well-conditioned estimator for large-dimensional covariance matrices) give."""
    import numpy as np
    from sklearn.covariance import ledoit_wolf_shrinkage

    centred = np.asarray(data.x, dtype=np.float64) - found.means[np.searchsorted(found.present, data.y)]
    if data.weight is not None:
        centred *= np.sqrt(data.weight.astype(np.float64))[:, None]
    return float(ledoit_wolf_shrinkage(centred, assume_centered=True)) if centred.any() else 1.0


def export(estimator: Estimator, context: Context) -> Form:
    """Return weights (n_features, n_margins) and bias; two classes need one margin."""
    from automl.families.linear_forms import linear_form

    found = estimator.calibration
    return linear_form(found.slope * estimator.weights, found.margins(estimator.bias), estimator.moments.present, context.n_outputs)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the probabilities from the densities themselves, by scipy."""
    import numpy as np
    from scipy.special import softmax
    from scipy.stats import Covariance, multivariate_normal

    found = estimator.moments
    shape = Covariance.from_cholesky(np.linalg.cholesky(estimator.covariance))
    x = np.asarray(x, dtype=np.float64)
    joint = [share + np.reshape(multivariate_normal.logpdf(x, mean, shape), len(x)) for share, mean in zip(found.log_share, found.means, strict=True)]
    return all_classes(softmax(estimator.calibration.margins(np.stack(joint, axis=1)), axis=1), found.present, estimator.context.n_outputs)


def explain(estimator: Estimator) -> NDArray[np.float64]:
    """Return the mean absolute weight of each feature."""
    import numpy as np

    return np.asarray(np.abs(estimator.weights - estimator.weights.mean(axis=1, keepdims=True)).mean(axis=1), dtype=np.float64)


def _width(context: Context) -> float:
    return context.n_columns + TERMS * context.text


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit: the scatter matrix takes rows * columns^2, its solution columns^3."""
    width = _width(context)
    return 0.03 + 2.5e-10 * context.n_rows * width**2 + 1e-10 * width**3 + 3e-8 * context.n_rows * width


def memory(context: Context) -> float:
    """Return the MB beside the matrix: some square matrices of its columns and the rows once more, in float64."""
    width = _width(context)
    return 5 + 32e-6 * width**2 + 24e-6 * context.n_rows * width


FAMILY = Family(
    name="lda",
    summary="Classes as Gaussian clouds of one common shape.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, onehot_limit=100, terms=TERMS),
    scheme="linear",
    explain=explain,
    cost=cost,
    memory=memory,
    interruptible=False,
    calibrates=True,
    interpretable={},
)

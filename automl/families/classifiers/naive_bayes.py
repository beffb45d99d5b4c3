"""Naive Bayes for mixed columns: a Gaussian for each number, presence or absence for words and levels, then calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Float, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form


def space(context: Context) -> Space:
    """Return the options: what is added to every variance, as a share of the largest, and to every count.

    1e-9 and 1 are scikit-learn's defaults; standardised columns bear more smoothing, which keeps a class of few rows from
    being a needle.
    """
    return Space({"var_smoothing": Float(1e-9, 1.0, 0.1, log=True), "alpha": Float(1e-2, 10.0, 0.1, log=True)})


class Naive:
    """Options, and after the fit the library's two models, their columns and a calibration."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.present: Any = None
        self.numbers: Any = None  # positions of the columns that are Gaussian
        self.marks: Any = None  # positions of the columns that are there or not
        self.gaussian: Any = None
        self.bernoulli: Any = None
        self.calibration: Any = None


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Naive(params, context)


def kinds_of(x: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return positions of the columns that are numbers and of those that are marks, there or not; constant ones are neither.

    A mark is never below zero, and zero in half of the rows or more, or always 0 or 1: words, levels, "was missing". For
    texts the Bernoulli event model is the one for short ones (McCallum and Nigam 1998, A comparison of event models for naive
    Bayes text classification).
    """
    import numpy as np

    dense = isinstance(x, np.ndarray)
    low, high = (np.asarray(v if dense else v.todense()).ravel() for v in (x.min(axis=0), x.max(axis=0)))
    filled = np.asarray((x != 0).sum(axis=0)).ravel()
    ones = np.asarray((x == 1).sum(axis=0)).ravel()
    varies = high > low
    marks = varies & (low >= 0) & ((2 * filled <= x.shape[0]) | (ones == filled))
    return np.flatnonzero(varies & ~marks), np.flatnonzero(marks)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit in closed form, calibrate on the rows held back, and fit once more on all.

    Columns that say the same are counted twice, which makes naive Bayes far too sure (Zadrozny and Elkan 2001, Obtaining
    calibrated probability estimates from decision trees and naive Bayesian classifiers).
    """
    from automl.families.calibrate import calibrate, centred, joined, rows_to_calibrate

    _learn(estimator, data)
    x, held, weight = rows_to_calibrate(data, estimator.present)
    estimator.calibration = calibrate(centred(_joint(estimator, x)), held, weight)
    every = joined(data, estimator.present)
    if every is not None:
        _learn(estimator, every)
    return estimator


def _learn(estimator: Estimator, data: FitData) -> None:
    """Fit the library's two models on their columns."""
    import numpy as np
    from sklearn.naive_bayes import BernoulliNB, GaussianNB

    weight = None if data.weight is None else np.maximum(data.weight, 1e-9)
    estimator.present = np.unique(data.y)
    estimator.numbers, estimator.marks = kinds_of(data.x)
    estimator.gaussian = None
    if len(estimator.numbers):
        estimator.gaussian = GaussianNB(var_smoothing=estimator.params["var_smoothing"])
        estimator.gaussian.fit(_dense(data.x, estimator.numbers), data.y, weight)
    # fitted without marks too: the shares of the classes are its
    estimator.bernoulli = BernoulliNB(alpha=estimator.params["alpha"], binarize=0.0)
    estimator.bernoulli.fit(_marks(data.x, estimator.marks), data.y, weight)


def _dense(x: Any, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    import numpy as np

    part = x[:, columns]
    return np.asarray(part if isinstance(part, np.ndarray) else part.toarray(), dtype=np.float64)


def _marks(x: Any, columns: NDArray[np.int64]) -> Any:
    """Return the columns of marks; one of zeros where there are none, as the library needs one."""
    import numpy as np

    return x[:, columns] if len(columns) else np.zeros((x.shape[0], 1), dtype=np.float32)


def _joint(estimator: Estimator, x: Any) -> NDArray[np.float64]:
    """Return (n_rows, n_classes) logarithms of the joint density of row and class, by the library."""
    import numpy as np

    joint = np.asarray(estimator.bernoulli.predict_joint_log_proba(_marks(x, estimator.marks)), dtype=np.float64)
    if estimator.gaussian is not None:
        joint += estimator.gaussian.predict_joint_log_proba(_dense(x, estimator.numbers)) - np.log(estimator.gaussian.class_prior_)
    return joint


def export(estimator: Estimator, context: Context) -> Form:
    """Return means and inverse variances of the numbers, weights of the marks, and the constant of each class."""
    import numpy as np

    from automl.inference.forms import Form

    bernoulli, gaussian, slope = estimator.bernoulli, estimator.gaussian, estimator.calibration.slope
    absent = np.log1p(-np.exp(bernoulli.feature_log_prob_))
    constant = bernoulli.class_log_prior_ + absent.sum(axis=1)
    n_classes = len(estimator.present)
    means, precision = np.zeros((n_classes, 0)), np.zeros((n_classes, 0))
    if gaussian is not None:
        means, precision = gaussian.theta_, 1.0 / gaussian.var_
        constant = constant - np.log(2 * np.pi * gaussian.var_).sum(axis=1) / 2
    weights = (bernoulli.feature_log_prob_ - absent).T if len(estimator.marks) else np.zeros((0, n_classes))
    bias = estimator.calibration.margins(constant)
    arrays = {
        "numbers": estimator.numbers.astype(np.int32), "marks": estimator.marks.astype(np.int32), "means": means, "precision": slope * precision,
        "weights": np.ascontiguousarray(slope * (weights - weights.mean(axis=1, keepdims=True))), "bias": bias - bias.mean(),
    }  # fmt: skip
    return Form("naive_bayes", {"n_outputs": context.n_outputs, "present": estimator.present.tolist()}, arrays)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the calibrated probabilities of the library's two models."""
    from scipy.special import softmax

    margin = estimator.calibration.margins(_joint(estimator, x))
    return all_classes(softmax(margin, axis=1), estimator.present, estimator.context.n_outputs)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit, which is a few passes over the matrix."""
    return 0.03 + (6e-8 + 1e-8 * context.n_outputs) * context.n_rows * context.n_columns + 1e-5 * context.n_rows * context.text


def memory(context: Context) -> float:
    """Return the MB beside the matrix: its numbers once more in float64, one class at a time."""
    return 5 + 24e-6 * context.n_rows * context.n_columns + 2e-3 * context.n_rows * context.text


FAMILY = Family(
    name="naive_bayes",
    summary="Each column tells of the class by itself: numbers by a bell curve, words and levels by whether they are there.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, terms=20_000, sparse=True),
    scheme="tables",
    cost=cost,
    memory=memory,
    interruptible=False,
    calibrates=True,
    interpretable={},
)

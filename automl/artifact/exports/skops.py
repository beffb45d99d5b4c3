"""Linear models as scikit-learn's logistic regression in a skops file, which can be read without trusting whoever wrote it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.artifact.exports.gate import Exported, needs, no_way
from automl.artifact.load import Predictor
from automl.inference.forms import Form, widen


def export(predictor: Predictor, model: Form) -> Exported:
    """Return the skops file of a linear model. Raises UsageError for other models, MissingPackageError without skops."""
    estimator = estimator_of(predictor, model)
    try:
        from skops.io import dumps, loads
    except ImportError as fault:
        raise needs("skops", "skops") from fault
    content: bytes = dumps(estimator)
    again = loads(content)

    def answer(matrix: Any) -> NDArray[Any]:
        found: NDArray[Any] = again.predict_proba(matrix)
        return found

    return Exported(content, "it takes the features as numbers, not the table; `skops.io.load` reads it", answer)


def estimator_of(predictor: Predictor, model: Form) -> Any:
    """Return the model as a fitted LogisticRegression. Raises UsageError where it is none."""
    if model.kind != "linear":
        raise no_way("skops", f"its kind is `{model.kind}`, and only linear models can be put together again as an estimator of scikit-learn")
    if not predictor.decision.plain or predictor.decision.calibrates:
        raise no_way("skops", "its probabilities are calibrated, or its threshold is not that of the most probable class; the estimator has no place for that")
    from sklearn.linear_model import LogisticRegression

    weights, bias = widen(model.arrays, "weights", np.float64), widen(model.arrays, "bias", np.float64)
    if weights.shape[1] == 2:
        weights, bias = weights[:, 1:] - weights[:, :1], bias[1:] - bias[:1]
    estimator = LogisticRegression()
    estimator.coef_, estimator.intercept_ = np.ascontiguousarray(weights.T), bias
    estimator.classes_, estimator.n_features_in_ = np.array(predictor.classes_), len(weights)
    estimator.n_iter_ = np.array([0])
    return estimator

"""Logistic regression with an L2 penalty: the simplest good model, and the first to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Float, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

NEVER = -30.0  # margin of a class that a fit did not see


def space(context: Context) -> Space:
    """Return the options; text needs a weaker penalty, as its rows are normed."""
    return Space({"C": Float(1e-3, 1e3, 10.0 if context.text else 1.0, log=True)})


def build(params: Params, context: Context) -> Estimator:
    """Return an unfitted estimator."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=params["C"], max_iter=300, tol=1e-4, random_state=context.seed)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit; too short for a clock of its own, the worker's deadline stands behind it."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 300 steps are enough to rank candidates
        return estimator.fit(data.x, data.y)


def export(estimator: Estimator, context: Context) -> Form:
    """Return weights (n_features, n_margins) and bias; two classes need one margin."""
    import numpy as np

    from automl.inference.forms import Form

    weights = estimator.coef_.T.astype(np.float32)
    bias = estimator.intercept_.astype(np.float32)
    present = estimator.classes_.astype(np.int64)
    if context.n_outputs > 2:
        if len(present) == 2:  # one margin for two classes: spread it over both
            weights, bias = np.concatenate([-weights / 2, weights / 2], axis=1), np.concatenate([-bias / 2, bias / 2])
        wide = np.zeros((weights.shape[0], context.n_outputs), dtype=np.float32)
        wide[:, present] = weights
        full = np.full(context.n_outputs, NEVER, dtype=np.float32)
        full[present] = bias
        weights, bias = wide, full
    return Form("linear", {"n_outputs": context.n_outputs}, {"weights": np.ascontiguousarray(weights), "bias": bias})


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities."""
    return all_classes(estimator.predict_proba(x), estimator.classes_, int(estimator.classes_.max()) + 1)


def explain(estimator: Estimator) -> NDArray[np.float64]:
    """Return the mean absolute weight of each feature."""
    import numpy as np

    return np.asarray(np.abs(estimator.coef_).mean(axis=0), dtype=np.float64)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (0.1 s for 26,000 rows and 14 columns on one core of a server of 2024)."""
    return 0.03 + 2.5e-7 * context.n_rows * context.n_columns * max(1, context.n_outputs - 1) + 3e-5 * context.n_rows * context.text


FAMILY = Family(
    name="logistic_regression",
    summary="A weighted sum of the features through the logistic function.",
    tasks=frozenset({"classification"}),
    space=space,
    build=build,
    fit=fit,
    export=export,
    predict=predict,
    needs=Needs(scaled=True, terms=20_000, sparse=True),
    scheme="linear",
    explain=explain,
    cost=cost,
)

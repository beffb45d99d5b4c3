"""Logistic regression with an L2, L1 or mixed penalty: the simplest good model, and the first to finish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import ENCODE, Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Choice, Float, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

STEPS = 300  # gradients of L-BFGS, or passes of saga over a small table, at most
LEAST_PASSES, MOST_ROWS_SEEN = 30, 1_000_000  # of saga over a long table; on 39,000 rows 20 passes score as 100 do, on 700 rows they do not
SHARE = 12  # parts that a fit short of time is cut into, each followed by a look at the clock
SLACK = 5.0  # a fit that should take less than a fifth of the time left is not cut


def space(context: Context) -> Space:
    """Return the options; text needs a weaker penalty, as its rows are normed.

    The range of C is that of scikit-learn's LogisticRegressionCV rounded inwards by one power of ten on either side; the mix
    is the L1 part of an elastic net (Zou and Hastie 2005, Regularization and variable selection via the elastic net).
    Categories stand one-hot, or as the shares of the classes in each level, from inner folds: on ten tables that saved up to a fifth
    of the log loss, cost 4 % on one, and did not help trees (benchmarks/representations.py), so it is for the search to find out.
    """
    mixed = Space({"l1_ratio": Float(0.05, 0.95, 0.5)})
    return Space({
        "C": Float(1e-3, 1e3, 10.0 if context.text else 1.0, log=True),
        "penalty": Choice({"l2": Space(), "l1": Space(), "elastic_net": mixed}, "l2"),
        ENCODE: Choice.of("auto", "target") if context.categories else Choice.of("auto"),
    })  # fmt: skip


def build(params: Params, context: Context) -> Estimator:
    """Return an unfitted estimator; L1 needs the slower solver saga (Defazio, Bach and Lacoste-Julien 2014)."""
    from sklearn.linear_model import LogisticRegression

    penalty = params.get("penalty", "l2")
    if penalty == "l2":
        return LogisticRegression(C=params["C"], max_iter=STEPS, tol=1e-4, random_state=context.seed)
    ratio = 1.0 if penalty == "l1" else params["penalty.elastic_net.l1_ratio"]
    return LogisticRegression(C=params["C"], l1_ratio=ratio, solver="saga", max_iter=STEPS, tol=1e-3, random_state=context.seed)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit in one go where there is time for it, else some steps at a time until it converges or time is out.

    Cut into parts, the L-BFGS solver forgets its curvature between them, so a fit that has the time is not cut.
    """
    import time
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning

    classes = np.unique(data.y)
    if len(classes) == 1:  # the library refuses it
        estimator.classes_, estimator.coef_, estimator.intercept_ = classes, np.zeros((1, data.x.shape[1])), np.zeros(1)
        return estimator
    dense = isinstance(data.x, np.ndarray)
    expected = _seconds(len(data.y), data.x.size if dense else data.x.nnz, len(classes), estimator.solver, not dense)
    parts = 1 if SLACK * expected < progress.deadline - time.monotonic() else SHARE
    steps = STEPS if estimator.solver == "lbfgs" else _passes(len(data.y))
    estimator.set_params(max_iter=max(1, steps // parts), warm_start=parts > 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the steps are enough to rank candidates
        for _ in range(parts):
            estimator.fit(data.x, data.y, sample_weight=data.weight)
            if progress.expired() or estimator.n_iter_.max() < estimator.max_iter:
                break
    return estimator


def export(estimator: Estimator, context: Context) -> Form:
    """Return weights (n_features, n_margins) and bias; two classes need one margin."""
    from automl.families.linear_forms import linear_form

    return linear_form(estimator.coef_.T, estimator.intercept_, estimator.classes_, context.n_outputs)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the library's own probabilities."""
    from automl.families.linear_forms import lone

    n_outputs = int(estimator.classes_.max()) + 1
    if len(estimator.classes_) == 1:
        return lone(n_outputs - 1, x.shape[0], n_outputs)
    return all_classes(estimator.predict_proba(x), estimator.classes_, n_outputs)


def explain(estimator: Estimator) -> NDArray[np.float64]:
    """Return the mean absolute weight of each feature."""
    import numpy as np

    return np.asarray(np.abs(estimator.coef_).mean(axis=0), dtype=np.float64)


def _passes(n_rows: int) -> int:
    """Return the most passes of saga: it takes a step for each row, so long tables need fewer."""
    return max(LEAST_PASSES, min(STEPS, MOST_ROWS_SEEN // max(1, n_rows)))


def _seconds(n_rows: int, cells: float, n_classes: int, solver: str, sparse: bool) -> float:
    """Return rough seconds for a matrix of so many cells that are not zero (L-BFGS 0.2 s, saga 1.5 s for 39,000 rows and 112 columns)."""
    margins = max(1, n_classes - 1)
    if solver == "lbfgs":
        return 0.03 + 5e-8 * cells * margins
    return 0.03 + _passes(n_rows) * (1e-8 * cells * margins + 7e-6 * n_rows * sparse)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit (0.1 s for 26,000 rows and 14 columns on one core of a server of 2024); a column makes five of the matrix."""
    solver = "lbfgs" if params.get("penalty", "l2") == "l2" else "saga"
    cells = context.n_rows * (5 * context.n_columns + 100 * context.text)
    return _seconds(context.n_rows, cells, context.n_outputs, solver, context.text)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: margins and gradients of each row and class, in float64."""
    return 5 + 32e-6 * context.n_rows * context.n_outputs


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
    memory=memory,
    interpretable={},
)

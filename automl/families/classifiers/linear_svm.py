"""A linear support vector machine with the squared hinge loss, its probabilities fitted on rows held back (Platt 1999)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Float, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

STEPS = 300


def space(context: Context) -> Space:
    """Return the options: the grid of Hsu, Chang and Lin (2003, A practical guide to support vector classification), without its dear upper end."""
    return Space({"C": Float(1e-4, 1e2, 1.0 if context.text else 0.3, log=True)})


class LinearMachine:
    """Options, and after the fit calibrated weights (n_features, n_classes) and bias of the classes `present`."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.present: Any = None
        self.weights: Any = None
        self.bias: Any = None


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return LinearMachine(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit until it converges or time is out, calibrate on the rows held back, and go on from there with all rows.

    The calibration is a change of weights and bias.
    """
    import numpy as np

    from automl.families.calibrate import both, calibrate, joined, rows_to_calibrate
    from automl.families.squared_hinge import fit_squared_hinge

    present = estimator.present = np.unique(data.y)
    estimator.weights, estimator.bias = np.zeros((data.x.shape[1], len(present))), np.zeros(len(present))
    if len(present) == 1:
        return estimator
    C = estimator.params["C"]
    table = fit_squared_hinge(data.x, np.searchsorted(present, data.y), data.weight, len(present), C, STEPS, progress.expired)
    x, held, weight = rows_to_calibrate(data, present)
    found = calibrate(both(np.asarray(x @ table[:-1]) + table[-1]), held, weight)
    every = joined(data, present)
    if every is not None and not progress.expired():
        table = fit_squared_hinge(every.x, np.searchsorted(present, every.y), every.weight, len(present), C, STEPS, progress.expired, table)
    margins = both(table)
    estimator.weights, estimator.bias = found.slope * margins[:-1], found.margins(margins[-1])
    return estimator


def export(estimator: Estimator, context: Context) -> Form:
    """Return weights (n_features, n_margins) and bias; two classes need one margin."""
    from automl.families.linear_forms import linear_form

    return linear_form(estimator.weights, estimator.bias, estimator.present, context.n_outputs)


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the probabilities in double precision."""
    import numpy as np
    from scipy.special import softmax

    margin = np.asarray(x @ estimator.weights) + estimator.bias
    return all_classes(softmax(margin, axis=1), estimator.present, estimator.context.n_outputs)


def explain(estimator: Estimator) -> NDArray[np.float64]:
    """Return the mean absolute weight of each feature."""
    import numpy as np

    return np.asarray(np.abs(estimator.weights).mean(axis=1), dtype=np.float64)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit; a weak penalty takes more steps."""
    return 0.03 + 2.5e-7 * context.n_rows * context.n_columns * max(1, context.n_outputs - 1) + 3e-5 * context.n_rows * context.text


def memory(context: Context) -> float:
    """Return the MB beside the matrix: margins and gradients of each row and class in float64, and the transpose of sparse words."""
    return 5 + 48e-6 * context.n_rows * context.n_outputs + 8e-4 * context.n_rows * context.text


FAMILY = Family(
    name="linear_svm",
    summary="A weighted sum of the features, with the widest margin between the classes.",
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
    calibrates=True,
)

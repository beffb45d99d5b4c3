"""A support vector machine with a kernel (Cortes and Vapnik 1995), its probabilities fitted on rows held back (Platt 1999)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from automl.families.base import Context, Estimator, Family, FitData, Needs, Progress, all_classes
from automl.families.space import Choice, Float, Int, Params, Space

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from automl.inference.forms import Form

MOST_ROWS = 6_000  # that it learns from: time and support vectors grow faster than the rows
FIRST_ROWS = 1_000  # of a first fit, which tells how many rows there is time for
ALL_ROWS = 2_000  # up to which it learns once more from all rows, those too that it was calibrated on
GROWTH = 2.2  # power of the rows that a fit's time grows with, measured between 1,000 and 6,000
TERMS = 100


def space(context: Context) -> Space:
    """Return the options: C around scikit-learn's 1, gamma as a multiple of its "scale"; two thirds of the grid of Hsu, Chang and Lin (2003)."""
    poly = Space({"degree": Int(2, 4, 3), "gamma": Float(0.1, 10.0, 1.0, log=True), "coef0": Float(0.0, 2.0, 1.0)})
    return Space({
        "C": Float(1e-2, 1e3, 3.0, log=True),
        "kernel": Choice({"rbf": Space({"gamma": Float(0.02, 20.0, 1.0, log=True)}), "poly": poly}, "rbf"),
    })  # fmt: skip


class Machine:
    """Options, and after the fit the library's machine, the classes it saw and a calibration."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.present: Any = None
        self.machine: Any = None
        self.calibration: Any = None
        self.n_rows = 0


def build(params: Params, context: Context) -> Estimator:
    """Return unfitted options."""
    return Machine(params, context)


def fit(estimator: Estimator, data: FitData, progress: Progress) -> Estimator:
    """Fit on at most 6,000 rows, a stratified sample, and on fewer where a first fit says that time is short; then calibrate.

    Of a small table every row counts: it then learns once more from those held back too.
    """
    import time

    import numpy as np

    from automl.families.calibrate import calibrate, joined, rows_to_calibrate
    from automl.families.thin import thin

    estimator.present = np.unique(data.y)
    if len(estimator.present) == 1:
        return estimator
    rows = thin(data.y, MOST_ROWS, estimator.context.seed)
    left = progress.deadline - time.monotonic()
    if len(rows) > FIRST_ROWS and left < np.inf:
        began = time.monotonic()
        first = rows[thin(data.y[rows], FIRST_ROWS, estimator.context.seed)]
        _fit_rows(estimator, data, first)
        took = max(time.monotonic() - began, 1e-3)
        # a third of what is left: the growth is a guess, and the margins of the rows held back take time too
        most = int(len(first) * (max(0.0, progress.deadline - time.monotonic()) / 3 / took) ** (1 / GROWTH))
        rows = rows if most >= len(rows) else rows[thin(data.y[rows], most, estimator.context.seed)] if most > 1.2 * len(first) else first[:0]
    if len(rows):
        _fit_rows(estimator, data, rows)
    x, held, weight = rows_to_calibrate(data, estimator.present)
    if len(held) > MOST_ROWS:
        some = thin(held, MOST_ROWS, estimator.context.seed)
        x, held, weight = x[some], held[some], weight[some]
    estimator.calibration = calibrate(_margins(estimator, x), held, weight)
    every = joined(data, estimator.present)
    if every is not None and len(every.y) <= ALL_ROWS and not progress.expired():
        _fit_rows(estimator, every, np.arange(len(every.y)))
    return estimator


def _fit_rows(estimator: Estimator, data: FitData, rows: NDArray[np.int64]) -> None:
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import SVC

    params, x = estimator.params, data.x[rows]
    kernel = params["kernel"]
    own = {name: params[f"kernel.poly.{name}"] for name in ("degree", "coef0")} if kernel == "poly" else {}
    gamma = params[f"kernel.{kernel}.gamma"] / max(x.shape[1] * float(x.var(dtype="float64")), 1e-12)  # times the library's "scale"
    steps = 200 * len(rows)  # hard cases end with what they have
    machine = SVC(C=params["C"], kernel=kernel, gamma=gamma, cache_size=200, max_iter=steps, decision_function_shape="ovo", **own)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine.fit(x, data.y[rows], None if data.weight is None else data.weight[rows])
    estimator.machine, estimator.n_rows = machine, len(rows)


def _margins(estimator: Estimator, x: Any) -> NDArray[np.float64]:
    """Return (n_rows, n_classes) the mean of a class's margins against each other class, by the library.

    With the logistic function on each pair these are the strengths of a Bradley-Terry model by least squares in the logits
    (Hastie and Tibshirani 1998, Classification by pairwise coupling, couples the pairs by likelihood), and softmax gives
    its probabilities.
    """
    import numpy as np

    pairs = np.asarray(estimator.machine.decision_function(x), dtype=np.float64)
    n_classes = len(estimator.present)
    if n_classes == 2:
        return np.stack([-pairs, pairs], axis=1) / 2
    return pairs @ _pairs_to_classes(n_classes)


def _pairs_to_classes(n_classes: int) -> NDArray[np.float64]:
    """Return (n_pairs, n_classes): the margin of a pair speaks for its first class and against its second."""
    import numpy as np

    first, second = np.triu_indices(n_classes, 1)
    out = np.zeros((len(first), n_classes))
    out[np.arange(len(first)), first], out[np.arange(len(first)), second] = 1.0 / n_classes, -1.0 / n_classes
    return out


def export(estimator: Estimator, context: Context) -> Form:
    """Return support vectors (n_support, n_features), their weights in the margin of each class (n_support, n_classes), and bias."""
    import numpy as np

    from automl.inference.forms import Form

    present = estimator.present.tolist()
    if len(present) == 1:
        return Form("constant", {"n_outputs": context.n_outputs}, {"output": np.eye(context.n_outputs, dtype=np.float32)[present[0]]})
    machine, n_classes = estimator.machine, len(present)
    dual, bias = _by_class(machine, n_classes)
    calibration = estimator.calibration
    config: dict[str, Any] = {"n_outputs": context.n_outputs, "present": present, "kernel": machine.kernel, "gamma": float(machine.gamma)}
    if machine.kernel == "poly":
        config |= {"degree": int(machine.degree), "coef0": float(machine.coef0)}
    arrays = {"support": machine.support_vectors_.astype(np.float32), "dual": calibration.slope * dual, "bias": calibration.margins(bias)}
    return Form("kernel", config, arrays)


def _by_class(machine: Any, n_classes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (n_support, n_classes) and bias (n_classes,): pairs are linear in the kernel, and so are their means.

    The library keeps, for each support vector of class k, its weights against the other classes in order.
    """
    import numpy as np

    coefficients, offsets = machine.dual_coef_, machine.intercept_
    if n_classes == 2:
        dual = np.stack([-coefficients[0], coefficients[0]], axis=1) / 2
        return dual, np.array([-offsets[0], offsets[0]]) / 2
    owner = np.repeat(np.arange(n_classes), machine.n_support_)
    first, second = np.triu_indices(n_classes, 1)
    pairs = np.zeros((len(owner), len(first)))
    for at, (i, j) in enumerate(zip(first, second, strict=True)):
        pairs[owner == i, at] = coefficients[j - 1, owner == i]
        pairs[owner == j, at] = coefficients[i, owner == j]
    shares = _pairs_to_classes(n_classes)
    return pairs @ shares, offsets @ shares


def predict(estimator: Estimator, x: Any) -> NDArray[np.float32]:
    """Return the calibrated probabilities of the library's margins."""
    from scipy.special import softmax

    from automl.families.linear_forms import lone

    if len(estimator.present) == 1:
        return lone(int(estimator.present[0]), x.shape[0], estimator.context.n_outputs)
    margin = estimator.calibration.margins(_margins(estimator, x))
    return all_classes(softmax(margin, axis=1), estimator.present, estimator.context.n_outputs)


def cost(context: Context, params: Params) -> float:
    """Return rough seconds of a fit: rows^2 * columns up to 6,000 rows, then constant; a large C takes longer (measured at 3 and 100)."""
    rows, width = min(context.n_rows, MOST_ROWS), context.n_columns + TERMS * context.text
    harder: float = max(1.0, params.get("C", 1.0) / 3) ** 0.3
    return 0.05 + 6e-10 * rows**2 * (width + 20) * harder * (0.8 + 0.1 * context.n_outputs)


def memory(context: Context) -> float:
    """Return the MB beside the matrix: the kernel's cache, and the rows it learns from in float64."""
    rows, width = min(context.n_rows, MOST_ROWS), context.n_columns + TERMS * context.text
    return 10 + min(200.0, 8e-6 * rows**2) + 24e-6 * rows * width


FAMILY = Family(
    name="svm",
    summary="Compares a row with the training rows along the border between the classes (with at most 6,000 of them).",
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
    calibrates=True,
)

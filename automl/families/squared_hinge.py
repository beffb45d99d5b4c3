"""Linear support vector machines with the squared hinge loss, one class against the rest, all at once by L-BFGS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fit_squared_hinge(
    x: Any, y: NDArray[np.int64], weight: NDArray[Any] | None, n_classes: int, C: float, steps: int, expired: Callable[[], bool], start: Floats | None = None
) -> Floats:
    """Return (n_features + 1, n_margins) weights, the bias last: one margin, of class 1, for two classes; `start` is where to begin.

    Minimises 1/2 |w|^2 + C sum_i s_i max(0, 1 - t_i f_i)^2 for each margin, with t_i = 1 in its class and -1 elsewhere: the
    L2-loss machine of liblinear (Fan et al. 2008, JMLR 9: 1871-1874, equation 2), but its bias is not penalised. The loss is
    smooth, so that L-BFGS serves, which can stop at a deadline. x is dense or CSR, y (n_rows,) are positions of classes.
    """
    from scipy.optimize import minimize

    n_margins = 1 if n_classes == 2 else n_classes
    sign = np.where(y[:, None] == (np.array([1]) if n_classes == 2 else np.arange(n_classes)), 1.0, -1.0)
    share = (np.ones(len(y)) if weight is None else weight.astype(np.float64)) / len(y)
    n_features, decay = x.shape[1], 1.0 / (C * len(y))
    transposed = x.T.tocsr() if hasattr(x, "tocsr") else x.T

    def loss(flat: Floats) -> tuple[float, Floats]:
        table = flat.reshape(n_features + 1, n_margins)
        weights = table[:-1]
        margin = np.asarray(x @ weights.astype(np.float32), dtype=np.float64) + table[-1]
        short = np.maximum(0.0, 1.0 - sign * margin)
        pull = -2.0 * share[:, None] * sign * short
        gradient = np.empty_like(table)
        gradient[:-1] = np.asarray(transposed @ pull.astype(np.float32), dtype=np.float64) + decay * weights
        gradient[-1] = pull.sum(axis=0)
        return float((share[:, None] * short**2).sum() + decay / 2 * (weights**2).sum()), gradient.ravel()

    def look(_: Floats) -> None:
        if expired():
            raise StopIteration

    # single-precision products bring the gradient to about 1e-6 of its start; more steps would chase rounding
    options = {"maxiter": steps, "gtol": 1e-5, "ftol": 1e-9}
    first = np.zeros((n_features + 1) * n_margins) if start is None else start.ravel()
    found: Floats = minimize(loss, first, jac=True, method="L-BFGS-B", callback=look, options=options).x
    return found.reshape(n_features + 1, n_margins)

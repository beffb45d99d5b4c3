"""Naive Bayes: Gaussian columns and columns that are there or not, dense or sparse, in double precision."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, spread, widen

CELLS = 1 << 20  # of a block: rows by the columns that it holds densely


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of a form.

    Arrays: `numbers`, `marks` (positions of columns), `means`, `precision` (n_classes, n_numbers), `weights` (n_marks,
    n_classes) and `bias` (n_classes,); config `present` has the codes of the classes. Their margins are bias - 1/2 sum
    precision (x - mean)^2 + the weights of the marks that are there.
    """
    arrays = form.arrays
    numbers, marks = arrays["numbers"].astype(np.int64), arrays["marks"].astype(np.int64)
    means, precision, weights, bias = (widen(arrays, name, np.float64) for name in ("means", "precision", "weights", "bias"))
    present, n_outputs = form.config["present"], form.config["n_outputs"]

    def block(x: Any) -> NDArray[np.float32]:
        dense = isinstance(x, np.ndarray)
        margin = np.repeat(bias[None, :], x.shape[0], axis=0)
        if len(numbers):
            part = x[:, numbers]
            values = np.asarray(part if dense else part.toarray(), dtype=np.float64)
            for k in range(len(bias)):
                far = values - means[k]
                far *= far
                margin[:, k] -= far @ precision[k] / 2
        if len(marks):
            margin += np.asarray((x[:, marks] > 0).astype(np.float64) @ weights)
        return spread(margin, present, n_outputs)

    def predict(x: Any) -> NDArray[np.float32]:
        rows = max(1, CELLS // max(1, len(numbers) + len(marks) * isinstance(x, np.ndarray)))
        return np.concatenate([block(x[start : start + rows]) for start in range(0, max(1, x.shape[0]), rows)])

    return predict

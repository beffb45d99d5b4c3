"""Gaussian classes of any shape: the squared length of each row as a class whitens it, in double precision."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, spread

BLOCK = 1024  # rows


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `means` (n_classes, n_features), `whiten` (n_classes, n_features * (n_features + 1) / 2) and `bias` (n_classes,).

    A row of `whiten` is the lower triangle of a matrix, row after row; whole numbers have `whiten.scale` (n_classes, n_features), one for
    each row of each triangle. The margin of a class is `slope` * -1/2 |whiten (x -
    mean)|^2 + bias; config `present` has the codes of the classes.
    """
    means, bias = form.arrays["means"].astype(np.float64), form.arrays["bias"].astype(np.float64)
    n_classes, n_features = means.shape
    whiten = np.zeros((n_classes, n_features, n_features))
    rows, columns = np.tril_indices(n_features)
    whiten[:, columns, rows] = form.arrays["whiten"]  # transposed, as rows of x stand on the left
    if "whiten.scale" in form.arrays:
        whiten *= form.arrays["whiten.scale"].astype(np.float64)[:, None, :]
    slope, present, n_outputs = float(form.config["slope"]), form.config["present"], form.config["n_outputs"]

    def block(x: NDArray[np.float32]) -> NDArray[np.float32]:
        margin = np.empty((len(x), n_classes))
        for k in range(n_classes):
            white = (x - means[k]) @ whiten[k]
            margin[:, k] = bias[k] - slope / 2 * np.einsum("ij,ij->i", white, white)
        return spread(margin, present, n_outputs)

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([block(x[start : start + BLOCK]) for start in range(0, max(1, x.shape[0]), BLOCK)])

    return predict

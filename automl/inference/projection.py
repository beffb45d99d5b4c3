"""Linear coordinates: one product with the weights, and where there is one, the way back."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

BLOCK = 8192  # rows


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `weights` (n_features, m) and `bias` (m,)."""
    weights, bias = widen(form.arrays, "weights"), widen(form.arrays, "bias")
    return lambda x: np.asarray(x @ weights, np.float32) + bias


def inverse(form: Form) -> Callable[[NDArray[np.float32]], NDArray[np.float32]] | None:
    """Return the way back of arrays `inverse` (m, n_features) and `centre` (n_features,); None where the form has none."""
    if "inverse" not in form.arrays:
        return None
    weights, centre = widen(form.arrays, "inverse"), widen(form.arrays, "centre")
    return lambda z: np.asarray(z @ weights + centre, np.float32)

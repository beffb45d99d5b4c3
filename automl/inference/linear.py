"""Linear models: one product with the weights, dense or sparse, then the link."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, softmax, widen


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `weights` (n_features, n_margins) and `bias` (n_margins,)."""
    weights, bias = widen(form.arrays, "weights"), widen(form.arrays, "bias")
    return lambda x: softmax(np.asarray(x @ weights) + bias)

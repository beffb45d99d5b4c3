"""Predicts the same probabilities for every row: the baseline each model must beat."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of a form with array `output` (n_outputs,)."""
    output = widen(form.arrays, "output")
    return lambda x: np.repeat(output[None, :], x.shape[0], axis=0)

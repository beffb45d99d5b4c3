"""The way back from coordinates to columns, for forms that know it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from automl.inference import encoder, nonnegative, projection
from automl.inference.forms import Form

Back = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def reconstructor(form: Form) -> Back | None:
    """Return the function from coordinates (n_rows, m) to columns (n_rows, n_features), or None where a form has none."""
    if form.kind == "projection":
        return projection.inverse(form)
    if form.kind == "encoder" and "decoder.linear" in form.arrays:
        return encoder.inverse(form)
    return nonnegative.inverse(form) if form.kind == "nonnegative" else None

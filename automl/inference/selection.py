"""Some of the columns, as they are."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of the array `columns` (m,), positions in the matrix."""
    columns = form.arrays["columns"].astype(np.int64)
    return lambda x: np.ascontiguousarray(np.asarray(x)[:, columns], dtype=np.float32)

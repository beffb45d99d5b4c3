"""Coordinates that a model of clusters measures distances in: the features themselves, or some directions of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

Project = Callable[[Any], NDArray[np.float64]]


def projected(form: Form, mean: NDArray[Any], axes: NDArray[Any]) -> Form:
    """Return a form, made for (x - mean) @ axes, as one that takes x: mean (n_features,), axes (n_features, m)."""
    arrays = {**form.arrays, "project.mean": np.asarray(mean, np.float32), "project.axes": np.ascontiguousarray(axes, np.float32)}
    return form.with_arrays(arrays)


def projection(form: Form) -> Project:
    """Return what takes features (n_rows, n_features) to the coordinates of a form, in double precision; the identity where it has no axes."""
    if "project.axes" not in form.arrays:
        return lambda x: np.asarray(x, dtype=np.float64)
    mean, axes = widen(form.arrays, "project.mean").astype(np.float64), widen(form.arrays, "project.axes").astype(np.float64)
    return lambda x: (np.asarray(x, dtype=np.float64) - mean) @ axes

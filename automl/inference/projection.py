"""Linear coordinates: one product with the weights, and where there is one, the way back; and what clusters are measured in: columns bent, then directions."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.bending import bending
from automl.inference.forms import Form, widen

BLOCK = 8192  # rows
Project = Callable[[Any], NDArray[np.float64]]


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


def projected(form: Form, mean: NDArray[Any], axes: NDArray[Any]) -> Form:
    """Return a form, made for (x - mean) @ axes, as one that takes x: mean (n_features,), axes (n_features, m)."""
    arrays = {**form.arrays, "project.mean": np.asarray(mean, np.float32), "project.axes": np.ascontiguousarray(axes, np.float32)}
    return form.with_arrays(arrays)


def projection(form: Form) -> Project:
    """Return what takes features (n_rows, n_features) to the coordinates of a form, in double precision: bent, then along its axes, if it has any."""
    straight = bending(form)
    if "project.axes" not in form.arrays:
        return straight
    mean, axes = widen(form.arrays, "project.mean").astype(np.float64), widen(form.arrays, "project.axes").astype(np.float64)
    return lambda x: (straight(x) - mean) @ axes

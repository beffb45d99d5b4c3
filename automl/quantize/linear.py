"""Weights of linear models: halves, or 8 bits with one scale per output; the bias stays wide, it is a few bytes."""

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form


def eight_bits(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (n_in, n_out) whole numbers within -127 and 127 and (n_out,) scales: symmetric, one scale per output."""
    scale = np.abs(weights).max(axis=0) / 127.0 if weights.size else np.ones(weights.shape[1], np.float32)
    scale = np.where(scale > 0, scale, 1.0).astype(np.float32)
    return np.clip(np.rint(weights / scale), -127, 127).astype(np.int8), scale


def store(form: Form, precision: str) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words."""
    if precision == "float32":
        return form, "float32 weights"
    if precision == "float16":
        return form.with_arrays({**form.arrays, "weights": form.arrays["weights"].astype(np.float16)}), "float16 weights"
    weights, scale = eight_bits(form.arrays["weights"])
    return form.with_arrays({**form.arrays, "weights": weights, "weights.scale": scale}), "8-bit weights, a scale per output; computed in float32"

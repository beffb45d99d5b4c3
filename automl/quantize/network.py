"""Weights of networks: halves, or 8 bits with one scale per unit; biases are halves then, sums stay in float32."""

import numpy as np

from automl.inference.forms import Arrays, Form
from automl.quantize.linear import eight_bits


def store(form: Form, precision: str) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words."""
    if precision == "float32":
        return form, "float32 weights"
    arrays: Arrays = {**form.arrays, "bias": form.arrays["bias"].astype(np.float16)}
    scales = []
    for i in range(form.config["layers"]):
        weights = form.arrays[f"weights.{i}"]
        if precision == "int8":
            arrays[f"weights.{i}"], scale = eight_bits(weights)
            scales.append(scale)
        else:
            arrays[f"weights.{i}"] = weights.astype(np.float16)
    if scales:
        scale = np.concatenate(scales)
        # a scale that would underflow as a half is kept wide; it is one number per unit
        arrays["scale"] = scale.astype(np.float16) if (scale > 1e-4).all() and (scale < 6e4).all() else scale
    words = "8-bit weights, a scale per unit; computed in float32" if precision == "int8" else "float16 weights; computed in float32"
    return form.with_arrays(arrays), words

"""Weights of networks: halves, or 8 bits with one scale per unit; biases are halves then, sums stay in float32."""

import numpy as np

from automl.inference.forms import Arrays, Form
from automl.quantize.linear import eight_bits


def store(form: Form, precision: str) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words."""
    if precision == "float32":
        return form, "float32 weights"
    arrays: Arrays = {}
    for name, array in form.arrays.items():
        if name.startswith("weights.") and precision == "int8":
            arrays[name], scale = eight_bits(array)
            # a scale that would underflow as a half is kept wide; it is one number per unit
            arrays[f"{name}.scale"] = scale.astype(np.float16) if (scale > 1e-4).all() and (scale < 6e4).all() else scale
        else:
            arrays[name] = array.astype(np.float16)
    words = "8-bit weights, a scale per unit; computed in float32" if precision == "int8" else "float16 weights; computed in float32"
    return form.with_arrays(arrays), words

"""Weights of networks: halves, or 8 bits with one scale per unit; biases are halves then. Where all are bytes, so is what they are multiplied with."""

import numpy as np

from automl.inference.forms import Arrays, Form
from automl.inference.network_bytes import MOST_INPUTS
from automl.quantize import tune
from automl.quantize.calibration import Rows, dense
from automl.quantize.rounding import eight_bits, halves, looking_at, scales

STEPS = ("", "rounded to suit rows of the training data", "first and last layer as halves")
TUNED = "fine-tuned to answer as at float32"


def store(form: Form, precision: str, step: int = 0, rows: Rows = None, seconds: float = 0.0) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words; `step` as in STEPS, each with what those before it do.

    With rows, each layer is rounded for what comes out of those before it, which are rounded already; with `seconds` beside them, the
    stored network is fine-tuned for so long at most.
    """
    if precision == "float32":
        return form, "float32 weights"
    layers = int(form.config["layers"])
    if precision == "float16":
        narrow = {f"weights.{i}": halves(form.arrays[f"weights.{i}"]) for i in range(layers)}
        return form.with_arrays({**form.arrays, **narrow, "bias": halves(form.arrays["bias"])}), "float16 weights; computed in float32"
    arrays: Arrays = {**form.arrays, "bias": halves(form.arrays["bias"])}
    kept = {0, layers - 1} if step > 1 else set()
    x = given = dense(rows) if step and rows is not None else None
    biases = np.split(form.arrays["bias"].astype(np.float32), np.cumsum([form.arrays[f"weights.{i}"].shape[1] for i in range(layers)])[:-1])
    every = []
    for i in range(layers):
        weights = form.arrays[f"weights.{i}"]
        whole, scale = eight_bits(weights)
        if i in kept:
            arrays[f"weights.{i}"], scale = halves(weights), np.ones(weights.shape[1], dtype=np.float32)
        else:
            arrays[f"weights.{i}"] = looking_at(x, weights, scale) if x is not None else whole
        every.append(scale)
        if x is not None and i + 1 < layers:
            x = np.maximum(x @ (arrays[f"weights.{i}"].astype(np.float32) * scale) + biases[i], 0)
    arrays["scale"] = scales(np.concatenate(every))
    said = ", ".join(("8-bit weights, a scale per unit", *STEPS[1 : step + 1]))
    if seconds > 0 and given is not None and tune.tunable(arrays, len(given)):
        arrays, said = tune.tuned(form, form.with_arrays(arrays), given, seconds).arrays, f"{said}, {TUNED}"
    if kept or any(form.arrays[f"weights.{i}"].shape[0] > MOST_INPUTS for i in range(layers)):
        return form.with_arrays(arrays), f"{said}; computed in float32"
    return form.with_arrays(arrays, sums="bytes"), f"{said}; computed in 8 bits, what enters the first layer in 12"

"""Weights of linear models: halves, or 8 bits with one scale per output; the bias stays wide, it is a few bytes."""

from automl.inference.forms import Arrays, Form
from automl.quantize.calibration import Rows, dense
from automl.quantize.rounding import eight_bits, eight_bits_in_blocks, halves, looking_at, scales

STEPS = ("", "a scale for every 64 inputs", "rounded to suit rows of the training data")


def store(form: Form, precision: str, step: int = 0, rows: Rows = None) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words; `step` as in STEPS, each with what those before it do."""
    if precision == "float32":
        return form, "float32 weights"
    weights = form.arrays["weights"]
    if precision == "float16":
        return form.with_arrays({**form.arrays, "weights": halves(weights)}), "float16 weights; computed in float32"
    whole, scale = eight_bits_in_blocks(weights) if step else eight_bits(weights)
    if step > 1 and rows is not None:
        whole = looking_at(dense(rows), weights, scale)
    arrays: Arrays = {**form.arrays, "weights": whole, "weights.scale": scales(scale) if step else scale}
    per = ", ".join(("a scale per output", *STEPS[1 : step + 1])) if step else "a scale per output"
    return form.with_arrays(arrays), f"8-bit weights, {per}; computed in float32"

"""Coordinates from similarities to kept rows: one product of the similarities with the weights, in double precision."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

Floats = NDArray[np.float64]

CELLS = 1 << 21  # of a block of similarities, 16 MB


def similarities(x: Floats, rows: Floats, kernel: str, gamma: float) -> Floats:
    """Return (n_rows, n_kept) of the kernel: `rbf` exp(-gamma |x - r|^2), `poly` (gamma <x, r> + 1)^3, `cosine`, the cosine of the angle."""
    if kernel == "cosine":
        scaled = [a / np.maximum(np.linalg.norm(a, axis=1, keepdims=True), 1e-12) for a in (x, rows)]
        cosine: Floats = scaled[0] @ scaled[1].T
        return cosine
    found: Floats = x @ rows.T
    if kernel == "poly":
        cubic: Floats = (gamma * found + 1.0) ** 3
        return cubic
    found *= -2.0
    found += np.einsum("ij,ij->i", rows, rows)
    found += np.einsum("ij,ij->i", x, x)[:, None]
    np.maximum(found, 0.0, out=found)
    found *= -gamma
    return np.exp(found, out=found)


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `rows` (n_kept, n_features), `dual` (n_kept, m) and `bias` (m,); config `kernel` and `gamma`."""
    rows, dual, bias = (widen(form.arrays, name).astype(np.float64) for name in ("rows", "dual", "bias"))
    kernel, gamma = form.config["kernel"], float(form.config["gamma"])
    size = max(1, CELLS // max(1, len(rows)))

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        blocks = range(0, max(1, x.shape[0]), size)
        parts = [similarities(x[at : at + size].astype(np.float64), rows, kernel, gamma) @ dual + bias for at in blocks]
        return np.concatenate(parts).astype(np.float32)

    return predict

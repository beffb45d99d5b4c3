"""Parts that only add up: each row as a sum of parts with shares of at least zero, found by least squares."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

STEPS = 200  # of the accelerated gradient; the shares then hardly move any more
BLOCK = 8192  # rows


def shares(x: NDArray[np.float32], parts: NDArray[np.float32], steps: int = STEPS) -> NDArray[np.float32]:
    """Return (n_rows, m) shares z >= 0 that make |x - z parts|^2 least, for x (n_rows, n_features) and parts (m, n_features).

    Projected gradient with momentum (Beck and Teboulle 2009, A fast iterative shrinkage-thresholding algorithm).
    """
    square = (parts @ parts.T).astype(np.float64)
    step = 1.0 / max(float(np.linalg.eigvalsh(square)[-1]), 1e-12)
    target = x.astype(np.float64) @ parts.T.astype(np.float64)
    z = np.maximum(target * step, 0.0)
    ahead, t = z.copy(), 1.0
    for _ in range(steps):
        following = np.maximum(ahead - step * (ahead @ square - target), 0.0)
        t_next = (1 + (1 + 4 * t * t) ** 0.5) / 2
        ahead = following + (t - 1) / t_next * (following - z)
        z, t = following, t_next
    return z.astype(np.float32)


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `parts` (m, n_features) and `shift` (n_features,), taken off first; what is below it counts as zero."""
    parts, shift = widen(form.arrays, "parts"), widen(form.arrays, "shift")

    def predict(x: Any) -> NDArray[np.float32]:
        return np.concatenate([shares(np.maximum(x[at : at + BLOCK] - shift, 0.0), parts) for at in range(0, max(1, x.shape[0]), BLOCK)])

    return predict


def inverse(form: Form) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return the way back: the sum of the parts."""
    parts, shift = widen(form.arrays, "parts"), widen(form.arrays, "shift")
    return lambda z: np.asarray(z @ parts + shift, np.float32)

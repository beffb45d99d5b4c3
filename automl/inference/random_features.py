"""Coordinates from random waves over the columns: cosines, then one product."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

BLOCK = 4096  # rows


def waves(x: Any, frequencies: NDArray[np.float32], phase: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n_rows, n_waves) cosines; their products are about those of the kernel exp(-gamma |x - r|^2) (Rahimi and Recht 2007)."""
    found = np.asarray(x @ frequencies, np.float32)
    found += phase
    np.cos(found, out=found)
    found *= np.float32(np.sqrt(2.0 / len(phase)))
    return found


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `frequencies` (n_features, n_waves), `phase` (n_waves,), `weights` (n_waves, m) and `bias` (m,)."""
    frequencies, phase, weights, bias = (widen(form.arrays, name) for name in ("frequencies", "phase", "weights", "bias"))

    def predict(x: Any) -> NDArray[np.float32]:
        return np.concatenate([waves(x[at : at + BLOCK], frequencies, phase) @ weights + bias for at in range(0, max(1, x.shape[0]), BLOCK)])

    return predict

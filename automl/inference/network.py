"""Feed-forward networks: products and ReLU, in blocks of rows that stay in the cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, softmax
from automl.inference.network_bytes import BytesNetwork

BLOCK = 512  # rows; measured as good or better than one large product (4 to 50 % by runtime)


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `weights.i` (n_in, n_out), i from 0 to config `layers` - 1, and `bias` (units,).

    `bias`, and `scale` where the weights are whole numbers, hold one number per unit, layer after layer: one array in place
    of one per layer keeps the file of a small network small. config `sums` "bytes": whole numbers go from layer to layer, too.
    """
    arrays = form.arrays
    stored = [arrays[f"weights.{i}"] for i in range(form.config["layers"])]
    ends = np.cumsum([w.shape[1] for w in stored])[:-1]
    biases = np.split(arrays["bias"].astype(np.float32), ends)
    ones = [np.ones(w.shape[1], dtype=np.float32) for w in stored]
    scales = np.split(arrays["scale"].astype(np.float32), ends) if "scale" in arrays else ones
    if form.config.get("sums") == "bytes":
        return BytesNetwork(stored, scales, biases).predict
    layers = [(w.astype(np.float32) * scale, bias) for w, scale, bias in zip(stored, scales, biases, strict=True)]

    def block(x: NDArray[np.float32]) -> NDArray[np.float32]:
        for weights, bias in layers[:-1]:
            x = x @ weights
            x += bias
            np.maximum(x, 0, out=x)
        weights, bias = layers[-1]
        return softmax(x @ weights + bias)

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        parts = [block(x[start : start + BLOCK]) for start in range(0, max(1, x.shape[0]), BLOCK)]
        return np.concatenate(parts)

    return predict

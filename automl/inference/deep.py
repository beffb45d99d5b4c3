"""What forms of networks share: arrays read layer by layer, and rows taken in blocks that stay in the cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

Floats = NDArray[np.float32]


def layers_of(form: Form) -> list[tuple[Floats, Floats]]:
    """Return per layer the weights (n_in, n_out) and the bias (n_out,), of arrays `weights.i` and one `bias` of all units, layer after layer."""
    weights = [widen(form.arrays, f"weights.{i}") for i in range(form.config["layers"])]
    ends = np.cumsum([w.shape[-1] for w in weights])[:-1]
    return list(zip(weights, np.split(widen(form.arrays, "bias"), ends), strict=True))


def relu_chain(x: Floats, layers: list[tuple[Floats, Floats]]) -> Floats:
    """Return what layers of weighted sums with a kink make of rows (n_rows, n_in); x itself may be changed."""
    for weights, bias in layers:
        x = x @ weights
        x += bias
        np.maximum(x, 0, out=x)
    return x


def in_blocks(answer: Callable[[Any], Floats], rows: int) -> Callable[[Any], Floats]:
    """Return a predictor that takes so many rows at a time."""

    def predict(x: Any) -> Floats:
        return np.concatenate([answer(x[start : start + rows]) for start in range(0, max(1, x.shape[0]), rows)])

    return predict

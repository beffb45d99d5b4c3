"""Encoders of networks that start from principal components: a linear part and a curved one, added; likewise the way back."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

Floats = NDArray[np.float32]

BLOCK = 2048  # rows


def _curved(form: Form, side: str) -> Callable[[Floats], Floats]:
    """Return the function of one side: `side.linear` (n_in, n_out) plus layers `side.weights.i`, `side.bias.i` with ReLU between them."""
    linear = widen(form.arrays, f"{side}.linear")
    layers = [(widen(form.arrays, f"{side}.weights.{i}"), widen(form.arrays, f"{side}.bias.{i}")) for i in range(form.config["layers"])]

    def apply(t: Floats) -> Floats:
        out, hidden = t @ linear, t
        for i, (weights, bias) in enumerate(layers):
            hidden = hidden @ weights + bias
            if i + 1 < len(layers):
                np.maximum(hidden, 0, out=hidden)
        out += hidden
        return np.asarray(out, np.float32)

    return apply


def load(form: Form) -> Callable[[Any], Floats]:
    """Return the predictor: `weights` (n_features, n_inner) and `bias` (n_inner,) into the inner space, then the encoder's side."""
    weights, bias, encode = widen(form.arrays, "weights"), widen(form.arrays, "bias"), _curved(form, "encoder")

    def predict(x: Any) -> Floats:
        return np.concatenate([encode(np.asarray(x[at : at + BLOCK] @ weights, np.float32) + bias) for at in range(0, max(1, x.shape[0]), BLOCK)])

    return predict


def inverse(form: Form) -> Callable[[Floats], Floats]:
    """Return the way back: the decoder's side, then `inverse` (n_inner, n_features) and `centre` (n_features,)."""
    decode, weights, centre = _curved(form, "decoder"), widen(form.arrays, "inverse"), widen(form.arrays, "centre")
    return lambda z: np.concatenate([decode(z[at : at + BLOCK]) @ weights + centre for at in range(0, max(1, len(z)), BLOCK)])

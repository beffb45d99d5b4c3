"""Networks whose kink each unit has its own share of, and whose numbers may come as waves besides."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.deep import Floats, in_blocks, layers_of
from automl.inference.encoding import encoder
from automl.inference.forms import Form, softmax, widen

BLOCK = 256  # rows
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017, Self-normalizing neural networks, arXiv 1706.02515


def selu(x: Floats) -> Floats:
    """Return the self-normalising kink of each number."""
    below: Floats = np.expm1(np.minimum(x, 0)) * np.float32(SCALE * ALPHA)
    below += np.maximum(x, 0) * np.float32(SCALE)
    return below


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of layers `weights.i` (n_in, n_out) and `bias`, and `share` (hidden units,): how much of its kink a unit has.

    With waves, `wave.columns` (m,), `wave.rate` and `wave.phase` (m, h), `wave.mix` (m, h * o) and `wave.bias` (m, o) add o columns per number:
    weighted sums of cos(2 pi (rate x + phase)). Holzmueller, Grinsztajn and Steinwart 2024, Better by default, arXiv 2407.04491.
    """
    *hidden, (weights, bias) = layers_of(form)
    shares = np.split(widen(form.arrays, "share"), np.cumsum([w.shape[1] for w, _ in hidden])[:-1])
    encode, waves = encoder(form), waves_of(form)

    def block(x: Floats) -> Floats:
        h = waves(encode(x))
        for (w, b), share in zip(hidden, shares, strict=True):
            h = h @ w + b
            h += share * (selu(h) - h)
        return softmax(h @ weights + bias)

    return in_blocks(block, BLOCK)


def waves_of(form: Form) -> Callable[[Floats], Floats]:
    """Return what adds the waves to inputs (n_rows, n_inputs)."""
    if "wave.columns" not in form.arrays:
        return lambda x: x
    columns = form.arrays["wave.columns"].astype(np.int64)
    rate, phase, bias = (widen(form.arrays, f"wave.{name}") for name in ("rate", "phase", "bias"))
    mix = widen(form.arrays, "wave.mix").reshape(*rate.shape, -1)

    def add(x: Floats) -> Floats:
        turned = np.cos(np.float32(2 * np.pi) * (x[:, columns, None] * rate + phase))
        extra = np.matmul(turned.transpose(1, 0, 2), mix).transpose(1, 0, 2) + bias
        return np.concatenate([x, extra.reshape(len(x), -1)], axis=1)

    return add

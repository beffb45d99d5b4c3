"""Networks on bags of n-grams: one vector per term, weighed and added up, then layers of weighted sums with a kink."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.deep import in_blocks, layers_of, relu_chain
from automl.inference.forms import Form, softmax

BLOCK = 2048  # rows


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of arrays `weights.i` (n_in, n_out) and `bias`; of `weights.0` a row is the vector of a term. Takes dense rows and CSR."""
    (vectors, first), *rest = layers_of(form)
    hidden, (weights, bias) = rest[:-1], rest[-1]

    def block(x: Any) -> NDArray[np.float32]:
        h = np.asarray(x @ vectors) + first
        return softmax(relu_chain(np.maximum(h, 0, out=h), hidden) @ weights + bias)

    return in_blocks(block, BLOCK)

"""Networks that share all but their first scaling and their last layer; their probabilities are averaged."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.deep import in_blocks, layers_of, relu_chain
from automl.inference.encoding import encoder
from automl.inference.forms import Form, softmax, widen

BLOCK = 64  # rows, each of which becomes as many as there are members


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of `members` (k, n_features), which scale the features for each member, hidden layers `weights.i` and `bias`
    that all share, and for each member a last layer `heads` (width, k * n_margins), member after member, with `heads.bias` (k, n_margins).

    Gorishniy, Kotelnikov and Babenko 2025, TabM, arXiv 2410.24210 (TabM-mini).
    """
    members, heads, last = widen(form.arrays, "members"), widen(form.arrays, "heads"), widen(form.arrays, "heads.bias")
    (first, bias), *rest = layers_of(form)
    k, width = len(members), first.shape[1]
    # scaling the features for each member is scaling the rows of the first weights: one wide product serves all
    wide = np.ascontiguousarray((members[:, :, None] * first).transpose(1, 0, 2).reshape(first.shape[0], k * width))
    biases = np.tile(bias, k)
    per_member = np.ascontiguousarray(heads.reshape(heads.shape[0], k, -1).transpose(1, 0, 2))
    encode = encoder(form)

    def block(x: NDArray[np.float32]) -> NDArray[np.float32]:
        each = relu_chain(relu_chain(encode(x), [(wide, biases)]).reshape(-1, width), rest)
        by_member = each.reshape(len(x), k, -1).transpose(1, 0, 2)
        margins = (np.matmul(by_member, per_member) + last[:, None, :]).reshape(k * len(x), -1)
        mean: NDArray[np.float32] = softmax(margins).reshape(k, len(x), -1).mean(axis=0)
        return mean

    return in_blocks(block, BLOCK)

"""Weights of a linear classifier, for the classes that a fit saw, to the form of inference for all classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from automl.inference.forms import Form

NEVER = -30.0  # margin of a class that a fit did not see, beside margins of mean zero: a share of 1e-13


def linear_form(weights: NDArray[Any], bias: NDArray[Any], present: NDArray[Any], n_outputs: int) -> Form:
    """Return the form of weights (n_features, n_margins) and bias (n_margins,) of the classes `present`.

    `present` are their codes in order; one margin is that of the second of two classes. Two outputs need one margin. A
    lone class gets everything, whatever the weights.
    """
    from automl.inference.forms import Form

    weights, bias = np.asarray(weights, np.float64), np.asarray(bias, np.float64)
    if len(present) == 1:
        weights, bias = np.zeros((len(weights), 1)), np.zeros(1)
    elif weights.shape[1] == 1:  # one margin for two classes: spread it over both
        weights, bias = np.concatenate([-weights / 2, weights / 2], axis=1), np.concatenate([-bias / 2, bias / 2])
    weights, bias = weights - weights.mean(axis=1, keepdims=True), bias - bias.mean()
    full, wide = np.full(n_outputs, NEVER), np.zeros((len(weights), n_outputs))
    full[present], wide[:, present] = bias, weights
    if n_outputs == 2:
        wide, full = wide[:, 1:] - wide[:, :1], full[1:] - full[:1]
    return Form("linear", {"n_outputs": n_outputs}, {"weights": np.ascontiguousarray(wide, np.float32), "bias": full.astype(np.float32)})


def lone(code: int, n_rows: int, n_outputs: int) -> NDArray[np.float32]:
    """Return the probabilities (n_rows, n_outputs) of a fit that saw one class."""
    out = np.zeros((n_rows, n_outputs), dtype=np.float32)
    out[:, code] = 1.0
    return out

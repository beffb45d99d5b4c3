"""The logarithm of one and a number, mirrored for negative ones: amounts of money."""

import numpy as np

from automl.inference.transformer import State, Transformer


def fit(values, y):
    return State()  # nothing to learn


def apply(state, values):
    return (np.sign(values) * np.log1p(np.abs(values)))[:, None]  # NaN, where a number is missing, stays NaN


TRANSFORMER = Transformer("log1p", frozenset({"number"}), fit, apply, names=lambda state: ["log1p"], summary="log(1 + x)")

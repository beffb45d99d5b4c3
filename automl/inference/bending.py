"""Columns bent before distances are taken: long tails straightened by a logarithm, wild values pulled in."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen

ANYWHERE = float(np.finfo(np.float32).max)  # an end without a limit: infinity is refused in a file, as no number should be one
NAMES = ("sign", "knee", "gap", "low", "high", "mean", "spread")
PREFIX = "bend."
BLOCK = 20_000  # rows

Arrays = Mapping[str, NDArray[Any]]


def bend(arrays: Arrays, x: Any) -> NDArray[np.float64]:
    """Return rows x (n_rows, m) as distances are taken between them, by arrays (m,) of NAMES.

    Of a column whose `sign` is 1 or -1, log(sign * value - `knee` + `gap`) is taken, below the knee along its tangent; every column is
    held between `low` and `high`, less `mean`, over `spread`.
    """
    out = np.array(x, dtype=np.float64)
    if len(logged := np.flatnonzero(arrays["sign"])):
        sign, knee, gap = (np.asarray(arrays[name], dtype=np.float64)[logged] for name in ("sign", "knee", "gap"))
        above = out[:, logged] * sign - knee
        out[:, logged] = sign * (np.log(np.maximum(above, 0.0) + gap) + np.minimum(above, 0.0) / gap)
    np.clip(out, arrays["low"], arrays["high"], out=out)
    out -= arrays["mean"]
    out /= arrays["spread"]
    return out


def in_blocks(call: Callable[[Any], NDArray[np.float64]], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a call makes of rows x (n_rows, m), of the same shape, in single precision, some rows at a time."""
    out = np.empty(x.shape, np.float32)
    for at in range(0, len(x), BLOCK):
        out[at : at + BLOCK] = call(x[at : at + BLOCK])
    return out


def bent(form: Form, arrays: Arrays) -> Form:
    """Return a form, made for rows that were bent so, as one that takes rows that were not."""
    return form.with_arrays({**form.arrays, **{PREFIX + name: np.asarray(arrays[name], np.float32) for name in NAMES}})


def bending(form: Form) -> Callable[[Any], NDArray[np.float64]]:
    """Return what bends the features (n_rows, n_features) of a form, in double precision; the identity where it bends none."""
    if PREFIX + "sign" not in form.arrays:
        return lambda x: np.asarray(x, dtype=np.float64)
    arrays = {name: widen(form.arrays, PREFIX + name).astype(np.float64) for name in NAMES}
    return lambda x: bend(arrays, x)

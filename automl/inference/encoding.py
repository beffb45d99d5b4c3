"""What networks make of their features first: numbers about their middle and softly bounded, and how far each got through its range."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form

SOFT = 3.0  # where a number is bent: x / sqrt(1 + (x / 3)^2), arXiv 2407.04491, section 3


def encoder(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return what makes the inputs of a network from features (n_rows, n_features), by the arrays `encode.*` of its form; the rows are left alone.

    `encode.numbers` (m,) are columns that `encode.centre` and `encode.scale` (m,) bring to their middle and that are then bent.
    `encode.columns`, `encode.low` and `encode.slope` (n_bins,) add a column each: how far a number got through a part of its range,
    between 0 and 1 (piecewise-linear encoding: Gorishniy, Rubachev and Babenko 2022, arXiv 2203.05556, section 3.2).
    """
    return encoding(form.arrays)


def encoding(arrays: Mapping[str, NDArray[Any]]) -> Callable[[Any], NDArray[np.float32]]:
    """Return the same by arrays alone."""
    if "encode.numbers" not in arrays:
        return lambda x: np.array(x, dtype=np.float32)
    numbers = arrays["encode.numbers"].astype(np.int64)
    centre, scale = (arrays[f"encode.{name}"].astype(np.float32) for name in ("centre", "scale"))
    columns = arrays["encode.columns"].astype(np.int64)
    low, slope = (arrays[f"encode.{name}"].astype(np.float32) for name in ("low", "slope"))

    def encode(x: Any) -> NDArray[np.float32]:
        n_rows, n_columns = x.shape
        out = np.empty((n_rows, n_columns + len(columns)), dtype=np.float32)
        out[:, :n_columns] = x
        bent = (out[:, numbers] - centre) / scale
        out[:, numbers] = bent / np.sqrt(1 + np.square(bent / np.float32(SOFT)))
        if len(columns):
            np.clip((np.asarray(x, dtype=np.float32)[:, columns] - low) * slope, 0.0, 1.0, out=out[:, n_columns:])
        return out

    return encode

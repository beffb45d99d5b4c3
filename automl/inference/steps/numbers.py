"""Steps on numbers: as they are, filled and scaled, as ranks, as products of two, as distances from the mean of a level."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays
from automl.inference.steps.categories import codes_in
from automl.inference.table import Column, Floats

Step = dict[str, Any]
Out = NDArray[np.float32]

FLOAT_MAX = float(np.finfo(np.float32).max)
CLIP = 8.0  # in scales; what lies beyond is an outlier that would rule a linear model or a network


def raw(values: Floats) -> Floats:
    """Return values within what float32 holds, NaN where they are not finite."""
    kept: Floats = np.where(np.abs(values) < np.inf, values, np.nan)  # a NaN is below nothing
    return np.minimum(np.maximum(kept, -FLOAT_MAX), FLOAT_MAX)


def scaled(values: Floats, fill: float, centre: float, scale: float, clip: Sequence[float] = (-CLIP, CLIP)) -> Floats:
    """Return (values - centre) / scale within `clip`, with `fill` in place of what is not finite."""
    low, high = clip
    return np.clip((np.where(np.isfinite(values), values, fill) - centre) / scale, low, high)


def write_raw(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write the numbers as they are, NaN where missing: for trees."""
    out[:, 0] = raw(columns[0].values)


def write_number(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write the scaled numbers, and 1 where they were missing when the step has an indicator."""
    values = columns[0].values
    out[:, 0] = scaled(values, step["fill"], step["centre"], step["scale"], step.get("clip", (-CLIP, CLIP)))
    if step["indicator"]:
        out[:, 1] = ~np.isfinite(values)


def write_rank(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write the normal score of each number's place among the learning rows, linear between the places that are stored."""
    values = columns[0].values
    places, scores = arrays[step["array"]]
    out[:, 0] = np.interp(np.where(np.isfinite(values), values, step["fill"]), places, scores)
    if step["indicator"]:
        out[:, 1] = ~np.isfinite(values)


def names_number(step: Step) -> list[str]:
    """Return the names of a number's columns."""
    name = step["column"]
    return [name, f"{name} is missing"] if step["indicator"] else [name]


def write_product(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write the product of two numbers; of the scaled ones, within the same bounds, where the step has scales."""
    if "scale" not in step:
        with np.errstate(over="ignore"):
            out[:, 0] = np.clip(raw(columns[0].values) * raw(columns[1].values), -FLOAT_MAX, FLOAT_MAX)
        return
    left, right = (scaled(c.values, step["fill"][i], step["centre"][i], step["scale"][i]) for i, c in enumerate(columns))
    out[:, 0] = np.clip(left * right, -CLIP, CLIP)


def write_deviation(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write a number less the mean of its level (of all rows for a level that is not known); scaled where the step has scales."""
    number, category = columns
    apart = number.values - arrays[step["array"]][codes_in(category, step["levels"])]
    out[:, 0] = scaled(apart, 0.0, step["centre"], step["scale"]) if "scale" in step else raw(apart)


def names_pair(step: Step) -> list[str]:
    """Return the name of the one column that a pair gives."""
    sign = "×" if step["kind"] == "product" else "within"
    return [f" {sign} ".join(step["columns"])]

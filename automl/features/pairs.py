"""Fits the steps on pairs of columns: products of numbers, crossed categories, numbers within levels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Needs
from automl.features.categories import RARE, Rows, fit_category
from automl.features.numbers import centre_and_scale
from automl.features.recipe import CategoryOptions
from automl.inference.features import FLOAT_MAX
from automl.inference.forms import Arrays
from automl.inference.steps.categories import cross
from automl.inference.table import Column

Step = dict[str, Any]


def fit_pair(
    pair: tuple[str, str], kinds: Mapping[str, str], columns: Mapping[str, Column], rows: Rows, needs: Needs, arrays: Arrays
) -> tuple[Step, NDArray[Any] | None]:
    """Return the step of a pair and, where its learning rows differ, their matrix.

    Two numbers are multiplied (the scaled ones, so that the product is high where both lie on one side of their mean). Two
    categories become one, encoded as any other. Of a number and a category the number less its mean in the level is taken:
    what the level does not say of it.
    """
    if {kinds[name] for name in pair} == {"category"}:
        return fit_category({"columns": list(pair)}, cross(columns[pair[0]], columns[pair[1]]), rows, needs, CategoryOptions(), arrays)
    if {kinds[name] for name in pair} == {"number"}:
        step: Step = {"kind": "product", "columns": list(pair)}
        if needs.scaled:
            facts = [centre_and_scale(columns[name].values) for name in pair]
            step |= {"fill": [f[1] for f in facts], "centre": [f[1] for f in facts], "scale": [f[2] for f in facts]}
        return step, None
    number, category = sorted(pair, key=lambda name: kinds[name] == "category")
    return _deviation(number, category, columns, needs, arrays), None


def _deviation(number: str, category: str, columns: Mapping[str, Column], needs: Needs, arrays: Arrays) -> Step:
    """Fit the mean of a number in each level with five known values or more, and in all rows for the others."""
    values, coded = columns[number].values, columns[category]
    finite = np.isfinite(values)
    known = np.where(finite, np.clip(values, -FLOAT_MAX, FLOAT_MAX), 0.0)
    level = np.where(coded.values < 0, len(coded.levels), coded.values)
    counts = np.bincount(level[finite], minlength=len(coded.levels) + 1)
    sums = np.bincount(level[finite], known[finite], minlength=len(coded.levels) + 1)
    everywhere = float(sums.sum() / max(counts.sum(), 1))
    stored = counts >= RARE
    stored[-1] = False
    means = np.where(stored, sums / np.maximum(counts, 1), everywhere)
    kept = np.flatnonzero(stored)
    step: Step = {"kind": "deviation", "columns": [number, category], "levels": [coded.levels[i] for i in kept], "array": f"deviation.{len(arrays)}"}
    arrays[step["array"]] = np.append(means[kept], everywhere)
    if needs.scaled:
        step |= dict(zip(("centre", "scale"), centre_and_scale(np.where(finite, known - means[level], np.nan))[1:], strict=True))
    return step

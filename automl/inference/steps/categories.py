"""Steps on categories: a column per level, the rank of a level, the shares of the classes in it; two columns may be crossed first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays
from automl.inference.table import Column

Step = dict[str, Any]
Out = NDArray[np.float32]

FEW = 2  # levels that are looked for one by one: a dictionary of all costs more
BETWEEN = "\x1f"  # the unit separator of ASCII, which texts do not hold, between the two levels of a crossed one


def codes_in(column: Column, levels: Sequence[str]) -> NDArray[np.int64]:
    """Return (n_rows,) positions in `levels`; len(levels) for levels not among them and for missing ones."""
    return _codes(column, levels, len(levels))


def _codes(column: Column, levels: Sequence[str], missing: int) -> NDArray[np.int64]:
    if len(column.levels) <= FEW:
        places = [levels.index(level) if level in levels else len(levels) for level in column.levels]
    else:
        known = {level: index for index, level in enumerate(levels)}
        places = [known.get(level, len(levels)) for level in column.levels]
    mapping = np.array([*places, missing], dtype=np.int64)
    codes: NDArray[np.int64] = mapping[column.values]
    return codes


def cross(left: Column, right: Column) -> Column:
    """Return the pairs of two coded columns as one; missing where either is."""
    known = (left.values >= 0) & (right.values >= 0)
    keys = left.values[known].astype(np.int64) * max(len(right.levels), 1) + right.values[known]
    pairs, found = np.unique(keys, return_inverse=True)
    codes = np.full(len(left.values), -1, dtype=np.int32)
    codes[known] = found
    width = max(len(right.levels), 1)
    return Column("coded", codes, tuple(f"{left.levels[p // width]}{BETWEEN}{right.levels[p % width]}" for p in pairs.tolist()))


def source(columns: Sequence[Column]) -> Column:
    """Return the one column that a step is about: its own, or its two crossed."""
    return columns[0] if len(columns) == 1 else cross(*columns)


def title(step: Step) -> str:
    """Return the name of the column, or of the crossed pair, that a step is about."""
    return " × ".join(step["columns"]) if "columns" in step else str(step["column"])


def shown(level: str) -> str:
    """Return a level as a reader sees it."""
    return level.replace(BETWEEN, " & ")


def write_onehot(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write 1 into the column of each row's level; the last column stands for rare, unseen and missing levels."""
    codes = codes_in(source(columns), step["levels"])
    out[np.arange(len(codes)), codes] = 1.0


def names_onehot(step: Step) -> list[str]:
    """Return the names of the levels' columns."""
    return [f"{title(step)} = {shown(level)}" for level in step["levels"]] + [f"{title(step)} = (other)"]


def write_ordinal(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write the rank of each level, one rank for all levels that are not stored; missing is NaN, or filled where the step has scales."""
    ranks = _codes(source(columns), step["levels"], -1).astype(np.float64)
    ranks[ranks < 0] = np.nan
    if "scale" in step:
        ranks = (np.where(np.isnan(ranks), step["fill"], ranks) - step["centre"]) / step["scale"]
    out[:, 0] = ranks


def write_target(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write the shares of the classes in each row's level; those of all rows for a level that is not stored and for none."""
    out[:] = arrays[step["array"]][codes_in(source(columns), step["levels"])]


def names_target(step: Step) -> list[str]:
    """Return the names of the shares."""
    return [f"{title(step)}: share of class {code}" for code in step["classes"]]

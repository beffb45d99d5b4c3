"""The groups of rows that `constraints.fairness` compares: the values of a column, or bands of a number with many."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.data.sources.stack import stack
from automl.inference.table import Column, Table, all_numbers, numbers_of, spread
from automl.spec.files import clipped

MOST_NUMBERS = 10  # distinct numbers that are groups of their own; of more, rows are grouped in quarters
BANDS = 4
MISSING = "(missing)"


@dataclass(frozen=True)
class Groups:
    """`names` of the groups of `column`; `codes` (n_rows,) the group of each row."""

    column: str
    names: tuple[str, ...]
    codes: NDArray[np.int64]


def sensitive_groups(name: str, parts: Sequence[Column], decimal: str = ".") -> Groups:
    """Return the groups of a column over all parts of the table; rows without a value are a group of their own.

    A number with many values is cut at its quartiles, so that each group has about a quarter of the rows.
    """
    whole = stack([Table({"group": column}, len(column.values)) for column in parts]).columns["group"]
    if whole.kind == "coded" and not (whole.levels and all_numbers(whole.levels, decimal)):
        used, codes = np.unique(whole.values, return_inverse=True)
        return Groups(name, tuple(MISSING if code < 0 else clipped(whole.levels[code]) for code in used), codes.astype(np.int64))
    values = spread(numbers_of(whole.levels, decimal), whole.values) if whole.kind == "coded" else whole.values.astype(np.float64)
    known = np.isfinite(values)
    distinct = np.unique(values[known])
    if len(distinct) <= MOST_NUMBERS:
        codes = np.searchsorted(distinct, values)
        names = [_short(value, whole.kind) for value in distinct]
    else:
        cuts = np.unique(np.quantile(values[known], np.arange(1, BANDS) / BANDS, method="higher"))
        cuts = cuts[cuts > distinct[0]]
        codes = np.searchsorted(cuts, values, side="right")
        ends = np.concatenate(([distinct[0]], cuts))
        names = [f"{_short(low, whole.kind)} to below {_short(high, whole.kind)}" for low, high in zip(ends[:-1], cuts, strict=True)]
        names.append(f"{_short(ends[-1], whole.kind)} and more")
    if not known.all():
        codes = np.where(known, codes, len(names))
        names.append(MISSING)
    return Groups(name, tuple(names), codes.astype(np.int64))


def _short(value: float, kind: str) -> str:
    return str(np.datetime64(int(value), "s").astype("datetime64[D]")) if kind == "date" else f"{value:g}"

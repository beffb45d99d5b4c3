"""Columns as a reader knows them, for words about groups of rows: numbers in their unit, levels by name, dates as days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.inference.table import Field

MOST_LEVELS = 30  # of a category, the most frequent ones; a level of fewer than five rows is not named
LEAST_ROWS = 5
DAY = 86_400.0


@dataclass(frozen=True)
class Number:
    """A number or a date (seconds since 1970): `values` (n_rows,), NaN where missing."""

    name: str
    kind: str
    values: NDArray[np.float64]
    known: NDArray[np.bool_]
    mean: float
    spread: float


@dataclass(frozen=True)
class Category:
    """A category: `codes` (n_rows,) into `levels`, -1 for rare and missing ones; `shares` (n_levels,) of all rows."""

    name: str
    levels: tuple[str, ...]
    codes: NDArray[np.int64]
    shares: NDArray[np.float64]


@dataclass(frozen=True)
class PlainColumns:
    """The columns of a table that can be told in words; texts cannot."""

    numbers: tuple[Number, ...]
    categories: tuple[Category, ...]

    def matrix(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], list[tuple[str, str | None]]]:
        """Return (n_rows, n_columns) for a tree, and per column its name with the level that it marks."""
        parts: list[Any] = [number.values[rows] for number in self.numbers]
        names: list[tuple[str, str | None]] = [(number.name, None) for number in self.numbers]
        for category in self.categories:
            for code, level in enumerate(category.levels):
                parts.append((category.codes[rows] == code).astype(np.float64))
                names.append((category.name, level))
        x = np.stack(parts, axis=1) if parts else np.zeros((len(rows), 0))
        return np.clip(x, -3e38, 3e38).astype(np.float32), names

    def words(self, conditions: Sequence[tuple[int, bool, float]], names: Sequence[tuple[str, str | None]]) -> list[str]:
        """Return conditions (column, above, cut) in words, one per column and side."""
        low: dict[int, float] = {}
        high: dict[int, float] = {}
        for column, above, cut in conditions:
            if above:
                low[column] = max(cut, low.get(column, -np.inf))
            else:
                high[column] = min(cut, high.get(column, np.inf))
        kinds = {number.name: number.kind for number in self.numbers}
        out = []
        for column in dict.fromkeys(c for c, _, _ in conditions):
            name, level = names[column]
            if level is not None:
                out.append(f"{name} is {level}" if column in low else f"{name} is not {level}")
            elif column in low and column in high:
                out.append(f"{name} from {_shown(low[column], kinds[name])} to {_shown(high[column], kinds[name])}")
            else:
                out.append(f"{name} above {_shown(low[column], kinds[name])}" if column in low else f"{name} up to {_shown(high[column], kinds[name])}")
        return out


def _shown(value: float, kind: str) -> str:
    """Return a number with four digits that matter, a date as its day."""
    if kind == "date":
        return str(np.datetime64(int(value // DAY), "D"))
    return f"{value:.4g}"


def plain_columns(dataset: Dataset, fields: Sequence[Field]) -> PlainColumns:
    """Return the numbers, dates and categories of a dataset."""
    numbers, categories = [], []
    for field in fields:
        column = dataset.table.columns[field.name]
        if field.kind in ("number", "date") and column.kind != "coded":
            values = np.asarray(column.values, dtype=np.float64)
            known = np.isfinite(values)
            inside = values[known]
            numbers.append(Number(field.name, field.kind, np.where(known, values, np.nan), known, float(inside.mean()) if len(inside) else 0.0,
                                  float(inside.std()) if len(inside) else 0.0))  # fmt: skip
        elif field.kind == "category" and column.kind == "coded":
            counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
            kept = [i for i in np.argsort(-counts, kind="stable")[:MOST_LEVELS].tolist() if counts[i] >= LEAST_ROWS]
            place = np.full(len(column.levels) + 1, -1, dtype=np.int64)
            place[kept] = np.arange(len(kept))
            categories.append(Category(field.name, tuple(column.levels[i] for i in kept), place[column.values], counts[kept] / max(1, len(column.values))))
    return PlainColumns(tuple(numbers), tuple(categories))

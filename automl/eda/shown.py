"""What of the cells themselves may be shown: a few sample rows, and nothing of columns that hold personal data."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.eda.finding import Finding
from automl.eda.personal import masked
from automl.inference.table import Column, canonical

CELL = 60  # characters of a cell that are shown
HIDDEN = "[masked]"
LONG_NUMBER = 7  # digits in a word from which it may be a phone, card or account number
NAMING = ("top", "by_level", "levels", "others", "words", "pairs", "triples", "log_odds", "cloud")  # parts of a profile that name values


def private_columns(findings: Sequence[Finding]) -> dict[str, bool]:
    """Return the columns that hold personal data, and whether their values are nothing else."""
    return {f.columns[0]: f.evidence.get("whole", True) for f in findings if f.check == "personal_data"}


def sample_rows(dataset: Dataset, split: Split, count: int, private: Iterable[str]) -> dict[str, Any]:
    """Return the first `count` training rows as texts; cells of private columns are masked, long ones cut."""
    rows = split.train[:count]
    if not len(rows):
        return {"columns": [], "rows": []}
    hidden = set(private)
    columns = [_texts(dataset.table.columns[f.name].take(rows), hide=f.name in hidden) for f in dataset.fields]
    names = [f.name for f in dataset.fields]
    if dataset.classes:
        names.append(dataset.target)
        columns.append([dataset.classes[code][:CELL] for code in dataset.y[rows]])
    return {"columns": names, "rows": [list(row) for row in zip(*columns, strict=True)]}


def _texts(column: Column, *, hide: bool) -> list[str]:
    if hide:
        return [HIDDEN] * len(column.values)
    if column.kind == "coded":
        return ["" if code < 0 else _cut(masked(column.levels[code])) for code in column.values]
    if column.kind == "date":
        return ["" if np.isnan(v) else str(np.datetime64(int(v), "s")).replace("T00:00:00", "").replace("T", " ") for v in column.values]
    return [canonical(float(v)) or "" for v in column.values]


def _cut(text: str) -> str:
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def without_private(part: dict[str, Any], private: dict[str, bool]) -> dict[str, Any]:
    """Return the statistics of a column without what names its values where they are personal data.

    Running text keeps its words but for long numbers, which may be phones, cards or accounts.
    """
    whole = private.get(part.get("name", part.get("column", "")))
    if whole is None:
        return part
    if whole:
        return {key: value for key, value in part.items() if key not in NAMING} | {"masked": True}
    return {key: _without_numbers(value) if key in NAMING else value for key, value in part.items()}


def _without_numbers(value: Any) -> Any:
    """Return lists of (term, ...) without the terms that hold a long number."""
    if isinstance(value, dict):
        return {key: _without_numbers(inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    return [item for item in value if not _long_number(item)]


def _long_number(item: Any) -> bool:
    term = item[0] if isinstance(item, list | tuple) and item else item.get("term", item.get("word", "")) if isinstance(item, dict) else item
    return any(sum(c.isdigit() for c in word) >= LONG_NUMBER for word in str(term).split())

"""What of the data may be shown: the first training rows as cells, and a profile without personal data."""

import re
from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.eda.personal import masked
from automl.inference.table import Column, Table

MASK = "[masked]"
LONGEST_CELL = 60  # characters
MOST_COLUMNS = 200
_NUMBERS = re.compile(r"\d{5}|@")  # of a word: part of a phone number, a card or an address


def personal_columns(findings: Iterable[Mapping[str, Any]]) -> dict[str, bool]:
    """Return the columns with personal data: True where the values are nothing else, False where texts hold some."""
    return {name: bool(f["evidence"].get("whole", True)) for f in findings if f["check"] == "personal_data" for name in f["columns"]}


def without_personal(profile: Mapping[str, Any], personal: Mapping[str, bool]) -> dict[str, Any]:
    """Return a profile in which no value of a personal column stands; of texts that hold some, the common words stay."""
    if not personal:
        return dict(profile)
    out = dict(profile)
    out["columns"] = [_masked_levels(c) if c["name"] in personal else c for c in profile["columns"]]
    if texts := (profile.get("text") or {}).get("columns"):
        shown = [t if t["column"] not in personal else _masked_text(t, whole=personal[t["column"]]) for t in texts]
        out["text"] = {**profile["text"], "columns": shown}
    if drifted := (profile.get("drift") or {}).get("columns"):
        shown = [{**c, "unseen": {**c["unseen"], "named": []}} if c["column"] in personal and "unseen" in c else c for c in drifted]
        out["drift"] = {**profile["drift"], "columns": shown}
    return out


def _masked_levels(column: Mapping[str, Any]) -> dict[str, Any]:
    out = {**column, "masked": True} | {key: [] for key in ("words", "pairs") if key in column}
    if "top" in column:
        out["top"] = [[MASK, n] for _, n in column["top"]]
    return out


def _masked_text(text: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    if whole:
        return {"column": text["column"], "skipped": "it holds personal data, so its words are not shown"}

    def common(items: Iterable[list[Any]]) -> list[list[Any]]:
        return [item for item in items if not _NUMBERS.search(str(item[0]))]

    out = {**text, "masked": True, "boilerplate": []}
    if "ngrams" in text:
        out["ngrams"] = {length: common(items) for length, items in text["ngrams"].items()}
    if "cloud" in text:
        out["cloud"] = [c for c in text["cloud"] if not _NUMBERS.search(c["word"])]
    if "by_class" in text:
        out["by_class"] = [{**c, "words": common(c["words"])} for c in text["by_class"]]
    return out


def sample_rows(dataset: Dataset, split: Split, personal: Set[str], n: int) -> dict[str, Any]:
    """Return `columns` (the target first), `rows` of n training rows each with its number in the source, the `masked` columns
    (those of `personal`) and how many columns are `left_out`. A cell is a number, a text, or None where the value is missing.
    """
    chosen = split.train[:n]
    names = [f.name for f in dataset.fields][:MOST_COLUMNS]
    cells = cells_of(dataset.table, chosen, names, personal)
    if dataset.classes:
        target = [MASK if dataset.target in personal else dataset.classes[code][:LONGEST_CELL] for code in dataset.y[chosen].tolist()]
        names, cells = [dataset.target, *names], [target, *cells]
    rows = [{"row": int(dataset.row_numbers[row]), "cells": [column[i] for column in cells]} for i, row in enumerate(chosen.tolist())]
    left = max(0, len(dataset.fields) - MOST_COLUMNS)
    return {"columns": names, "rows": rows, "masked": [name for name in names if name in personal], "left_out": left}


def cells_of(table: Table, rows: NDArray[np.int64], names: Iterable[str], personal: Set[str]) -> list[list[str | float | None]]:
    """Return per column of `names` its cells at some rows: a number, a text, None where the value is missing, masked where the column is personal."""
    return [[MASK] * len(rows) if name in personal else _cells(table.columns[name].take(rows)) for name in names]


def _cells(column: Column) -> list[str | float | None]:
    if column.kind == "coded":
        return [_cut(masked(column.levels[code])) if code >= 0 else None for code in column.values.tolist()]
    if column.kind == "date":
        return [_moment(value) for value in column.values.tolist()]
    return [value if np.isfinite(value) else None for value in column.values.tolist()]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _moment(seconds: float) -> str | None:
    """Return seconds since 1970 as a date, with the time where it is not midnight; None when there is none, or none that can be written."""
    if not np.isfinite(seconds) or abs(seconds) > 1e11:
        return None
    text = str(np.datetime64(int(seconds), "s"))
    return text.removesuffix("T00:00:00").replace("T", " ")

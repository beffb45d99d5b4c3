"""Cells of text tables: which texts mean a missing value, and what a user should know of numbers written another way."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from automl.inference.table import Column
from automl.spec.codes import remark
from automl.spec.files import clipped

_WORDS = frozenset(("NA", "NULL", "NaN", "None", "nan", "null"))  # missing by rule, and a word: NA is also Namibia
_LABEL = re.compile(r"[^\W\d_]([^\W\d_]|[.'’-])*( ([^\W\d_]|[.'’-])+){0,2}")  # a name or code: up to three words, no digits
_COMMA = re.compile(r"\s*[-+]?(\d{1,3}(\.\d{3})+|\d+),\d+\s*")
_GROUPED = re.compile(r"\s*[-+]?\d{1,3}(,\d{3})+(\.\d+)?\s*")
_GERMAN = re.compile(r"\s*[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?\s*")
_WHOLE = re.compile(r"\s*[-+]?\d+\s*")
_SAMPLE = 200
_LONG = 17  # digits; a whole number of fewer is exact as a double


class Cells:
    """Turns columns of text into coded columns and gathers what to say about them; a column may come in several parts."""

    def __init__(self, missing: Sequence[str], decimal: str, counted: bool = True) -> None:
        self.missing, self.decimal, self.counted = frozenset(missing), decimal, counted
        self.words: dict[str, dict[str, int]] = {}
        self.labels: list[str] = []
        self.commas: list[str] = []
        self.grouped: list[str] = []
        self.long: list[str] = []

    def column(self, name: str, texts: Any) -> Column:
        """Return an Arrow column of texts as codes into its distinct levels, settled and looked at."""
        column = self.settled(name, coded(texts))
        self.look(name, column)
        return column

    def settled(self, name: str, column: Column) -> Column:
        """Return a coded column in which texts that mean missing are, and the digits of numbers are not grouped."""
        levels, codes = list(column.levels), column.values
        found = self.missing.intersection(levels)
        absent = [i for i, level in enumerate(levels) if level in found] if found else []
        if absent:
            words = self.words.setdefault(name, {})
            for i in absent:
                if levels[i] in _WORDS:
                    words[levels[i]] = words.get(levels[i], 0) + int((codes == i).sum())
            place = np.full(len(levels) + 1, -1, dtype=np.int32)
            kept = np.delete(np.arange(len(levels)), absent)
            place[kept] = np.arange(len(kept), dtype=np.int32)
            codes, levels = place[codes], [levels[i] for i in kept]
        if self.decimal == ",":
            levels, codes = _ungrouped(levels, codes)
        return Column("coded", codes, tuple(levels))

    def look(self, name: str, column: Column) -> None:
        """Note what is strange about the levels of a column; a sample of them is judged first, as most are done with it."""
        levels = column.levels
        if not levels:
            return
        sample = levels[:: max(1, len(levels) // _SAMPLE)]
        if self.words.get(name) and all(map(_LABEL.fullmatch, sample)) and all(map(_LABEL.fullmatch, levels)):
            self.labels.append(name)
        if self.decimal == "." and "," in "".join(sample):
            self._commas(name, levels, sample)
        if max(map(len, levels)) >= _LONG and _share(_WHOLE, sample) > 0.5 and any(len(v) >= _LONG and _WHOLE.fullmatch(v) for v in levels):
            self.long.append(name)

    def _commas(self, name: str, levels: Sequence[str], sample: Sequence[str]) -> None:
        """Note a column of numbers with commas in them, which may be decimal marks or may group digits."""
        if _share(_COMMA, sample) > 0.5 and _share(_COMMA, levels) > 0.5:
            only_groups = all(_GROUPED.fullmatch(level) for level in levels if "," in level)
            (self.grouped if only_groups else self.commas).append(name)
        elif _share(_GROUPED, sample) > 0.2 and all(_GROUPED.fullmatch(v) or v.strip().isdigit() for v in levels):
            self.grouped.append(name)

    def notes(self) -> list[str]:
        """Return the remarks on all columns that were turned."""
        out = []
        if self.labels:
            found = [self._told(name) for name in self.labels[:5]] + ([f"and in {len(self.labels) - 5} more"] if len(self.labels) > 5 else [])
            out.append(remark("W306", f'read as missing, as pandas does: {"; ".join(found)}; if these are values set `data.csv.missing: [""]`'))
        if self.commas:
            out.append(remark("W305", f'{_named(self.commas)}: most values are numbers with a decimal comma, read as text; set `data.csv.decimal: ","`'))
        if self.grouped:
            what = "most values are numbers with grouped digits (1,234) or a decimal comma, read as text"
            out.append(remark("W305", f'{_named(self.grouped)}: {what}; write them plain, or set `data.csv.decimal: ","`'))
        if self.long:
            out.append(remark("W304", f"{_named(self.long)}: whole numbers of {_LONG} digits or more are not exact as numbers; list ids in `data.columns.id`"))
        return out

    def _told(self, name: str) -> str:
        return ", ".join(f"`{w}`" + (f" ({n} cells)" if self.counted else "") for w, n in self.words[name].items()) + f" in `{clipped(name)}`"


def comma_decimals(columns: Mapping[str, Column]) -> list[str]:
    """Return the columns of text that are numbers with a decimal comma; not those whose commas may just group digits."""
    cells = Cells((), ".")
    for name, column in columns.items():
        if column.kind == "coded":
            cells.look(name, column)
    return cells.commas


def coded(texts: Any) -> Column:
    """Return an Arrow column of texts (or booleans, or whatever Arrow can write as text) as codes into its levels."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(texts.type):
        texts = pc.if_else(texts, "True", "False")
    elif not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        texts = texts.cast(pa.string())
    encoded = texts.dictionary_encode()
    if not encoded.num_chunks:
        return Column("coded", np.empty(0, dtype=np.int32), ())
    indices = [chunk.indices.fill_null(-1) if chunk.indices.null_count else chunk.indices for chunk in encoded.chunks]
    codes = np.concatenate([part.to_numpy(zero_copy_only=False) for part in indices])
    return Column("coded", codes.astype(np.int32, copy=False), tuple(encoded.chunk(0).dictionary.to_pylist()))  # all chunks share it


def _ungrouped(levels: list[str], codes: Any) -> tuple[list[str], Any]:
    """With a decimal comma asked for, 1.234,5 is a number whose points only group its digits."""
    if not any("." in level for level in levels) or not all(map(_GERMAN.fullmatch, levels)):
        return levels, codes
    plain = [level.replace(".", "") for level in levels]
    order = {level: i for i, level in enumerate(dict.fromkeys(plain))}
    return list(order), np.array([*(order[level] for level in plain), -1], dtype=np.int32)[codes]


def _share(pattern: re.Pattern[str], levels: Sequence[str]) -> float:
    return sum(bool(pattern.fullmatch(level)) for level in levels) / len(levels) if levels else 0.0


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{clipped(name)}`" for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")

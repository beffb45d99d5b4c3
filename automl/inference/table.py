"""A Table is columns by name in two machine forms, numbers and coded texts; `conform` fits it to a trained schema.

Shape: a number column holds float64 (n_rows,), NaN where missing; a date column the same in seconds since 1970; a coded
column holds int32 codes (n_rows,) into its levels, -1 where missing. All parsing works on the distinct levels only, and
training and prediction go through the same functions, so they cannot disagree about a value.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import DataError, MissingPackageError, did_you_mean

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?")


@dataclass(frozen=True)
class Column:
    """One column: `kind` is number, date or coded; `levels` are distinct and never None."""

    kind: str
    values: NDArray[Any]
    levels: tuple[str, ...] = ()

    def missing(self) -> NDArray[np.bool_]:
        """Return (n_rows,) whether a cell holds no value, or none that can be reckoned with."""
        return np.asarray(self.values < 0 if self.kind == "coded" else ~np.isfinite(self.values))

    def take(self, rows: NDArray[np.int64]) -> "Column":
        """Return the column at some row positions; levels that no longer occur go when they are the most."""
        values = self.values[rows]
        if self.kind == "coded" and len(self.levels) > len(values):
            used = np.zeros(len(self.levels) + 1, dtype=bool)  # the last place is that of missing values, code -1
            used[values] = True
            place = np.cumsum(used, dtype=np.int32) - 1
            place[-1] = -1
            return Column(self.kind, place[values].astype(np.int32), tuple(map(self.levels.__getitem__, np.flatnonzero(used[:-1]).tolist())))
        return Column(self.kind, values, self.levels)

    def part(self, start: int, stop: int) -> "Column":
        """Return the column from one row up to another, as `take` does."""
        if self.kind == "coded" and len(self.levels) > stop - start:
            return self.take(np.arange(start, stop))
        return Column(self.kind, self.values[start:stop], self.levels)


@dataclass(frozen=True)
class Table:
    """Columns of equal length, in order."""

    columns: dict[str, Column]
    n_rows: int

    def take(self, rows: NDArray[np.int64]) -> "Table":
        """Return the table at some row positions."""
        return Table({name: column.take(rows) for name, column in self.columns.items()}, len(rows))

    def part(self, start: int, stop: int) -> "Table":
        """Return the rows from one position up to another, without a copy where there are fewer levels than rows."""
        return Table({name: column.part(start, stop) for name, column in self.columns.items()}, stop - start)


@dataclass(frozen=True)
class Field:
    """What a model expects of one input column: kind is number, category, text or date.

    `numeric_levels` says that the categories are written as numbers, so 1, 1.0 and "1" are one level; `day_first` that
    a date like 02/03/2024 is in March, as some training row had a day above 12 there. Cleaning that was decided on the
    training rows is part of the schema, so new rows are read alike: `aliases` are levels,
    or spellings (see `spelling`) of levels, to take for others, `absent`
    values that mean a missing one, `lenient` that words among numbers are missing and no error.
    """

    name: str
    kind: str
    numeric_levels: bool = False
    decimal: str = "."
    day_first: bool = False
    aliases: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    lenient: bool = False

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> "Field":
        """Return the field that `dataclasses.asdict` wrote, read back from JSON; facts that are left out keep their default.

        Raises TypeError when the facts are not those of a field.
        """
        aliases, absent = dict(facts.get("aliases", {})), tuple(facts.get("absent", ()))
        if not all(isinstance(text, str) for text in (*aliases, *aliases.values(), *absent)):
            raise TypeError("aliases and absent values are texts")
        return cls(**{**facts, "aliases": aliases, "absent": absent})


def spelling(text: str) -> str:
    """Return a text without accents, case and repeated spaces: what its spellings have in common."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.casefold().split())


def canonical(value: object) -> str | None:
    """Return the text a value has as a category; None when it is missing."""
    if value is None or (type(value).__name__ in ("NAType", "NaTType")):
        return None
    if isinstance(value, float | np.floating):
        number = float(value)
        if math.isnan(number):
            return None
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
    return str(value)


def parse_number(text: str, decimal: str = ".") -> float:
    """Return a number from a text, NaN when it is none; digits may not be grouped."""
    plain = text.strip()
    if decimal == ",":
        plain = plain.replace(",", ".")
    try:
        return float(plain) if "_" not in plain else math.nan
    except ValueError:
        return math.nan


def numbers_of(levels: Sequence[str], decimal: str = ".") -> Floats:
    """Return the numbers that texts stand for; NaN where a text is not a number."""
    return np.array([parse_number(level, decimal) for level in levels], dtype=np.float64)


def all_numbers(levels: Sequence[str], decimal: str = ".") -> bool:
    """Return whether every text is a number; stops at the first that is none."""
    return all(not math.isnan(parse_number(level, decimal)) for level in levels)


_BOOLEANS = {"true": 1.0, "false": 0.0}
_SPELLED = frozenset("".join(letters) for word in _BOOLEANS for letters in product(*((c, c.upper()) for c in word)))
"""Every way to write true and false in small and large letters."""


def _numbers_and_booleans(levels: Sequence[str], decimal: str) -> Floats:
    """Return the numbers that texts stand for, true and false as 1 and 0."""
    return np.array([_BOOLEANS.get(level.lower(), parse_number(level, decimal)) for level in levels], dtype=np.float64)


def seconds_of(levels: Sequence[str], day_first: bool = False) -> Floats:
    """Return seconds since 1970 (UTC) of texts in a date form; NaN where a text is not a date."""
    try:
        import pandas as pd
    except ImportError:  # a model that was exported to where numpy is all there is
        return _iso_seconds(levels)
    stamps = pd.to_datetime(pd.Series(list(levels), dtype=object), utc=True, errors="coerce", format="mixed", dayfirst=day_first)
    values = stamps.dt.tz_localize(None).to_numpy().astype("datetime64[ms]")
    seconds: Floats = values.astype(np.int64).astype(np.float64) / 1e3
    seconds[np.isnat(values)] = np.nan
    return seconds


def _iso_seconds(levels: Sequence[str]) -> Floats:
    """Return seconds since 1970 of texts like 2024-01-31 or 2024-01-31 12:30:00; NaN where a text is no date.

    Raises MissingPackageError for a text in another form, which pandas may read.
    """
    out = np.full(len(levels), np.nan)
    for i, level in enumerate(levels):
        text = level.strip()
        if not ISO.fullmatch(text):
            raise MissingPackageError(f"`{text[:40]}` is not a date like 2024-01-31 12:30:00, and other forms need pandas", fix="pip install pandas")
        try:
            out[i] = np.datetime64(text.replace(" ", "T"), "ms").astype(np.int64) / 1e3
        except ValueError:
            continue  # a day that no calendar has
    return out


def spread(by_level: Floats, codes: Ints) -> Floats:
    """Return the value of each row from the value of each level; NaN for missing."""
    return np.append(by_level, np.nan)[codes]


def recode(levels: Sequence[str | None], codes: Ints) -> Column:
    """Return a coded column after its levels were rewritten: they may now repeat, or be None for a missing value."""
    order = {level: index for index, level in enumerate(dict.fromkeys(level for level in levels if level is not None))}
    mapping = np.array([-1 if level is None else order[level] for level in levels] + [-1], dtype=np.int32)
    return Column("coded", mapping[codes], tuple(order))


def _absent_numbers(field: Field) -> Floats:
    """Return the numbers among the values that mean a missing one."""
    numbers = numbers_of(field.absent, field.decimal)
    return numbers[~np.isnan(numbers)]


def _without(values: NDArray[Any], absent: Floats) -> NDArray[Any]:
    """Return the values with the absent ones as NaN; the values themselves where there is nothing to leave out."""
    return np.where(np.isin(values, absent), np.nan, values) if len(absent) else values


def _is_absent(levels: Sequence[str], field: Field) -> NDArray[np.bool_]:
    """Return per level whether its text, without blanks around it, is one that means a missing value."""
    words = {text.strip() for text in field.absent}
    return np.array([level.strip() in words for level in levels], dtype=bool)


def _as_number(column: Column, field: Field) -> Column:
    if column.kind != "coded":
        return Column("number", _without(column.values, _absent_numbers(field)) if field.absent else column.values)
    by_level = _numbers_and_booleans(column.levels, field.decimal)
    missing = _is_absent(column.levels, field) | np.array([level.strip().lower() == "nan" for level in column.levels], dtype=bool)
    bad = np.flatnonzero(np.isnan(by_level) & ~missing)
    if len(bad) and not field.lenient:
        row = int(np.flatnonzero(np.isin(column.values, bad))[0]) if len(column.values) else 0
        text = column.levels[column.values[row]] if len(column.values) else column.levels[bad[0]]
        raise DataError(f"{text[:60]!r} is not a number", f"column `{field.name}`, data row {row + 1}", "correct or empty the cell")
    by_level[missing] = np.nan
    return Column("number", spread(_without(by_level, _absent_numbers(field)), column.values))


def _as_date(column: Column, field: Field) -> Column:
    absent = seconds_of(field.absent, field.day_first) if field.absent else np.zeros(0)
    if column.kind == "coded":
        by_level = seconds_of(column.levels, field.day_first)
        by_level[_is_absent(column.levels, field)] = np.nan
        return Column("date", spread(_without(by_level, absent), column.values))
    return Column("date", _without(column.values, absent))


def _as_coded(column: Column, field: Field) -> Column:
    coded = _normalised(column, field)
    if not field.aliases and not field.absent:
        return coded
    levels = [field.aliases.get(level) or field.aliases.get(spelling(level), level) for level in coded.levels] if field.aliases else list(coded.levels)
    missing = _is_absent(levels, field)
    if field.numeric_levels:
        missing |= np.isin(_numbers_and_booleans(levels, field.decimal), _absent_numbers(field))
    return recode([None if gone else level for level, gone in zip(levels, missing, strict=True)], coded.values)


def _normalised(column: Column, field: Field) -> Column:
    """Return coded values in the one spelling that a value has however it came in."""
    if column.kind != "coded":
        distinct, codes = np.unique(column.values, return_inverse=True)
        return recode([canonical(value) for value in distinct], codes.astype(np.int32))
    if field.kind != "category":
        return column
    if field.numeric_levels:
        numbers = _numbers_and_booleans(column.levels, field.decimal)
        return recode([canonical(n) or text for n, text in zip(numbers.tolist(), column.levels, strict=True)], column.values)
    if not _SPELLED.isdisjoint(column.levels):  # true, TRUE and a real True are one level
        return recode([level.capitalize() if level.lower() in _BOOLEANS else level for level in column.levels], column.values)
    return column


def conform(table: Table, fields: Sequence[Field]) -> Table:
    """Return the columns a model expects, in its order and forms.

    Raises DataError naming the column when one is missing (with the nearest name there is) or a cell cannot be read.
    """
    absent = [f.name for f in fields if f.name not in table.columns]
    if absent:
        near = did_you_mean(absent[0], list(table.columns))
        named = ", ".join(f"`{name}`" for name in absent[:5]) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        raise DataError(
            f"column {named} is missing" if len(absent) == 1 else f"columns {named} are missing", "the input table",
            f"did you mean `{near}`?" if near else "the table needs the columns the model was trained on",
        )  # fmt: skip
    out: dict[str, Column] = {}
    for wanted in fields:
        column = table.columns[wanted.name]
        if wanted.kind == "number":
            out[wanted.name] = _as_number(column, wanted)
        elif wanted.kind == "date":
            out[wanted.name] = _as_date(column, wanted)
        else:
            out[wanted.name] = _as_coded(column, wanted)
    return Table(out, table.n_rows)


def column_of(values: Sequence[object]) -> Column:
    """Return a raw column from Python values: numbers where all are numbers, coded texts otherwise."""
    if all(v is None or (isinstance(v, int | float | np.number) and not isinstance(v, bool)) for v in values):
        return Column("number", np.array([math.nan if v is None else float(v) for v in values], dtype=np.float64))  # type: ignore[arg-type]
    texts = [canonical(v) for v in values]
    levels = {level: index for index, level in enumerate(dict.fromkeys(t for t in texts if t is not None))}
    return Column("coded", np.array([-1 if t is None else levels[t] for t in texts], dtype=np.int32), tuple(levels))


def table_of_row(row: Mapping[str, object]) -> Table:
    """Return a table of one row from a mapping of column names to values."""
    return Table({name: _cell(value) for name, value in row.items()}, 1)


def _cell(value: object) -> Column:
    """Return a column of one value; what most values are is told by their type alone, which is quicker."""
    kind = type(value)
    if kind is float or kind is int:
        return Column("number", np.array([value], dtype=np.float64))
    if kind is str:
        return Column("coded", np.zeros(1, dtype=np.int32), (value,))  # type: ignore[arg-type]
    return column_of([value])

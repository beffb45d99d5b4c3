"""Tables under one another: the files of a list, the blocks of a large file, training rows and test rows."""

from collections.abc import Sequence

import numpy as np

from automl.errors import DataError
from automl.inference.table import Column, Table, canonical
from automl.spec.files import clipped

_KINDS = {"number": "numbers", "date": "dates", "coded": "text"}


def stack(tables: Sequence[Table]) -> Table:
    """Return the rows of all tables in order; a column that some do not have is missing in their rows.

    Columns stand in the order in which they first occur. Where one is numbers in one table and text in another, all of it
    becomes text.
    """
    if len(tables) == 1:
        return tables[0]
    names = list(dict.fromkeys(name for table in tables for name in table.columns))
    sizes = [table.n_rows for table in tables]
    return Table({name: _joined([table.columns.get(name) for table in tables], sizes) for name in names}, sum(sizes))


def _joined(columns: Sequence[Column | None], sizes: Sequence[int]) -> Column:
    kinds = {c.kind for c in columns if c is not None and not _empty(c)}
    if len(kinds) == 1 and "coded" not in kinds:
        parts = [np.full(n, np.nan) if _empty(c) else c.values for c, n in zip(columns, sizes, strict=True)]  # type: ignore[union-attr]
        return Column(kinds.pop(), np.concatenate(parts))
    order: dict[str, int] = {}
    codes = []
    for column, n in zip(columns, sizes, strict=True):
        if column is None or _empty(column):
            codes.append(np.full(n, -1, dtype=np.int32))
            continue
        coded = column if column.kind == "coded" else as_text(column)
        place = np.array([*(order.setdefault(level, len(order)) for level in coded.levels), -1], dtype=np.int32)
        codes.append(place[coded.values])
    return Column("coded", np.concatenate(codes), tuple(order))


def _empty(column: Column | None) -> bool:
    return column is None or (column.kind == "coded" and not column.levels)


def as_text(column: Column) -> Column:
    """Return a column of numbers or dates as texts: a whole number without a point, a date as ISO 8601 writes it."""
    distinct, codes = np.unique(column.values, return_inverse=True)
    known = ~np.isnan(distinct)
    values = distinct[known]
    if column.kind == "date":
        stamps = np.round(values * 1e3).astype(np.int64).astype("datetime64[ms]")
        days = not (values % 86400).any()
        texts = [str(s) for s in (stamps.astype("datetime64[D]") if days else stamps)]
    else:
        texts = [canonical(v) or "" for v in values.tolist()]
    return Column("coded", np.where(codes < len(values), codes, -1).astype(np.int32), tuple(texts))


def mixed(tables: Sequence[Table]) -> list[str]:
    """Return the names of columns that are numbers in one table and text or dates in another."""
    names = tables[0].columns
    return [name for name in names if len({t.columns[name].kind for t in tables if name in t.columns and not _empty(t.columns[name])}) > 1]


def same_columns(names: Sequence[str], first: str, others: Sequence[str], file: str) -> None:
    """Refuse a file whose columns are not those of the first. Raises DataError naming the file and the columns."""
    missing, extra = [n for n in names if n not in set(others)], [n for n in others if n not in set(names)]
    if missing or extra:
        told = [f"{word} {_named(found)}" for word, found in (("missing:", missing), ("extra:", extra)) if found]
        raise DataError(f"{file} has other columns than {first}; {'; '.join(told)}", file, "the files of one table have the same columns")


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"`{clipped(n)}`" for n in names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")

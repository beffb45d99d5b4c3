"""JSON lines: one object per line, columns the union of their keys; a cell that is itself a list or an object is left out."""

import json
from typing import Any

from automl.data.sources.arrow import from_arrow
from automl.data.sources.delimited import as_utf8, not_text, refuse_nul
from automl.errors import DataError
from automl.inference.table import Column, Table, column_of
from automl.spec.codes import remark
from automl.spec.files import clipped

BLOCK = 1 << 22


def read_lines(data: bytes, name: str, first_line: int = 1) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    """Return the table of JSON lines; a key that a row does not have is missing there.

    Texts stay texts, also where they look like dates or are empty; `null` alone is missing. Raises DataError with the line
    of what is no object, or holds a key twice.
    """
    plain, notes = as_utf8(data, name, None)
    refuse_nul(plain, name)
    found = _fast(plain)
    table = from_arrow(found, notes) if found is not None else _exact(plain, name, first_line, notes)
    if table.n_rows == 0:
        raise DataError("the file has no rows", name, "at least some dozen rows are needed")
    if not table.columns:
        raise DataError("the table has no column that can be used", name, "; ".join(notes)[:300])
    return table, (), tuple(notes)


def _fast(data: bytes) -> Any:
    """Return the rows as Arrow reads them, or None where it refuses; what it would take for dates is read again as text."""
    import pyarrow as pa
    import pyarrow.json as pa_json

    def read(schema: Any) -> Any:
        parse = pa_json.ParseOptions(explicit_schema=schema) if schema is not None else None
        return pa_json.read_json(pa.BufferReader(data), pa_json.ReadOptions(block_size=BLOCK), parse)

    try:
        found = read(None)
        dated = [field.name for field in found.schema if pa.types.is_temporal(field.type)]
        return read(pa.schema([pa.field(name, pa.string()) for name in dated])).select(found.column_names) if dated else found
    except (pa.ArrowException, ValueError):
        return None


def _exact(data: bytes, name: str, first_line: int, notes: list[str]) -> Table:
    """Return the rows as Python reads them, line by line: numbers beyond 64 bits and columns of several types included."""
    cells: dict[str, list[object]] = {}
    nested: dict[str, int] = {}
    count = 0
    for number, line in enumerate(_text(data, name).split("\n"), first_line):
        if not line.strip():
            continue
        for key, value in _object(line, name, number).items():
            if isinstance(value, list | dict):
                nested[key] = nested.get(key, 0) + 1
                value = None
            if key not in cells:
                cells[key] = []
            column = cells[key]
            if len(column) < count:
                column.extend([None] * (count - len(column)))
            column.append(value)
        count += 1
    columns: dict[str, Column] = {}
    for key, values in cells.items():
        values.extend([None] * (count - len(values)))
        if key in nested and all(v is None for v in values):
            notes.append(remark("W307", f"column `{clipped(key)}` holds lists or objects and was left out; flatten it to use it"))
            continue
        if key in nested:
            notes.append(remark("W307", f"column `{clipped(key)}`: {nested[key]} cells hold lists or objects and are read as missing"))
        columns[key] = column_of(values)
    return Table(columns, count)


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as fault:
        raise not_text(name, fault.start, data[: fault.start].count(b"\n"), None) from None


def _object(line: str, name: str, number: int) -> dict[str, object]:
    """Return the object on a line. Raises DataError."""

    def distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            raise KeyError(next(key for key in keys if keys.count(key) > 1))
        return found

    place = f"{name}, line {number}"
    try:
        found = json.loads(line, object_pairs_hook=distinct)
    except KeyError as fault:
        raise DataError(f"the key `{clipped(str(fault.args[0]))}` occurs twice in one object", place, "rename one of them") from None
    except (ValueError, RecursionError) as fault:
        words = str(fault).splitlines()[0] if isinstance(fault, ValueError) else "nested too deep"
        raise DataError(f"the line is no JSON object: {words}", place, 'each line holds one whole object, as {"a": 1}') from None
    if not isinstance(found, dict):
        fix = "write one object per line, without brackets around them" if isinstance(found, list) else 'each line holds one whole object, as {"a": 1}'
        raise DataError("the line is no JSON object", place, fix)
    return found

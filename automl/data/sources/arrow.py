"""Typed tables (parquet, feather, and whatever else Arrow holds) as raw columns; what cannot be a column goes with a note."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from automl.data.sources.cells import coded
from automl.errors import DataError, NoRowsError
from automl.inference.table import Column, Table
from automl.spec.codes import remark
from automl.spec.dialect import unique_names
from automl.spec.files import clipped

EXACT = 2**53  # whole numbers beyond are not exact as doubles
_INDEX = re.compile(r"__index_level_\d+__")
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def read_parquet(data: Any, name: str) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    """Return the table of a parquet file's bytes, names that occur twice in it, and notes. Raises DataError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with told("parquet", data[-4:] not in (b"PAR1", b"PARE"), name):
        found = pq.ParquetFile(pa.BufferReader(data)).read()
    return typed_table(found, name)


def read_feather(data: Any, name: str, stream: bool) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    """Return the table of an Arrow file's bytes (feather, version 2) or of an Arrow stream, as read_parquet does."""
    import pyarrow as pa

    with told("Arrow (feather)", not stream and data[-6:] != b"ARROW1", name):
        found = (pa.ipc.open_stream if stream else pa.ipc.open_file)(pa.BufferReader(data)).read_all()
    return typed_table(found, name)


@contextmanager
def told(form: str, cut: bool, name: str) -> Iterator[None]:
    """Turn Arrow's faults into a DataError; `cut` says that the end of the file is not there."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as fault:
        words = "the file is incomplete: its end is missing" if cut else f"the {form} file cannot be read, it may be incomplete: {fault}".splitlines()[0]
        raise DataError(words, name, "fetch or write it again") from None


def typed_table(found: Any, name: str) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    """Return an Arrow table as raw columns under distinct names. Raises DataError when nothing is left of it."""
    names, repeated, notes = unique_names([str(n) for n in found.column_names])
    remarks = list(notes)
    table = from_arrow(found.rename_columns(list(names)), remarks)
    if found.num_rows == 0:
        raise NoRowsError("the table has columns and no rows", name, "at least some dozen rows are needed")
    if not table.columns:
        raise DataError("the table has no column that can be used", name, "; ".join(remarks)[:300])
    return table, repeated, tuple(remarks)


def from_arrow(table: Any, notes: list[str] | None = None) -> Table:
    """Return raw columns of an Arrow table; `notes` takes a remark on each column that was converted or left out.

    Numbers, decimals and durations (in seconds) become numbers, dates and times seconds, everything written becomes
    coded texts. Nested columns, bytes that are no text, and the index that pandas stores are left out.
    """
    import pyarrow as pa

    remarks: list[str] = []
    columns: dict[str, Column] = {}
    for name, chunked in zip(table.column_names, table.columns, strict=True):
        if name in columns:
            raise DataError(f"the column name `{name}` occurs twice", "the input table", "rename one of them")
        if _INDEX.fullmatch(name):
            remarks.append("the index that pandas stored was left out")
            continue
        try:
            column = _column(chunked, clipped(name), remarks)
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as fault:
            remarks.append(remark("W307", f"column `{clipped(name)}` ({_kind(chunked.type)}) was left out: {str(fault).splitlines()[0][:80]}"))
            continue
        if column is not None:
            columns[name] = column
    if notes is not None:
        notes.extend(remarks)
    return Table(columns, table.num_rows)


def _kind(kind: Any) -> str:
    return clipped(str(kind), 40)


def _column(chunked: Any, name: str, notes: list[str]) -> Column | None:
    """Return one column, or None with a remark where it cannot be one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chunked = _plain(chunked)
    kind = chunked.type
    if pa.types.is_dictionary(kind):  # a category, also where its levels are numbers
        chunked = _plain(chunked.cast(kind.value_type))
        if pa.types.is_nested(chunked.type):
            return _column(chunked, name, notes)
        return coded(chunked)
    if pa.types.is_nested(kind):
        notes.append(remark("W307", f"column `{name}` holds {_kind(kind)} and was left out; flatten it to use it"))
        return None
    if pa.types.is_integer(kind):
        ends = pc.min_max(chunked).as_py()
        if ends["max"] is not None and max(ends["max"], -ends["min"]) > EXACT:
            notes.append(remark("W304", f"column `{name}`: whole numbers beyond 2^53 are not exact as numbers; ids belong in `data.columns.id`"))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Column("number", _doubles(chunked))
    if pa.types.is_duration(kind) or pa.types.is_time(kind):
        what = "durations, read as seconds" if pa.types.is_duration(kind) else "times of day, read as seconds since midnight"
        notes.append(remark("W307", f"column `{name}` holds {what}"))
        return Column("number", _doubles(_whole(chunked)) / _PER_SECOND[kind.unit])
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return Column("date", _seconds(chunked))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        try:
            column = coded(chunked.cast(pa.string()))
        except pa.ArrowException:
            column = None
        if column is None or any("\0" in level for level in column.levels):
            notes.append(remark("W307", f"column `{name}` holds bytes that are no text and was left out"))
            return None
        return column
    return coded(chunked)


def _plain(chunked: Any) -> Any:
    """Return a column without the wrappings that change nothing about its values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = chunked.type
    if isinstance(kind, pa.UuidType):
        return pa.chunked_array([[None if value is None else str(value) for value in chunk.to_pylist()] for chunk in chunked.chunks], type=pa.string())
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(pa.chunked_array([chunk.storage for chunk in chunked.chunks], type=kind.storage_type))
    if pa.types.is_run_end_encoded(kind):
        return _plain(pa.chunked_array([pc.run_end_decode(chunk) for chunk in chunked.chunks], type=kind.value_type))
    return chunked


def _doubles(chunked: Any) -> Any:
    import pyarrow as pa

    values = chunked.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return values if values.flags.writeable else np.array(values)  # what is still Arrow's own memory may not be written to


def _whole(chunked: Any) -> Any:
    """Return the whole numbers behind times and durations."""
    import pyarrow as pa
    import pyarrow.compute as pc

    narrow = chunked.type.bit_width == 32
    return pc.cast(pc.cast(chunked, pa.int32()) if narrow else chunked, pa.int64())


def _seconds(chunked: Any) -> Any:
    """Return seconds since 1970, to the millisecond, as pandas' frames give them; no year is out of range."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date32(chunked.type):
        return _doubles(pc.cast(chunked, pa.int32())) * 86400.0
    unit = "ms" if pa.types.is_date64(chunked.type) else chunked.type.unit
    counts = pc.cast(chunked, pa.int64())
    missing = np.asarray(counts.is_null().to_numpy(zero_copy_only=False), dtype=bool)
    whole = np.asarray((counts.fill_null(0) if counts.null_count else counts).to_numpy(zero_copy_only=False), dtype=np.int64)
    if unit == "s":
        seconds = whole.astype(np.float64)
    else:
        seconds = (whole // (_PER_SECOND[unit] // 1000)).astype(np.float64) / 1e3
    seconds[missing] = np.nan
    return seconds

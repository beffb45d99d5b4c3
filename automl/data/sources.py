"""Files and bundled tables to raw columns: csv through Arrow with every cell as text, parquet with its own types.

Cells of a csv stay text until a column's role is known, so training and prediction read a value the same way.
"""

import csv
import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.errors import DataError
from automl.inference.table import Column, Table, recode
from automl.spec.header import is_there, near_file, sniff
from automl.spec.sections.data import Csv

# what pandas takes for missing, so that a table reads the same through either
MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a",
    "nan", "null",
)  # fmt: skip


@dataclass(frozen=True)
class Raw:
    """What was read: columns, where from, the sha256 of the bytes, and remarks on how."""

    table: Table
    name: str
    sha256: str
    notes: tuple[str, ...] = ()


def read_file(path: Path, options: Csv | None = None) -> Raw:
    """Read a csv (plain or gzip) or parquet file.

    Raises DataError with the file and, for a row that does not fit the header, its physical line.
    """
    options = options or Csv()
    if not is_there(path):
        near = near_file(path)
        raise DataError(f"there is no file {path.name[:80]}", str(path.parent)[:200], f"did you mean {near}?" if near else "check `data.train`")
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as fault:
            raise DataError(f"the file is incomplete or not gzip: {fault}", path.name) from None
    if data[:4] == b"PAR1":
        return Raw(_parquet(data, path.name), path.name, digest)
    if data[:2] == b"PK":
        raise DataError("this is a zip or Excel file", path.name, "export the sheet as csv")
    table, notes = _csv(data, path.name, options)
    return Raw(table, path.name, digest, notes)


def read_builtin(name: str) -> tuple[Raw, str]:
    """Return one of scikit-learn's bundled tables and the name of its target column."""
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    names = [str(n).replace(" ", "_") for n in bunch.feature_names]
    columns = {n: Column("number", np.ascontiguousarray(bunch.data[:, i], dtype=np.float64)) for i, n in enumerate(names)}
    columns["target"] = recode([str(t) for t in bunch.target_names], np.asarray(bunch.target, dtype=np.int32))
    digest = hashlib.sha256(bunch.data.tobytes() + bunch.target.tobytes()).hexdigest()
    return Raw(Table(columns, len(bunch.target)), f"scikit-learn {name}", digest), "target"


def from_arrow(table: Any) -> Table:
    """Return raw columns of an Arrow table; nested columns are refused."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns: dict[str, Column] = {}
    for name, chunked in zip(table.column_names, table.columns, strict=True):
        if name in columns:
            raise DataError(f"the column name `{name}` occurs twice", "the input table", "rename one of them")
        was_coded = pa.types.is_dictionary(chunked.type)  # a category, also where its levels are numbers
        if was_coded:
            chunked = chunked.cast(chunked.type.value_type)
            if not pa.types.is_boolean(chunked.type):
                chunked = chunked.cast(pa.string())
        kind = chunked.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            values = chunked.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            columns[name] = Column("number", np.array(values, dtype=np.float64))
        elif pa.types.is_temporal(kind) and not pa.types.is_duration(kind) and not pa.types.is_time(kind):
            stamps = chunked.cast(pa.timestamp("ms"), safe=False)
            values = pc.cast(stamps, pa.int64()).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
            columns[name] = Column("date", np.array(values, dtype=np.float64) / 1e3)
        elif pa.types.is_nested(kind):
            raise DataError(f"column `{name}` holds {kind}", "the input table", "flatten it, or leave it out")
        else:
            texts = chunked
            if pa.types.is_boolean(kind):
                texts = pc.if_else(chunked, "True", "False")
            elif not pa.types.is_string(kind):
                texts = chunked.cast(pa.string())
            encoded = texts.combine_chunks().dictionary_encode()
            if isinstance(encoded, pa.ChunkedArray):
                encoded = encoded.combine_chunks()
            codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
            columns[name] = recode(encoded.dictionary.to_pylist(), codes)
    return Table(columns, table.num_rows)


def _parquet(data: bytes, name: str) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return from_arrow(pq.read_table(io.BytesIO(data)))
    except (pa.ArrowException, OSError) as fault:
        raise DataError(f"the parquet file cannot be read, it may be incomplete: {fault}".splitlines()[0], name) from None


def _csv(data: bytes, name: str, options: Csv) -> tuple[Table, tuple[str, ...]]:
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    text = _decode(data, name, options.encoding)
    first = next((line for line in text.splitlines()[:1]), "")
    if not first.strip():
        raise DataError("the file has no header", name, "line 1 must hold the column names")
    separator = options.separator or sniff(first)
    notes = [f"separator {separator!r}, found from the header"] if options.separator is None and separator != "," else []
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as fault:
        raise DataError(f"the header cannot be read: {fault}", f"{name}, line 1", "a quote may be open") from None
    names = [h.strip() for h in header] if options.header else [f"c{i + 1}" for i in range(len(header))]
    for position, word in enumerate(names):
        if not word:
            names[position] = f"column_{position + 1}"
            notes.append(f"column {position + 1} has no name; it is called column_{position + 1}")
    twice = [n for i, n in enumerate(names) if n in names[:i]]
    if twice:
        raise DataError(f"the column name `{twice[0]}` occurs twice", f"{name}, line 1", "rename one of them")
    missing = list(options.missing) if options.missing is not None else list(MISSING)
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=pa_csv.ReadOptions(column_names=names, block_size=max(1 << 20, min(len(text) * 4 + 1024, 1 << 30))),
            parse_options=pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types={n: pa.string() for n in names}, null_values=missing, strings_can_be_null=True, quoted_strings_can_be_null=True
            ),
        )
    except pa.ArrowInvalid as fault:
        raise _locate(text, separator, len(names), name, str(fault)) from None
    table = table.slice(1) if options.header else table
    if table.num_rows == 0:
        raise DataError("the table has a header and no rows", name, "at least some dozen rows are needed")
    return from_arrow(table), tuple(notes)


def _decode(data: bytes, name: str, encoding: str | None) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding is None:
        raise DataError("the file is UTF-16", name, "set `data.csv.encoding: utf-16`, or save it as UTF-8")
    try:
        return data.decode("utf-8-sig" if encoding is None else encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise DataError(f"byte {fault.start} is not {encoding or 'UTF-8'}", f"{name}, line {line}", "set `data.csv.encoding`, for example cp1252") from None
    except LookupError:
        raise DataError(f"`{encoding}` is not an encoding", "data.csv.encoding", "for example utf-8 or cp1252") from None


def _locate(text: str, separator: str, expected: int, name: str, fault: str) -> DataError:
    """Find the first record that does not fit the header, by the physical line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    start = 1
    before = csv.field_size_limit(max(len(text), 1))
    try:
        for record in reader:
            if record and len(record) != expected:
                return DataError(
                    f"the header has {expected} names, this row has {len(record)} values", f"{name}, line {start}",
                    "correct the row, or quote a value that holds the separator",
                )  # fmt: skip
            start = reader.line_num + 1
    except csv.Error:
        pass
    finally:
        csv.field_size_limit(before)
    return DataError(f"cannot be read as csv: {fault}".splitlines()[0], name)

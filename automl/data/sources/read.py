"""Where reading begins: one file, the files of a spec, or its database, whatever form they have."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from automl.data.sources.arrow import read_feather, read_parquet, told
from automl.data.sources.builtin import read_builtin
from automl.data.sources.container import TooLarge, agree, content, first_bytes, unchanged
from automl.data.sources.delimited import read_delimited
from automl.data.sources.large import read_large
from automl.data.sources.lines import read_lines
from automl.data.sources.paths import files_of, joint_digest
from automl.data.sources.raw import Raw
from automl.data.sources.sql import read_sql
from automl.data.sources.stack import mixed, same_columns, stack
from automl.errors import DataError, UsageError
from automl.hardware import memory_mb
from automl.spec.codes import remark
from automl.spec.dialect import encoding_of
from automl.spec.files import clipped, is_address, is_there, looks_like_json, why_missing
from automl.spec.sections.data import Csv, Data
from automl.spec.units import human_bytes

MEMORY_SHARE = 0.5  # of the machine's, for a table while it is read; features and workers come after
TEXT_FACTOR = 6  # memory a text table takes while it is read, per byte of text (measured: 4 where values recur, 7 where none does)
UNPACKED = 10  # bytes of text that a byte of a packed table may hold
TYPED_FACTOR = 3  # the same per decoded byte of a typed table: the pages, Arrow's columns, and ours


def read_file(path: Path, options: Csv | None = None) -> Raw:
    """Read the whole of one file: csv, tsv, jsonl (each plain, gzip or zstd), parquet or feather, told by content.

    Raises DataError with the file and, for a row that does not fit the header, its physical line; also when what a packed
    file holds does not fit into memory.
    """
    if is_address(str(path)):
        raise UsageError("network sources are not yet of this version", clipped(str(path).split(":")[0]), "fetch the file, and name it here")
    if not is_there(path):
        problem, hint = why_missing(str(path), Path())
        raise DataError(problem, clipped(path.name), hint)
    limit = memory_limit()
    try:
        with unchanged(path):
            return _whole(path, options or Csv(), max(limit // TEXT_FACTOR, path.stat().st_size))
    except TooLarge:
        words = f"the file unpacks to more than may be held in memory ({human_bytes(limit)} for a table that is read whole)"
        raise DataError(words, path.name, "give it in parts") from None


def read_data(data: Data, base: Path, *, limit: int | None = None, seed: int = 0) -> Raw:
    """Read what `data` names, paths relative to `base`; a table larger than `limit` bytes of memory comes as a sample.

    `limit` is half of the machine's memory when left out. Raises DataError, EnvironmentFault, and MissingPackageError for a
    database without SQLAlchemy.
    """
    if data.builtin is not None:
        return read_builtin(data.builtin)[0]
    limit = memory_limit() if limit is None else limit
    if data.sql is not None:
        return read_sql(data.sql, base, limit, seed)
    return read_files(data.train or [], base, data.csv, limit=limit, seed=seed, key="data.train")


def read_table(path: Path, options: Csv | None = None) -> Raw:
    """Read a file that is only looked at: like read_file, but one larger than memory comes as a sample."""
    return read_files([str(path)], Path(), options or Csv(), limit=memory_limit(), key=clipped(path.name))


def read_files(patterns: Sequence[str], base: Path, options: Csv, *, limit: int, seed: int = 0, key: str = "data.train") -> Raw:
    """Read files and globs as one table, in order; all must have the same columns. `limit` as for read_data."""
    files, notes = files_of(patterns, base, key)
    name = files[0].name if len(files) == 1 else f"{clipped(patterns[0])} ({len(files)} files)" if len(patterns) == 1 else f"{len(files)} files"
    raws: list[Raw] = []
    try:
        if sum(map(_size, files)) > limit:
            raise TooLarge
        left = limit
        for path in files:
            with unchanged(path):
                raws.append(_whole(path, options, left // TEXT_FACTOR))
            left -= _size(path)
    except TooLarge:
        raw, digests = read_large(files, options, limit, seed)
        return replace(raw, name=name, sha256=joint_digest(digests), notes=(*notes, *raw.notes))
    joined = _joined(raws)
    return replace(joined, name=name, sha256=joint_digest([r.sha256 for r in raws]), notes=(*notes, *joined.notes))


def memory_limit() -> int:
    """Return the bytes that a table may take while it is read."""
    return int((memory_mb() << 20) * MEMORY_SHARE)


def is_larger(path: Path, limit: int) -> bool:
    """Return whether reading a file whole may take more than `limit` bytes of memory; False of what is no file, or none that can be read."""
    if is_address(str(path)) or not path.is_file() or not path.stat().st_size:
        return False
    packed, _, kind = first_bytes(path)
    return _size(path) * (UNPACKED if packed and kind == "text" else 1) > limit


def _size(path: Path) -> int:
    """Return roughly the memory that reading a file whole takes; what a packed text holds shows when it is unpacked."""
    packed, _, kind = first_bytes(path)
    if kind == "parquet" and not packed:
        import pyarrow.parquet as pq

        with told("parquet", _cut(path), path.name):
            facts = pq.read_metadata(path)
        unpacked: int = sum(facts.row_group(i).total_byte_size for i in range(facts.num_row_groups))
        cells: int = facts.num_rows * facts.num_columns
        return TYPED_FACTOR * max(unpacked, 8 * cells)
    return TEXT_FACTOR * path.stat().st_size


def _cut(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-4, os.SEEK_END)
        return file.read() != b"PAR1"


def _whole(path: Path, options: Csv, limit: int) -> Raw:
    """Read a file into memory. Raises TooLarge beyond `limit` bytes of text."""
    packed, start, kind = first_bytes(path)
    form = kind
    if kind == "text":
        encoding, mark = encoding_of(start, options.encoding)
        form = "jsonl" if looks_like_json(start[mark:].decode(encoding, "ignore")) else "text"
    agree(path, form)
    data, digest = content(path, packed, limit if kind == "text" else limit * TEXT_FACTOR)
    if form == "text":
        found = read_delimited(data, path.name, options)
    elif form == "jsonl":
        found = read_lines(data, path.name)
    elif form == "parquet":
        found = read_parquet(data, path.name)
    else:
        found = read_feather(data, path.name, form == "arrow stream")
    table, repeated, notes = found
    return Raw(table, path.name, digest, notes, repeated)


def _joined(raws: Sequence[Raw]) -> Raw:
    """Return several files as one table. Raises DataError naming a file with other columns."""
    first = raws[0]
    if len(raws) == 1:
        return first
    for other in raws[1:]:
        same_columns(list(first.table.columns), first.name, list(other.table.columns), other.name)
    tables = [r.table for r in raws]
    notes = [note if note in first.notes else f"{raw.name}: {note}" for raw in raws for note in raw.notes]
    if names := mixed(tables):
        listed = ", ".join(f"`{clipped(n)}`" for n in names[:5])
        notes.append(remark("W307", f"{listed}: numbers in one file and text or dates in another, read as text"))
    return Raw(stack(tables), first.name, "", tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(n for r in raws for n in r.repeated)))

"""Tables larger than memory: read once in blocks, counted exactly, and kept as a uniform sample of their rows, or handed on block by block."""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from automl.data.sources.arrow import from_arrow, told
from automl.data.sources.cells import Cells, coded
from automl.data.sources.container import BLOCK, agree, first_bytes, opened, unchanged
from automl.data.sources.delimited import Quotes, arrow_table, csv_options, header_bytes
from automl.data.sources.exact import LONGEST_LINE, Exact
from automl.data.sources.lines import read_lines
from automl.data.sources.raw import MISSING, Raw
from automl.data.sources.sample import Counts, Reservoir, Rows
from automl.data.sources.stack import same_columns
from automl.data.sources.stream import TextStream
from automl.errors import DataError, NoRowsError
from automl.inference.table import Table
from automl.spec.codes import remark
from automl.spec.dialect import Dialect, dialect_of, encoding_of, first_text, unique_names
from automl.spec.files import looks_like_json
from automl.spec.sections.data import Csv
from automl.spec.units import human_bytes

MOST_ROWS = 1 << 16  # of a block of a typed table
READ_AHEAD = 32  # blocks that Arrow reads ahead of the one it gives


def read_large(paths: Sequence[Path], options: Csv, limit: int, seed: int) -> tuple[Raw, list[str]]:
    """Return a sample of the rows of some files that takes about a third of `limit` bytes, and the sha256 of each file.

    Raises DataError as reading whole files does.
    """
    sample = Reservoir(limit // 3, seed)
    reader = _Large(options, limit, sample)
    digests = []
    for path in paths:
        with unchanged(path):
            digests.append(reader.file(path))
    return reader.finish(paths, sample), digests


def read_blocks(path: Path, options: Csv, limit: int, each: Callable[[Table], None]) -> tuple[str, ...]:
    """Hand on all rows of a file in order, as tables that take a small part of `limit` bytes, and return what must be known of the file.

    The tables have the columns that reading it whole would give; of JSON lines those that its own rows name. Raises DataError as that does,
    after some blocks were handed on.
    """
    reader = _Large(options, limit, _Each(each))
    with unchanged(path):
        reader.file(path)
    if not reader.counts.rows:
        raise NoRowsError("the table has a header and no rows", path.name, "at least some dozen rows are needed")
    return (*reader.notes, *reader.cells.notes())


class _Taker(Protocol):
    """What the rows of a block are offered to."""

    def offer(self, n: int, take: Callable[[Rows], Table]) -> None:
        """See the next `n` rows; `take` gives those at some positions of them as a table."""


class _Each:
    """Takes all rows and hands them on."""

    def __init__(self, each: Callable[[Table], None]) -> None:
        self.each = each

    def offer(self, n: int, take: Callable[[Rows], Table]) -> None:
        """Hand on the next `n` rows."""
        if n:
            self.each(take(np.arange(n)))


class _Large:
    """Takes in files block by block; every block is counted, and offered to a sample or another taker."""

    def __init__(self, options: Csv, limit: int, taker: _Taker) -> None:
        self.options, self.limit, self.taker = options, limit, taker
        self.missing = MISSING if options.missing is None else tuple(options.missing)
        self.counts = Counts(options.decimal)
        self.cells = Cells(self.missing, options.decimal, counted=False)
        self.notes: dict[str, None] = {}
        self.names: tuple[str, ...] = ()
        self.repeated: tuple[str, ...] = ()
        self.first = ""
        self.any_text = False

    def file(self, path: Path) -> str:
        """Take in a file; return its sha256."""
        packed, start, kind = first_bytes(path)
        if kind == "text":
            encoding, mark = encoding_of(start, self.options.encoding)
            if looks_like_json(start[mark:].decode(encoding, "ignore")):
                agree(path, "jsonl")
                return self._lines(path, packed)
            agree(path, "text")
            return self._delimited(path, packed)
        agree(path, kind)
        if packed:
            raise DataError(f"a packed {kind} file is not read in parts", path.name, "unpack it; the form packs its columns itself")
        self._typed(path, kind)
        return digest_of(path)

    def finish(self, paths: Sequence[Path], sample: Reservoir) -> Raw:
        """Return what was kept, with the counts of everything."""
        name = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
        if not self.counts.rows:
            raise NoRowsError("the table has a header and no rows", name, "at least some dozen rows are needed")
        table, rows = sample.table()
        sampled = table.n_rows < self.counts.rows
        if self.any_text:
            for column_name, column in table.columns.items():
                if column.kind == "coded":
                    self.cells.look(column_name, column)
        notes = (*self.notes, *self.cells.notes())
        if not sampled:  # it did fit after all
            return Raw(table, name, "", notes, self.repeated)
        whole = self.counts.record()
        held = f"the table is larger than the {human_bytes(self.limit)} that may be held in memory: {table.n_rows} of {whole['rows']} rows, drawn evenly"
        return Raw(table, name, "", (*notes, remark("W308", f"{held}, are what models see; counts are of all rows")), self.repeated, rows + 1, whole)

    def _same(self, names: Sequence[str], path: Path) -> None:
        if not self.names:
            self.names, self.first = tuple(names), path.name
        else:
            same_columns(self.names, self.first, names, path.name)

    def _note(self, notes: Sequence[str]) -> None:
        self.notes.update(dict.fromkeys(notes))

    def _typed(self, path: Path, kind: str) -> None:
        """Take in a parquet or Arrow file."""
        kept: list[str] = []
        remarks: list[str] = []
        with told(kind, False, path.name):
            for block in _parquet_blocks(path, self.limit) if kind == "parquet" else _arrow_blocks(path, kind):
                names, repeated, notes = unique_names([str(n) for n in block.column_names])
                block = block.rename_columns(list(names))
                if not kept:  # which columns there are is told by the first block
                    self._note(notes)
                    self.repeated = repeated or self.repeated
                    kept = list(from_arrow(block, remarks).columns)
                    self._same(kept, path)
                    if not kept:
                        raise DataError("the table has no column that can be used", path.name, "; ".join(remarks)[:300])
                block = block.select(kept)
                self.counts.add(block)
                self.taker.offer(block.num_rows, partial(_taken, block, remarks))
        self._note(remarks)

    def _lines(self, path: Path, packed: str) -> str:
        """Take in JSON lines."""
        with TextStream(path, packed, None, self.limit) as stream:
            rest, line, keys = b"", 1, dict[str, None]()
            while True:
                block = stream.exactly(BLOCK)
                rest += block
                cut = rest.rfind(b"\n") + 1 if block else len(rest)
                whole, rest = rest[:cut], rest[cut:]
                if whole.strip():
                    table, _, notes = read_lines(whole, path.name, line)
                    self._note(notes)
                    keys |= dict.fromkeys(table.columns)
                    self.counts.add_table(table)
                    self.taker.offer(table.n_rows, table.take)
                line += whole.count(b"\n")
                if not block:
                    self._same(list(keys), path)
                    return stream.finish()
                if len(rest) > LONGEST_LINE:
                    raise DataError(f"a line is longer than {LONGEST_LINE >> 20} million characters", f"{path.name}, line {line}", "is it a table?")

    def _delimited(self, path: Path, packed: str) -> str:
        """Take in a csv: as Arrow reads it, and from where that refuses record by record."""
        dialect, header = self._dialect(path, packed)
        self._note(dialect.notes)
        self._same(dialect.names, path)
        self.repeated, self.any_text = dialect.repeated or self.repeated, True
        with TextStream(path, packed, self.options.encoding, self.limit) as stream:
            stream.exactly(header)
            done, whole = self._fast(stream, dialect)
            if whole:
                return stream.finish()
        with TextStream(path, packed, self.options.encoding, self.limit, validate=True) as stream:
            exact = Exact(io.TextIOWrapper(io.BufferedReader(stream, BLOCK), "utf-8", newline=""), dialect, path.name)
            for plain in exact.batches(done):
                self._offer(arrow_table(plain, len(dialect.names), ","), dialect)
            self._note(exact.notes())
            return stream.finish()

    def _fast(self, stream: TextStream, dialect: Dialect) -> tuple[int, bool]:
        """Take in rows as Arrow reads them; return how many, and whether that was all of them.

        It ends where Arrow refuses, and where a quote stands where it should not.
        """
        import pyarrow as pa
        import pyarrow.csv as pa_csv

        if ord(dialect.separator) > 127:
            return 0, False
        done, quotes = 0, Quotes(dialect.separator)
        block = max(1 << 18, min(BLOCK, self.limit // (2 * READ_AHEAD)))
        stream.quotes = quotes
        try:
            with pa_csv.open_csv(stream, *csv_options(len(dialect.names), dialect.separator, block)) as reader:
                for batch in reader:
                    if not quotes.fine:
                        return done, False
                    self._offer(pa.Table.from_batches([batch]), dialect)
                    done += batch.num_rows
        except pa.ArrowInvalid:
            return done, False
        return done, quotes.clean()

    def _offer(self, block: Any, dialect: Dialect) -> None:
        block = block.rename_columns(list(dialect.names))
        self.counts.add(block, self.missing)

        def take(rows: Any) -> Table:
            chosen = block.take(rows)
            pairs = zip(chosen.column_names, chosen.columns, strict=True)
            return Table({name: self.cells.settled(name, coded(column)) for name, column in pairs}, len(rows))

        self.taker.offer(block.num_rows, take)

    def _dialect(self, path: Path, packed: str) -> tuple[Dialect, int]:
        """Return how a csv is written, and the bytes its header takes as UTF-8."""
        size = 1 << 16
        while True:
            with TextStream(path, packed, self.options.encoding, self.limit, validate=True) as stream:
                start = stream.exactly(size)
            found = dialect_of(first_text(start, "utf-8", len(start) < size), self.options, path.name, len(start) < size)
            if found is not None:
                return found, header_bytes(start, found.header_lines)
            size *= 8


def _taken(block: Any, remarks: list[str], rows: Any) -> Table:
    """Return some rows of a typed block as raw columns."""
    return from_arrow(block.take(rows), remarks)


def digest_of(path: Path) -> str:
    """Return the sha256 of a file, read in blocks."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parquet_blocks(path: Path, limit: int) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, buffer_size=1 << 16, pre_buffer=False) as file:
        columns = max(1, file.metadata.num_columns)
        rows = max(256, min(MOST_ROWS, limit // (20 * 16 * columns)))
        for batch in file.iter_batches(rows):
            yield pa.Table.from_batches([batch])


def _arrow_blocks(path: Path, kind: str) -> Iterator[Any]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as file:
        if kind == "arrow":
            reader = pa.ipc.open_file(file)
            batches: Iterator[Any] = (reader.get_batch(i) for i in range(reader.num_record_batches))
        else:
            batches = iter(pa.ipc.open_stream(file))
        for batch in batches:
            table = pa.Table.from_batches([batch])
            for start in range(0, table.num_rows, MOST_ROWS):
                yield table.slice(start, MOST_ROWS)

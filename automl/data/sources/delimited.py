"""Text tables: Arrow reads what is well formed, every cell as text; what is not goes the exact way, record by record.

Cells stay text until a column's role is known, so training and prediction read a value the same way.
"""

import io
import itertools
import re
from typing import Any

import numpy as np

from automl.data.sources.cells import Cells
from automl.data.sources.exact import Exact
from automl.data.sources.raw import MISSING
from automl.errors import DataError, NoRowsError
from automl.inference.table import Table
from automl.spec.codes import remark
from automl.spec.dialect import Dialect, dialect_of, encoding_of, first_text
from automl.spec.sections.data import Csv

BLOCK = 1 << 22  # bytes that Arrow parses at a time; a longer record makes it try again with more
_WIDE = 1500  # bytes per column that a block has at least: a column costs the same in a block of ten rows as of a thousand
_START = 1 << 16
_QUOTE, _LINE_FEED, _RETURN = 34, 10, 13
_LINE_END = re.compile(rb"\r\n|\r|\n")


def read_delimited(data: bytes, name: str, options: Csv) -> tuple[Table, tuple[str, ...], tuple[str, ...]]:
    """Return the table of a csv's bytes, the names that occur twice in it, and notes.

    Raises DataError with the physical line of what cannot be read.
    """
    plain, notes = as_utf8(data, name, options.encoding)
    refuse_nul(plain, name)
    mark = len(data) - len(plain) if encoding_of(data[:4], options.encoding)[0] == "utf-8" else 0
    dialect = _dialect(plain, name, options, mark)
    notes += dialect.notes
    found = _fast(plain, dialect) if Quotes(dialect.separator).feed(plain).clean() else None
    if found is None:
        exact = Exact(io.StringIO(_decoded(plain, name, "utf-8", options.encoding, mark), newline=""), dialect, name)
        written = b"".join(exact.batches())
        notes += exact.notes()
        found = arrow_table(written, len(dialect.names), ",") if written else None
    if found is None or found.num_rows == 0:
        raise NoRowsError("the table has a header and no rows", name, "at least some dozen rows are needed")
    n_rows, columns = found.num_rows, found.columns
    del found
    table, remarks = to_table(columns, n_rows, dialect.names, options)
    return table, dialect.repeated, (*notes, *remarks)


def to_table(columns: list[Any], n_rows: int, names: tuple[str, ...], options: Csv) -> tuple[Table, list[str]]:
    """Return Arrow columns of text as a raw table, and notes on their cells; empties the list, as a column done is freed."""
    cells = Cells(MISSING if options.missing is None else options.missing, options.decimal)
    columns.reverse()
    table = Table({name: cells.column(name, columns.pop()) for name in names}, n_rows)
    return table, cells.notes()


def as_utf8(data: bytes, name: str, asked: str | None) -> tuple[bytes, list[str]]:
    """Return a text as UTF-8 without a byte order mark, and a note where that was not plain.

    Raises DataError with byte and line where the text is not what it was said to be.
    """
    encoding, mark = encoding_of(data[:4], asked)
    if encoding == "utf-8":
        return (data[mark:] if mark else data), []
    text = _decoded(data[mark:], name, encoding, asked, mark)
    if asked is None:
        return text.encode(), [f"encoding {encoding}, found from its first bytes"]
    if not text.isascii() and _is_utf8(data):
        return text.encode(), [remark("W304", f"the file is valid UTF-8 and was read as {asked}, as asked for; letters such as ä may be wrong")]
    return text.encode(), []


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes, name: str, encoding: str, asked: str | None, mark: int = 0) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        raise not_text(name, fault.start + mark, lines_before(data[: fault.start]), asked) from None


def not_text(name: str, position: int, lines: int, asked: str | None) -> DataError:
    """Return the error for a byte that the encoding does not have."""
    fix = "set `data.csv.encoding`, for example cp1252" if asked is None else "another `data.csv.encoding` is needed"
    return DataError(f"byte {position} is not {asked or 'UTF-8'}", f"{name}, line {lines + 1}", fix)


def lines_before(data: bytes) -> int:
    """Return how many physical lines end in some bytes; CR LF is one end."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def refuse_nul(data: bytes, name: str, lines: int = 0) -> None:
    """Refuse NUL bytes: the file is damaged, no text, or in an encoding that was not named; `lines` come before `data`.

    Raises DataError.
    """
    first = data.find(b"\0")
    if first >= 0:
        count = data.count(b"\0")
        half = count > 0.2 * min(len(data), 1 << 20)
        fix = "set `data.csv.encoding: utf-16-le` if it is a text of two bytes a letter" if half else "remove them; the file may be damaged"
        raise DataError(f"{count} NUL byte{'s' if count > 1 else ''}: this is no text table", f"{name}, line {lines + lines_before(data[:first]) + 1}", fix)


def _dialect(data: bytes, name: str, options: Csv, mark: int) -> Dialect:
    size = _START
    while True:
        try:
            text = first_text(data[:size], "utf-8", len(data) <= size)
        except UnicodeDecodeError as fault:
            raise not_text(name, fault.start + mark, lines_before(data[: fault.start]), options.encoding) from None
        if (found := dialect_of(text, options, name, len(data) <= size)) is not None:
            return found
        size *= 8


class Quotes:
    """Whether the quotes of a text all stand where they open or close a whole field, told block by block.

    Then every reader takes the text alike, and no quote that was left open swallows rows. State: whether the next quote
    opens or closes, and the byte before the block.
    """

    def __init__(self, separator: str) -> None:
        self.ends = np.zeros(256, dtype=bool)
        self.ends[[_LINE_FEED, _RETURN, ord(separator) if ord(separator) < 128 else _LINE_FEED]] = True
        self.odd = 0
        self.before = _LINE_FEED
        self.fine = True
        self.pending = False  # the last byte closed a field; the next one must end it

    def feed(self, data: bytes) -> "Quotes":
        """Take in the next bytes of the text."""
        for start in range(0, len(data), BLOCK):
            end = min(start + BLOCK, len(data))
            if not self.pending and data.find(b'"', start, end) < 0:
                self.before = data[end - 1]
            elif self.fine:
                self._block(np.frombuffer(data, dtype=np.uint8, count=end - start, offset=start))
        return self

    def _block(self, block: Any) -> None:
        quotes = np.flatnonzero(block == _QUOTE)
        if self.pending:
            self.fine = bool(self.ends[block[0]] or block[0] == _QUOTE)
        self.pending = False
        if len(quotes):
            opening = quotes[self.odd :: 2]
            closing = quotes[1 - self.odd :: 2]
            previous = np.where(opening > 0, block[opening - 1], self.before)
            inside = closing[closing < len(block) - 1]
            following = block[inside + 1]
            self.fine &= bool((self.ends[previous] | (previous == _QUOTE)).all() and (self.ends[following] | (following == _QUOTE)).all())
            self.pending = len(closing) > len(inside)
            self.odd = (self.odd + len(quotes)) % 2
        self.before = int(block[-1])

    def clean(self) -> bool:
        """Return whether all quotes were well placed and closed."""
        return self.fine and not self.odd


def arrow_table(data: Any, width: int, separator: str) -> Any:
    """Return csv bytes without a header as Arrow columns of text, named by their position.

    Raises pyarrow.ArrowInvalid where rows differ in length or a cell is not UTF-8.
    """
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    block = max(BLOCK, min(len(data), _WIDE * width))
    while True:
        read, parse, convert = csv_options(width, separator, block)
        try:
            return pa_csv.read_csv(pa.BufferReader(pa.py_buffer(data)), read, parse, convert)
        except pa.ArrowInvalid as fault:
            if "straddling" not in str(fault) or block > len(data):
                raise
            block = min(block * 8, 1 << 30) if block < 1 << 30 else len(data) + 1


def csv_options(width: int, separator: str, block: int) -> tuple[Any, Any, Any]:
    """Return Arrow's options: no header, every column text, nothing taken for missing, quoted newlines allowed."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    names = [str(i) for i in range(width)]
    convert = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False)
    return pa_csv.ReadOptions(column_names=names, block_size=block), pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True), convert


def _fast(data: bytes, dialect: Dialect) -> Any:
    """Return the rows as Arrow reads them, or None where it refuses."""
    import pyarrow as pa

    rest = memoryview(data)[header_bytes(data, dialect.header_lines) :]
    if not rest.nbytes:
        return None
    if ord(dialect.separator) > 127:
        return None
    try:
        return arrow_table(rest, len(dialect.names), dialect.separator)
    except pa.ArrowInvalid:
        return None


def header_bytes(data: bytes, lines: int) -> int:
    """Return how many bytes the first physical lines take."""
    ends = [found.end() for found in itertools.islice(_LINE_END.finditer(data), lines)]
    return ends[-1] if lines and len(ends) == lines else len(data) if lines else 0

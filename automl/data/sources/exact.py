"""The slow and exact way through a text table: record by record, each known by the physical line it begins on."""

import csv
import io
import re
from collections.abc import Iterator
from typing import TextIO

from automl.errors import DataError
from automl.spec.codes import remark
from automl.spec.dialect import Dialect

LONGEST_LINE = 1 << 28
BATCH = 50_000
_PEEK = 100
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*("|\Z)')


class Exact:
    """Reads the rows of a text whose header was told already; counts rows that are too short and refuses the rest.

    Fields are as Python's csv module reads them. A quote may stand inside a field that does not begin with one; a quoted
    field that spans lines must end where a separator or the line does, as a quote that was never closed swallows rows.
    """

    def __init__(self, stream: TextIO, dialect: Dialect, name: str) -> None:
        self.stream, self.dialect, self.name = stream, dialect, name
        self.width = len(dialect.names)
        self.line = 0
        self.kept: list[str] = []
        self.short = self.first_short = 0
        self.ended = False

    def rows(self) -> Iterator[list[str]]:
        """Yield each row with as many fields as the header has names. Raises DataError naming the physical line."""
        before = csv.field_size_limit(LONGEST_LINE)
        try:
            for _ in range(self.dialect.header_lines):
                next(self._lines(), None)
            reader = csv.reader(self._lines(), delimiter=self.dialect.separator)
            while True:
                start = self.line + 1
                self.kept.clear()
                try:
                    record = next(reader, None)
                except csv.Error as fault:
                    raise DataError(f"cannot be read as csv: {fault}", f"{self.name}, line {start}", "a quote may be open") from None
                if record is None:
                    return
                if len(self.kept) > 1 or self.ended:
                    self._closed(start)
                if not record:
                    continue
                if len(record) > self.width:
                    raise self._too_long(start, len(record), reader)
                if len(record) < self.width:
                    self.short += 1
                    self.first_short = self.first_short or start
                    record += [""] * (self.width - len(record))
                yield record
        finally:
            csv.field_size_limit(before)

    def batches(self, skip: int = 0) -> Iterator[bytes]:
        """Yield the rows as plain csv (UTF-8, commas, quoted where needed), some at a time, after the first `skip`."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")  # with it both letters are quoted inside a field
        count = 0
        for number, row in enumerate(self.rows()):
            if number < skip:
                continue
            writer.writerow(row)
            count += 1
            if count % BATCH == 0:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
        if out.tell():
            yield out.getvalue().encode()

    def notes(self) -> list[str]:
        """Return a remark on the rows that were too short."""
        if not self.short:
            return []
        rows = f"{self.short} row{'s have' if self.short > 1 else ' has'}"
        return [remark("W301", f"{rows} fewer values than the {self.width} names, the first on line {self.first_short}; the rest is read as missing")]

    def _lines(self) -> Iterator[str]:
        while line := self.stream.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise DataError(f"a line is longer than {LONGEST_LINE >> 20} million characters", f"{self.name}, line {self.line + 1}", "is it a table?")
            self.line += 1
            self.kept.append(line)
            yield line
        self.ended = True

    def _closed(self, start: int) -> None:
        """Refuse a record in which a quoted field is never closed, or lines later by a quote that text follows."""
        text = "".join(self.kept)
        try:
            next(csv.reader(io.StringIO(text, newline=""), delimiter=self.dialect.separator, strict=True), None)
        except csv.Error:
            found = self._open_quote(text)
            if found is not None:
                opened, closed = found
                after = f"; text follows the next quote, on line {start + closed}" if closed is not None else ""
                fix = 'close the quote, or write "" for a quote inside one'
                raise DataError(f"a quote is opened here and not closed{after}", f"{self.name}, line {start + opened}", fix) from None

    def _open_quote(self, text: str) -> tuple[int, int | None] | None:
        """Return the lines into a record on which the faulty field opens its quote and on which a quote ends it, if one does."""
        rest = re.compile(f"[^{re.escape(self.dialect.separator)}\r\n]*")
        at = 0
        while at < len(text):
            end = at
            if field := _QUOTED.match(text, at):
                end = field.end()
                if not field[1]:
                    return _lines_in(text[:at]), None
                opened, closed = _lines_in(text[:at]), _lines_in(text[:end])
                if opened != closed and rest.match(text, end)[0]:  # type: ignore[index]
                    return opened, closed
            at = rest.match(text, end).end() + 1  # type: ignore[union-attr]
        return None

    def _too_long(self, start: int, found: int, reader: Iterator[list[str]]) -> DataError:
        header = "the header has" if self.dialect.header_lines else "the first row has"
        names = f"{header} {self.width} name{'s' if self.width != 1 else ''}" if self.dialect.header_lines else f"{header} {self.width} values"
        if start == self.dialect.header_lines + 1:
            try:
                after = [len(record) for record, _ in zip(reader, range(_PEEK), strict=False) if record]
            except (csv.Error, DataError):
                after = []
            if after and all(width == found for width in after):
                return DataError(
                    f"{names}, every row has {found} values", f"{self.name}, line {start}",
                    "if the first column has no name, write one in line 1; if a value holds the separator, quote it",
                )  # fmt: skip
        return DataError(f"{names}, this row has {found} values", f"{self.name}, line {start}", "correct the row, or quote a value that holds the separator")


def _lines_in(text: str) -> int:
    """Return how many lines end in a text."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")

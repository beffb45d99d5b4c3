"""How a text table is written, told from its first lines: encoding, separator, names; the header check and the reader agree by it."""

import codecs
import csv
import io
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from automl.errors import DataError
from automl.spec.codes import remark
from automl.spec.files import clipped
from automl.spec.sections.data import Csv

SAMPLE_RECORDS = 50
_SEPARATORS = ("\t", ";", "|", ",")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_NUMBER = re.compile(r"\s*[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?\s*")


@dataclass(frozen=True)
class Dialect:
    """How a table is written: `names` of the columns, `header_lines` physical lines before the first row.

    `repeated` are the names that occurred more than once, `notes` what a user should know of the reading.
    """

    separator: str
    names: tuple[str, ...]
    header_lines: int
    repeated: tuple[str, ...]
    notes: tuple[str, ...]


def encoding_of(start: bytes, asked: str | None) -> tuple[str, int]:
    """Return the encoding of a text by its first bytes, and the length of its byte order mark."""
    marked = next(((name, len(mark)) for mark, name in _BOMS if start.startswith(mark)), None)
    if asked is None:
        return marked or ("utf-8", 0)
    name = codecs.lookup(asked).name
    if name == "utf-8-sig":
        name = "utf-8"
    if marked is not None and marked[0] == name:
        return name, marked[1]
    return name, 0


def first_text(start: bytes, asked: str | None, complete: bool) -> str:
    """Return the text that a file begins with; a letter that was cut in two at the end is left out.

    Raises UnicodeDecodeError.
    """
    encoding, mark = encoding_of(start, asked)
    return codecs.getincrementaldecoder(encoding)().decode(start[mark:], final=complete)


def dialect_of(text: str, options: Csv, name: str, complete: bool) -> Dialect | None:
    """Return how a table is written whose file begins with `text`; None when more of it must be seen to tell.

    `complete` says that `text` is the whole file. Raises DataError naming line 1 when there is no header, or an open
    quote in it.
    """
    first = re.split(r"[\r\n]", text[: 1 << 16], maxsplit=1)[0]
    if not first.strip():
        raise DataError("the file has no header", name, "line 1 must hold the column names")
    if not complete and len(first) >= 1 << 16 and not re.search(r"[\r\n]", text):
        return None
    separator = options.separator or sniff(text, complete)
    header, lines = _first_record(text, separator)
    if not complete and (not header or sum(map(len, _lines(text, lines))) == len(text)):
        return None  # the header may go on
    if not header:
        raise DataError("the header cannot be read", f"{name}, line 1", "a quote is opened there and never closed")
    notes = [f"separator {separator!r}, found from the first lines"] if options.separator is None and separator != "," else []
    if not options.header:
        return Dialect(separator, tuple(f"c{i}" for i in range(1, len(header) + 1)), 0, (), tuple(notes))
    if len(header) > 1 and all(_NUMBER.fullmatch(h) for h in header):
        notes.append(remark("W303", "line 1 holds only numbers: it looks like there is no header; if so set `data.csv.header: false`"))
    names, repeated, remarks = unique_names([h.strip() for h in header])
    return Dialect(separator, names, lines, repeated, (*notes, *remarks))


def unique_names(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return column names made distinct and non-empty, the names that were repeated, and remarks on both.

    A second `a` becomes `a.1` (the next free number), an empty third name `column_3`; both hold for any file with that
    header, so training and prediction agree.
    """
    taken, out = set(names), list(names)
    filled, changed, repeated, seen = [], [], [], set[str]()
    numbers: dict[str, int] = {}
    for i, name in enumerate(names):
        if not name.strip():
            out[i] = f"column_{i + 1}" if f"column_{i + 1}" not in taken else _free(f"column_{i + 1}_", taken, numbers)
            filled.append(f"column {i + 1} is called {out[i]}")
        elif name in seen:
            out[i] = _free(f"{name}.", taken, numbers)
            repeated.append(name)
            changed.append(f"`{clipped(name)}` to `{clipped(out[i])}`")
        taken.add(out[i])
        seen.add(out[i])
    notes = [remark("W302", f"names that were empty: {_listed(filled)}")] if filled else []
    notes += [remark("W302", f"names that occurred before were changed: {_listed(changed)}")] if changed else []
    return tuple(out), tuple(dict.fromkeys(repeated)), tuple(notes)


def _free(stem: str, taken: set[str], numbers: dict[str, int]) -> str:
    """Return the stem with the next number that no column has; `numbers` remembers where to go on."""
    number = numbers.get(stem, 1)
    while f"{stem}{number}" in taken:
        number += 1
    numbers[stem] = number + 1
    return f"{stem}{number}"


def _listed(words: Sequence[str], most: int = 5) -> str:
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def _lines(text: str, most: int) -> list[str]:
    """Return the first physical lines of a text, with their ends; they end at any of the three usual marks."""
    return list(itertools.islice(io.StringIO(text, newline=""), most))


def _first_record(text: str, separator: str) -> tuple[list[str], int]:
    """Return the fields of the first record and the physical lines it takes; no fields where a quote stays open."""
    before = csv.field_size_limit(max(len(text), 1))
    try:
        for strict in (True, False):  # strict tells an open quote; text behind a closing one is no reason to refuse
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
            try:
                return next(reader), reader.line_num
            except csv.Error as fault:
                if "end of data" in str(fault):
                    return [], 0
        return [], 0
    finally:
        csv.field_size_limit(before)


def sniff(text: str, complete: bool = True) -> str:
    """Return the separator that the first lines of a table are written with.

    The one by which most of them have as many fields as the header; among equals tab, semicolon, bar, comma in that order,
    since a comma may be the decimal mark of a file that is separated by another, and hardly the other way round. A header
    alone is judged by how often each stands in it.
    """
    lines = _lines(text[: 1 << 20], SAMPLE_RECORDS + 1)
    if not complete and 1 < len(lines) <= SAMPLE_RECORDS:
        lines.pop()  # it may be cut
    found = {}
    before = csv.field_size_limit(1 << 21)
    try:
        for order, separator in enumerate(_SEPARATORS):
            widths = [len(record) for record in csv.reader(lines, delimiter=separator) if record]
            if widths and widths[0] > 1:
                agree = sum(w == widths[0] for w in widths[1:]) / max(1, len(widths) - 1)
                found[separator] = (round(agree, 2), -order) if len(widths) > 1 else (widths[0], order)
    except csv.Error:
        pass
    finally:
        csv.field_size_limit(before)
    return max(found, key=lambda s: found[s]) if found else ","

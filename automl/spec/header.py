"""The names in the data's header against the names in the spec, without reading the rows and without pandas."""

import csv
import gzip
import io
import re
import shlex
from pathlib import Path
from typing import Any

from automl.errors import did_you_mean
from automl.spec.diagnostics import Diagnostic
from automl.spec.model import Spec

FIRST_BYTES = 1 << 20
MOST_NAMES = 8


def header_of(path: Path, separator: str | None = None, encoding: str | None = None) -> list[str] | None:
    """Return the column names of a csv (plain or gzip) or parquet file; None when they cannot be told here."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic == b"PAR1":
            import pyarrow.parquet as pq

            return list(pq.read_schema(path).names)
        if magic[:2] == b"PK":
            return None
        if magic[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                start = packed.read(FIRST_BYTES)
        else:
            with path.open("rb") as file:
                start = file.read(FIRST_BYTES)
        text = start.decode(encoding or "utf-8-sig", errors="strict" if len(start) < FIRST_BYTES else "ignore")
        first = re.split(r"[\r\n]", text, maxsplit=1)[0]
        if not first.strip():
            return None
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator or sniff(first)))
        return [name.strip() or f"column_{i}" for i, name in enumerate(names, 1)]
    except (OSError, EOFError, ValueError, IndexError, StopIteration, csv.Error, LookupError, ImportError):
        return None  # reading the data says what is wrong with it, with its line
    except Exception as fault:
        if type(fault).__module__.startswith("pyarrow"):
            return None
        raise


def is_there(path: Path) -> bool:
    """Return whether a path is a file; a name that the system cannot even look up is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def near_file(path: Path) -> str:
    """Return the nearest name among the files beside a path that is not there, or nothing."""
    around = [p.name for p in path.parent.iterdir() if p.is_file()] if path.parent.is_dir() else []
    return did_you_mean(path.name, around)


def sniff(header: str) -> str:
    """Return the separator that a header line is written with."""
    counts = {mark: header.count(mark) for mark in (",", ";", "\t", "|")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else ","


def check_header(spec: Spec, source: Any) -> list[Diagnostic]:
    """Return an error for the file or for every column that a spec names and the data do not have."""
    if spec.data.train is None:
        return []
    path = source.path.parent / spec.data.train[0]
    written = ("data", "train") if source.node(("data", "train")) is not None else ("data",)
    if not is_there(path):
        near = near_file(path)
        folder = len(path.name) < 256 and path.is_dir()
        why = f"{path.name or '.'} is a folder" if folder else f"there is no file {path.name[:80]}"
        return [Diagnostic("D300", why, source.span(written), f"did you mean `{near}`?" if near else f"looked in {_shown(path.parent, source.path.parent)}")]
    if not spec.data.csv.header:
        return []
    names = header_of(path, spec.data.csv.separator, spec.data.csv.encoding)
    if names is None:
        return []
    found = []
    for place, name in named_columns(spec):
        if name not in names:
            near = did_you_mean(name, names)
            listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
            notes = (f"{len(names)} columns: {listed}",)
            dotted = ".".join(str(p) for p in place)
            fix = f"automl run {shlex.quote(source.path.name)} --set {shlex.quote(f'{dotted}={near}')}" if near and place == ("task", "target") else ""
            found.append(
                Diagnostic("D301", f"column `{name}` is not in {path.name}", source.span(place), f"did you mean `{near}`?" if near else "", fix, notes)
            )
    return found


def _shown(folder: Path, base: Path) -> str:
    return "the folder of the spec" if folder.resolve() == base.resolve() else folder.name


def named_columns(spec: Spec) -> list[tuple[tuple[str | int, ...], str]]:
    """Return every column a spec names, with the path of the key that does."""
    columns = spec.data.columns
    out: list[tuple[tuple[str | int, ...], str]] = []
    target = getattr(spec.task, "target", None)
    if target is not None:
        out.append((("task", "target"), target))
    for key, names in (("id", columns.id), ("drop", columns.drop)):
        out += [(("data", "columns", key, i), name) for i, name in enumerate(names)]
    return out + [(("data", "columns", "types", name), name) for name in columns.types]

"""The names in the data's header against the names in the spec, without reading the rows and without pandas."""

import gzip
import json
import shlex
from pathlib import Path
from typing import Any

from automl.errors import DataError, did_you_mean
from automl.spec.diagnostics import Diagnostic
from automl.spec.dialect import dialect_of, first_text, unique_names
from automl.spec.environment import substituted
from automl.spec.files import clipped, expand, is_there, kind_of, looks_like_json, why_missing
from automl.spec.model import Spec
from automl.spec.sections.data import Csv
from automl.spec.tasks import LABELS

FIRST_BYTES = 1 << 20
MOST_NAMES = 8


def header_of(path: Path, options: Csv | None = None) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the column names of a file and those that occur twice in it; None when they cannot be told here.

    Reading the data says what is wrong with it, with its line.
    """
    try:
        start, complete = _start(path)
        if kind_of(start) == "text":
            return _names_of_text(start, path.name, options or Csv(), complete)
        if kind_of(start).startswith("arrow"):
            import pyarrow as pa

            with pa.OSFile(str(path)) as file:
                names = pa.ipc.open_file(file).schema.names if kind_of(start) == "arrow" else pa.ipc.open_stream(file).schema.names
        elif kind_of(start) == "parquet":
            import pyarrow.parquet as pq

            names = pq.read_schema(path).names
        else:
            return None
        return unique_names([str(name) for name in names])[:2]
    except (OSError, EOFError, ValueError, IndexError, LookupError, ImportError, DataError):
        return None
    except Exception as fault:
        if type(fault).__module__.startswith("pyarrow"):
            return None
        raise


def _start(path: Path) -> tuple[bytes, bool]:
    """Return the first bytes of a file, unpacked, and whether they are all."""
    with path.open("rb") as file:
        start = file.read(FIRST_BYTES)
        if kind_of(start) == "gzip":
            file.seek(0)
            with gzip.open(file) as packed:
                start = packed.read(FIRST_BYTES)
        elif kind_of(start) == "zstd":
            import pyarrow as pa

            file.seek(0)
            start = pa.CompressedInputStream(pa.PythonFile(file), "zstd").read(FIRST_BYTES)
    return start, len(start) < FIRST_BYTES


def _names_of_text(start: bytes, name: str, options: Csv, complete: bool) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    text = first_text(start, options.encoding, complete)
    if "\0" in text:
        return None
    if looks_like_json(text):
        if not complete:
            return None  # a later line may bring a further key
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        return tuple(dict.fromkeys(key for row in rows for key in row)), ()
    dialect = dialect_of(text, options, name, complete)
    return (dialect.names, dialect.repeated) if dialect is not None else None


def check_header(spec: Spec, source: Any) -> list[Diagnostic]:
    """Return an error for every file that is not there, and for every column that a spec names and the data do not have."""
    base, first = source.path.parent, None
    found: list[Diagnostic] = []
    for key, patterns in (("train", spec.data.train), ("test", spec.data.test)):
        for place, pattern in written_paths(source, key, patterns or []):
            files = [p for p in expand(substituted(pattern), base) if is_there(p)]
            if not files:
                found.append(Diagnostic("D300", (why := why_missing(substituted(pattern), base))[0], source.span(place), why[1]))
            elif key == "train":
                first = first or files[0]
    header = header_of(first, spec.data.csv) if first is not None else None
    return found if header is None or first is None else [*found, *_columns(spec, source, first.name, *header)]


def written_paths(source: Any, key: str, patterns: list[str]) -> list[tuple[tuple[str | int, ...], str]]:
    """Return each path of `data.train` or `data.test` with where it is written: a short form has one place for all."""
    node = source.node(("data", key))
    whole: tuple[str | int, ...] = ("data", key) if node is not None else ("data",)
    node = source.node(whole)
    listed = node is not None and node.kind == "list"
    return [((*whole, i) if listed else whole, pattern) for i, pattern in enumerate(patterns)]


def _columns(spec: Spec, source: Any, file: str, names: tuple[str, ...], repeated: tuple[str, ...]) -> list[Diagnostic]:
    found = []
    for place, name in named_columns(spec):
        if name in repeated:
            found.append(Diagnostic("D307", f"the column name `{clipped(name)}` occurs twice in {file}", source.span(place), "which is meant?"))
        elif name not in names:
            near = did_you_mean(name, names)
            dotted = ".".join(str(p) for p in place)
            fix = f"automl run {shlex.quote(source.path.name)} --set {shlex.quote(f'{dotted}={near}')}" if near and place == ("task", "target") else ""
            message = f"column `{clipped(name)}` is not in {file}"
            found.append(Diagnostic("D301", message, source.span(place), f"did you mean `{clipped(near)}`?" if near else "", fix, (listed_names(names),)))
    return found


def listed_names(names: tuple[str, ...] | list[str]) -> str:
    """Return the first names of a table and how many there are, in one short line."""
    shown = ", ".join(clipped(name, 40) for name in names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
    return f"{len(names)} column{'s' if len(names) != 1 else ''}: {shown}"


def named_columns(spec: Spec) -> list[tuple[tuple[str | int, ...], str]]:
    """Return every column a spec names, with the path of the key that does."""
    columns = spec.data.columns
    labels = [(key, getattr(spec.task, key, None)) for key in LABELS]
    out: list[tuple[tuple[str | int, ...], str]] = [(("task", key), str(name)) for key, name in labels if name is not None]
    for key, names in (("id", columns.id), ("drop", columns.drop)):
        out += [(("data", "columns", key, i), name) for i, name in enumerate(names)]
    single = (("group", columns.group), ("time", columns.time), ("weight", columns.weight))
    out += [(("data", "columns", key), name) for key, name in single if name is not None]
    if spec.constraints.fairness is not None:
        out.append((("constraints", "fairness", "column"), spec.constraints.fairness.column))
    if isinstance(spec.features.interactions, list):
        out += [(("features", "interactions", i, k), name) for i, pair in enumerate(spec.features.interactions) for k, name in enumerate(pair)]
    out += [(("checks", "except", i, "column"), item.column) for i, item in enumerate(spec.checks.except_)]
    return out + [(("data", "columns", "types", name), name) for name in columns.types]

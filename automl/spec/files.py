"""Paths of a spec as files: globs, near names, and what a file is by its first bytes; nothing heavy is loaded."""

import re
from pathlib import Path

from automl.errors import did_you_mean

_ADDRESS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):/")  # two letters at least: one is a drive
_MAGIC = re.compile(r"[*?\[]")
_MARKS = (
    (b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PAR1", "parquet"), (b"PARE", "an encrypted parquet file"), (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow stream"), (b"FEA1", "a feather file of the first version"), (b"PK\x03\x04", "a zip or Excel file"),
    (b"PK\x05\x06", "a zip or Excel file"), (b"\xd0\xcf\x11\xe0", "an old Excel file"), (b"SQLite format 3\0", "an SQLite database"),
    (b"\xfd7zXZ\0", "an xz file"), (b"7z\xbc\xaf\x27\x1c", "a 7z file"), (b"%PDF", "a PDF file"), (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a numpy array"), (b"Obj\x01", "an Avro file"), (b"\x7fELF", "a program"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"),
)  # fmt: skip
READ = ("gzip", "zstd", "parquet", "arrow", "arrow stream", "text")
_WAYS = {
    "a zip or Excel file": "export the sheet as csv, or unpack the archive", "an old Excel file": "export the sheet as csv",
    "an SQLite database": "use `data.sql: {connection: \"sqlite:///FILE\", query: …}`", "an encrypted parquet file": "write it without encryption",
    "a feather file of the first version": "write it again with a newer pyarrow",
}  # fmt: skip
_SUFFIXES = {
    "parquet": "parquet", "pq": "parquet", "feather": "arrow", "arrow": "arrow", "ipc": "arrow", "csv": "text", "tsv": "text", "tab": "text",
    "jsonl": "jsonl", "ndjson": "jsonl",
}  # fmt: skip
_FORMS = {"parquet": "parquet", "arrow": "Arrow (feather)", "arrow stream": "Arrow (feather)", "text": "text", "jsonl": "JSON lines"}


def is_address(text: str) -> bool:
    """Return whether a text is an address on a network (or a `file:` URL) and no path; `C:/` is a path."""
    return bool(_ADDRESS.match(text))


def in_a_file(connection: str) -> bool:
    """Return whether the address of a database is of a kind that lives in a file; any other may be a server, or ask one."""
    return connection.split(":")[0].split("+")[0].lower() == "sqlite"


def is_there(path: Path) -> bool:
    """Return whether a path is a file; a name that the system cannot even look up is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def near_file(path: Path) -> str:
    """Return the nearest name among the files beside a path that is not there, or nothing."""
    return did_you_mean(path.name, _beside(path.parent))


def _beside(folder: Path) -> list[str]:
    try:
        return sorted(p.name for p in folder.iterdir() if p.is_file())
    except (OSError, ValueError):
        return []


def expand(pattern: str, base: Path) -> list[Path]:
    """Return the files that a path or a glob names, sorted by name; a name that is a file is never taken for a glob.

    A path that is no glob is returned even where there is no such file; a glob that matches nothing gives no path.
    """
    path = base / pattern
    if is_there(path) or not _MAGIC.search(pattern):
        return [path]
    folder, rest = (Path(path.anchor), str(path.relative_to(path.anchor))) if Path(pattern).is_absolute() else (base, pattern)
    hidden = Path(pattern).name.startswith(".")
    try:
        return sorted(p for p in folder.glob(rest) if is_there(p) and (hidden or not p.name.startswith(".")))
    except (OSError, ValueError):
        return []


def why_missing(pattern: str, base: Path) -> tuple[str, str]:
    """Return why a path or glob names no file, and what to do: the folder that was looked in and near names."""
    path = base / pattern
    folder = shown_folder(path.parent, base)
    if _MAGIC.search(pattern):
        near = did_you_mean(re.sub(r"\[[^\]]*\]|[*?]", "", path.name), _beside(path.parent), 0.4)
        return f"no file matches `{clipped(pattern)}`", f"looked in {folder}" + (f"; did you mean `{near}`?" if near else "")
    if len(path.name) < 256 and _is_folder(path):
        kinds = sorted({p.suffix for p in path.iterdir() if p.suffix.lstrip(".") in _SUFFIXES})
        return f"{path.name or '.'} is a folder", f"for its files write `{pattern.rstrip('/')}/*{kinds[0]}`" if kinds else "name a file in it"
    near = near_file(path)
    return f"there is no file {clipped(path.name)}", f"did you mean `{near}`?" if near else f"looked in {folder}"


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def shown_folder(folder: Path, base: Path) -> str:
    """Return a folder in words that name no place of the machine."""
    try:
        here = folder.resolve() == base.resolve()
    except (OSError, ValueError):
        here = False
    return ("the folder of the spec" if base.name else "this folder") if here else f"the folder {folder.name}"


def clipped(text: str, most: int = 60) -> str:
    """Return a text of the data for a message: one line, not long, nothing that cannot be seen."""
    plain = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[: most + 1])
    return plain if len(text) <= most else plain[: most - 1] + "…"


def kind_of(start: bytes) -> str:
    """Return what a file is by its first bytes: one of `READ`, or what else it is, in words."""
    if start[:3] == b"BZh" and start[4:10] == b"1AY&SY":
        return "a bzip2 file"
    return next((kind for mark, kind in _MARKS if start.startswith(mark)), "text")


def way_out(kind: str) -> str:
    """Return what to do with a file of a kind that is not read."""
    return _WAYS.get(kind, "csv, tsv, jsonl, parquet and feather are read, and gz or zst of text")


def looks_like_json(text: str) -> bool:
    """Return whether a text begins as JSON lines do, or as one JSON array of rows."""
    return bool(re.match(r'\s*(\[\s*)?\{\s*("|\}|$)', text[:1000]))


def contradiction(path: Path, form: str) -> str:
    """Return why the suffix of a file and what it holds (a kind, or jsonl) do not agree, or nothing."""
    parts = [s.lower().lstrip(".") for s in path.suffixes if s.lower() not in (".gz", ".zst", ".gzip", ".zstd")]
    called = _SUFFIXES.get(parts[-1], "") if parts else ""
    held = form.removesuffix(" stream")
    return f"it is called .{parts[-1]} and holds {_FORMS[form]}" if called and called != held else ""

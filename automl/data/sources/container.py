"""The bytes of a file: read once, hashed while they are read, unpacked within bounds, and refused when they change meanwhile."""

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from automl.errors import DataError, EnvironmentFault
from automl.spec.files import READ, contradiction, kind_of, way_out
from automl.spec.units import human_bytes

BLOCK = 1 << 22
BOMB_RATIO = 200  # text tables deflate by 3 to 30, seldom by 100; gzip's own limit is about 1030


class TooLarge(Exception):
    """The content is more than may be held in memory at once."""


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """Guard the reading of a file. Raises DataError when its size or time of change differs afterwards."""
    before = _stamp(path)
    try:
        yield
    except (DataError, TooLarge):
        if _stamp(path) != before:
            raise _changed(path) from None
        raise
    if _stamp(path) != before:
        raise _changed(path)


def _changed(path: Path) -> DataError:
    return DataError("the file changed while being read", path.name, "start again when nothing writes to it")


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def opened(path: Path) -> io.BufferedReader:
    """Open a file for reading. Raises EnvironmentFault when the system refuses."""
    try:
        return path.open("rb")
    except OSError as fault:
        raise EnvironmentFault(f"cannot read {path.name}: {fault.strerror}", "data") from None


class Hashed(io.RawIOBase):
    """A file whose bytes go through a sha256 as they are read."""

    def __init__(self, file: io.BufferedReader) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        content = self.file.read(len(buffer))
        self.digest.update(content)
        buffer[: len(content)] = content
        return len(content)

    def finish(self) -> str:
        """Read what is left and return the hex digest of the whole file."""
        while content := self.file.read(BLOCK):
            self.digest.update(content)
        return self.digest.hexdigest()


def unpacking(file: Any, kind: str) -> Any:
    """Return a stream of what a packed file holds; the file itself for any other kind."""
    if kind == "gzip":
        return gzip.GzipFile(fileobj=file)
    if kind == "zstd":
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(file), "zstd")
    return file


@contextmanager
def whole_file(kind: str, name: str) -> Iterator[None]:
    """Say of a packed file that ends too soon, or is damaged, what it is. Raises DataError."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise DataError(f"the file is incomplete or damaged ({kind}): {fault}".splitlines()[0], name, "fetch it again") from None
    except OSError as fault:
        if kind not in ("gzip", "zstd"):
            raise
        raise DataError(f"the file is incomplete or damaged ({kind}): {fault}".splitlines()[0], name, "fetch it again") from None


def first_bytes(path: Path) -> tuple[str, bytes, str]:
    """Return how a file is packed (gzip, zstd or nothing), the first bytes of what it holds, and what kind that is.

    Raises DataError for a file of a kind that is not read.
    """
    with opened(path) as file:
        start = file.read(1 << 16)
        packed = kind_of(start) if kind_of(start) in ("gzip", "zstd") else ""
        if packed:
            file.seek(0)
            with whole_file(packed, path.name):
                start = unpacking(file, packed).read(1 << 16)
    kind = kind_of(start)
    if kind not in READ or (packed and kind in ("gzip", "zstd")):
        raise DataError(f"this is {kind}" if kind not in READ else "the file is packed twice", path.name, way_out(kind))
    return packed, start, kind


def agree(path: Path, form: str) -> None:
    """Refuse a file whose name says one form and whose content is another. Raises DataError."""
    if why := contradiction(path, form):
        raise DataError(f"the file is not what it is called: {why}", path.name, "give it its right suffix")


def content(path: Path, packed: str, limit: int) -> tuple[bytes, str]:
    """Return what a file holds, unpacked, and the sha256 of the file.

    Raises TooLarge when that is more than `limit` bytes, DataError when the file is incomplete.
    """
    with opened(path) as file:
        if not packed:
            if os.fstat(file.fileno()).st_size > limit:
                raise TooLarge
            data = file.read()
            return data, hashlib.sha256(data).hexdigest()
        hashed = Hashed(file)
        with whole_file(packed, path.name):
            stream, out = unpacking(io.BufferedReader(hashed, BLOCK), packed), io.BytesIO()
            while block := stream.read(BLOCK):
                if out.tell() + len(block) > limit:
                    raise TooLarge
                out.write(block)
        return out.getvalue(), hashed.finish()


def refuse_bomb(path: Path, unpacked: int, limit: int) -> None:
    """Refuse a packed file that holds more than memory and incredibly much for its size. Raises DataError."""
    if unpacked > limit and unpacked > BOMB_RATIO * path.stat().st_size:
        raise DataError(
            f"the file unpacks to more than {BOMB_RATIO} times its size, and beyond the {human_bytes(limit)} that may be held in memory",
            path.name, "unpack it yourself if it is what it should be",
        )  # fmt: skip

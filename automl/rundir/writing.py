"""Writes that a reader sees whole or not at all, and what is said when the disk refuses one."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from automl.errors import EnvironmentFault

FULL = (errno.ENOSPC, errno.EDQUOT)
SPARE_BYTES = 1 << 20  # free space below which a refusal without a reason is taken for a full disk
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # of linux/fcntl.h and linux/fs.h


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part (temp, fsync, rename). Raises EnvironmentFault."""
    with replacing(path, len(data)) as out, refused(path, len(data)):
        out.write(data)


@contextlib.contextmanager
def replacing(path: Path, need: int = 0) -> Iterator[IO[bytes]]:
    """Give a file that stands under its name once the block has ended, and not at all after an error of it; `need`: the bytes it will take, if known.

    Raises EnvironmentFault for what the disk refuses outside of the block.
    """
    with refused(path, need):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            with refused(path, need):
                out.flush()
                os.fsync(out.fileno())
        with refused(path, need):
            os.chmod(name, 0o644)
            os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def write_json(path: Path, value: object, indent: int | None = 1) -> None:
    """Write JSON atomically; NaN and infinity are refused, as no other reader takes them. Without `indent` it is five times as fast."""
    write_bytes(path, (json.dumps(value, indent=indent, allow_nan=False, default=str) + "\n").encode())


def read_json(path: Path) -> Any:
    """Read a JSON file of a run."""
    return json.loads(path.read_text(encoding="utf-8"))


def sync(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return the hex digest of a file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def is_full(fault: OSError, path: Path) -> bool:
    """Return whether a disk refused because it is full; numpy tells of a short write without a reason."""
    if fault.errno is not None:
        return fault.errno in FULL
    return _free(path) < SPARE_BYTES


@contextlib.contextmanager
def refused(path: Path, need: int = 0, what: str = "") -> Iterator[None]:
    """Turn an OSError of the block into an EnvironmentFault: what could not be done, at which path, and the bytes a full disk lacks."""
    what = what or f"write {path.name}"
    try:
        yield
    except OSError as fault:
        if not is_full(fault, path):
            raise EnvironmentFault(f"cannot {what}: {fault.strerror or fault}", where=shown(path)) from fault
        asked = f"; {path.name} needs {_megabytes(need)}" if need else ""
        raise EnvironmentFault(
            f"the disk is full: cannot {what}", where=shown(path),
            fix=f"free some space ({_megabytes(_free(path))} left{asked}), then start the same command again: it goes on from here",
        ) from fault  # fmt: skip


def shown(path: Path) -> str:
    """Return a path as a message names it: from where the user stands, or its last names."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(Path(*path.parts[-4:])) if path.is_absolute() and len(path.parts) > 4 else str(path)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.3g} MB" if count >= 1e5 else f"{count / 1e3:.3g} kB"


def _free(path: Path) -> int:
    for folder in (path, *path.parents):
        with contextlib.suppress(OSError):
            return shutil.disk_usage(folder).free
    return 0


def swap(made: Path, place: Path) -> None:
    """Put the folder `made`, whose files are on the disk, where `place` is, and remove what stood there; a reader finds one of both, whole.

    Linux exchanges the two names in one step (renameat2); elsewhere, and on file systems that cannot, there is a moment
    between two renames. Raises OSError.
    """
    sync(made)
    if not place.exists():
        made.rename(place)
        sync(place.parent)
        return
    if not _exchanged(made, place):
        old = made.with_name(f"{made.name}-old")
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
        made.rename(place)
        made = old
    sync(place.parent)
    shutil.rmtree(made, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names in one step; return whether the system could."""
    if sys.platform != "linux":
        return False
    import ctypes

    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    return call is not None and call(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0

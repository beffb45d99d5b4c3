"""The files that paths and globs of a spec name, in a fixed order."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from automl.errors import DataError, UsageError
from automl.spec.environment import filled
from automl.spec.files import expand, is_address, is_there, why_missing


def files_of(patterns: Sequence[str], base: Path, key: str) -> tuple[list[Path], list[str]]:
    """Return the files of `data.train` or `data.test`, globs sorted by name, and a note on files that are named twice.

    Raises DataError with the folder that was looked in and the nearest name, SpecError for a variable that is not set,
    UsageError for an address of a network.
    """
    out: dict[Path, None] = {}
    notes = []
    for pattern in patterns:
        plain = filled(pattern, key)
        if is_address(plain):
            raise UsageError("network sources are not yet of this version", key, "fetch the file, and name it here")
        found = [p for p in expand(plain, base) if is_there(p)]
        if not found:
            problem, hint = why_missing(plain, base)
            raise DataError(problem, key, hint)
        twice = [p.name for p in found if p in out]
        if twice:
            notes.append(f"{', '.join(twice[:5])}: named twice, read once")
        out |= dict.fromkeys(found)
    return list(out), notes


def joint_digest(digests: Sequence[str]) -> str:
    """Return the sha256 of one file, or of the hex digests of several, in order."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()

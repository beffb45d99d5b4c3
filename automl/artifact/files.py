"""The files of an artifact, read only as far as they are what they are said to be: regular, of their size, with their digest."""

import hashlib
import hmac
import re
import stat
from pathlib import Path
from typing import Any

from automl.errors import ArtifactError, UsageError
from automl.rundir import RunDir

MANIFEST = "manifest.json"
PART_BYTES = 16 << 30  # where a manifest does not say how large a part is


def digest_of(path: Path | str) -> str:
    """Return the digest of an artifact, or of the one of a run folder: sha256 of its manifest, in hexadecimal. Raises ArtifactError."""
    root = Path(path)
    place = root if (root / MANIFEST).is_file() else RunDir(root).artifact
    try:
        return hashlib.sha256((place / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        raise ArtifactError("there is no artifact here", str(root), "give a run folder or an artifact folder") from None


def read_manifest(path: Path, most: int, expect: str | None) -> bytes:
    """Return the content of a manifest of at most so many bytes, if its digest is the one expected. Raises ArtifactError, UsageError, OSError."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise ArtifactError("the manifest is not a file", str(path))
    if facts.st_size > most:
        raise ArtifactError("the manifest is too large", str(path))
    content = path.read_bytes()
    if expect is not None:
        wanted = expect.lower().removeprefix("sha256:")
        if not re.fullmatch(r"[0-9a-f]{64}", wanted):
            raise UsageError(f"`{expect[:80]}` is no digest", fix="it is the 64 letters and digits that `automl run` printed")
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), wanted):
            raise ArtifactError("this is not the artifact that was expected", str(path.parent), "take the original again, or the digest that belongs to it")
    return content


def read_part(folder: Path, name: str, facts: dict[str, Any]) -> bytes:
    """Return the content of a part that has the size and the digest that its manifest gives. Raises ArtifactError."""
    path = folder / name
    size = facts.get("bytes")
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ArtifactError(f"the part {name} is not a file", str(folder))
        if (size is not None and found.st_size != size) or found.st_size > PART_BYTES:
            raise _changed(folder, name)
        content = path.read_bytes()
    except OSError:
        raise ArtifactError(f"the part {name} is missing", str(folder)) from None
    if hashlib.sha256(content).hexdigest() != facts["sha256"]:
        raise _changed(folder, name)
    return content


def no_constant(word: str) -> None:
    """Refuse NaN and Infinity, which JSON does not have. Raises ValueError."""
    raise ValueError(f"{word} is no number")


def _changed(folder: Path, name: str) -> ArtifactError:
    return ArtifactError(f"the part {name} was changed after the artifact was made", str(folder), "take the original again")

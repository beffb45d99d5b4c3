"""Transformers of other packages: the record that is one, and the only door through which one comes in.

The rule of trust: whoever installs a package lets it run, and its entry points in the group `automl.transformers` say what
of it may run here. An artifact is a file, which anybody may have written: it names such an entry and the package it needs,
holds numbers and JSON for it, and nothing more. No module is ever imported because a file names it, and no file holds code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from automl.errors import ArtifactError, MissingPackageError, UsageError, did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    import numpy as np
    from numpy.typing import NDArray

GROUP = "automl.transformers"
_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")


@dataclass(frozen=True)
class State:
    """What a transformer learned: `facts`, JSON values, and `arrays` of numbers. It stands in the artifact, for everyone to read."""

    facts: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Transformer:
    """Features of one column.

    `kinds` are those of the columns it takes: number, category, text, date. Values (n,) are float64 with NaN where missing for
    numbers and dates (seconds since 1970), else objects: str, or None where missing. `fit(values, y)` sees the learning rows of
    one fold and their class codes y (n,). `apply(state, values)` returns (n, k); what it makes of a value depends on the state
    and on that value alone, as a category or text is handed in once, however many rows hold it. `names(state)` are k words.
    """

    name: str
    kinds: frozenset[str]
    fit: Callable[[NDArray[Any], NDArray[np.int64]], State]
    apply: Callable[[State, NDArray[Any]], NDArray[Any]]
    names: Callable[[State], list[str]]
    summary: str = ""


@dataclass(frozen=True)
class Origin:
    """Which transformer of which package: all that a spec's run, a store or an artifact says of one."""

    transformer: str
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"the transformer `{self.transformer}` of {self.distribution} {self.version}"


@lru_cache(maxsize=8)
def _installed(path: tuple[str, ...]) -> tuple[tuple[Origin, EntryPoint], ...]:
    """Return what packages along `path` registered; the path is only there to ask again once it has changed."""
    from importlib.metadata import entry_points  # costs more to import than all else that a plain artifact needs here

    found = [(Origin(p.name, p.dist.name, p.dist.version), p) for p in entry_points(group=GROUP) if p.dist is not None]
    return tuple(sorted(found, key=lambda pair: (pair[0].transformer, pair[0].distribution)))


def installed() -> list[Origin]:
    """Return the transformers that installed packages registered, by name; none is imported."""
    return [origin for origin, _ in _installed(tuple(sys.path))]


def origin_of(name: str) -> Origin:
    """Return the transformer that a user means by a name. Raises UsageError where none is installed, or several packages have one."""
    found = [origin for origin in installed() if origin.transformer == name]
    if not found:
        known = sorted({origin.transformer for origin in installed()})
        near = did_you_mean(name, known)
        known_words = "known: " + ", ".join(known) if known else f"no installed package has one: a package brings some by the entry-point group `{GROUP}`"
        raise UsageError(f"`{name}` is not a transformer", fix=f"did you mean `{near}`?" if near else known_words)
    if len(found) > 1:
        owners = ", ".join(origin.distribution for origin in found)
        raise UsageError(f"several packages have a transformer `{name}`: {owners}", fix="remove all of them but one")
    return found[0]


def load(origin: Origin) -> Transformer:
    """Return the transformer, imported from the installed package that registered it.

    Raises ArtifactError for names that are none, MissingPackageError where the package is absent, of another version (what it
    makes of a value may have changed), or cannot be imported.
    """
    if not _DISTRIBUTION.fullmatch(origin.distribution) or not _VERSION.fullmatch(origin.version):
        raise ArtifactError(f"the model names a package that cannot be: {origin.distribution!r} {origin.version!r}")
    there = [
        (found, point) for found, point in _installed(tuple(sys.path)) if (found.transformer, found.distribution) == (origin.transformer, origin.distribution)
    ]
    line = f"pip install {origin.distribution}=={origin.version}, if you know and trust that package"
    if not there:
        raise MissingPackageError(f"the model needs {origin}, which is not installed", fix=line)
    if there[0][0].version != origin.version:
        raise MissingPackageError(f"the model needs {origin}, and {there[0][0].version} is installed", fix=line)
    try:
        found = there[0][1].load()
    except Exception as fault:  # whatever a package does on import
        raise MissingPackageError(f"{origin} cannot be imported: {type(fault).__name__}: {fault}".splitlines()[0], fix="mend or reinstall it") from None
    if not isinstance(found, Transformer):
        raise MissingPackageError(f"{origin} is no Transformer but a {type(found).__name__}", fix="ask those who made the package")
    return found

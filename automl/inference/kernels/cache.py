"""Compiles a kernel once per machine: numba's cache in a folder that only its owner can write or read, or in memory where there is none.

Numba's cache unpickles what it finds, so whoever can write the folder runs code as whoever reads it. The usual places, beside
the source or wherever NUMBA_CACHE_DIR points, are used only if they pass the same test.
"""

import os
import stat
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.registry import cpu_target

from automl.inference.precompile import place, stamp

PRIVATE = 0o700


def folder() -> Path | None:
    """Return the folder for compiled code, made where it is missing; None where none is safe to use.

    NUMBA_CACHE_DIR if set, else that of `precompile.place`. Safe is a
    folder that is no link, belongs to this process's user, and gives no right to anybody else.
    """
    path = place(config.CACHE_DIR)
    try:
        path.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        return path if private(path) and os.access(path, os.W_OK | os.X_OK) else None
    except (OSError, RuntimeError):  # read-only, a file in the way, no home
        return None


def private(path: Path) -> bool:
    """Return whether a folder belongs to this process's user alone: no link, nobody else's, no right for others. Raises OSError."""
    facts = path.lstat()
    mine = not hasattr(os, "geteuid") or facts.st_uid == os.geteuid()
    return stat.S_ISDIR(facts.st_mode) and mine and (os.name != "posix" or not stat.S_IMODE(facts.st_mode) & 0o077)


class _Private(_CacheLocator):  # type: ignore[misc]
    """Says to numba where compiled code lies, and of which source it is."""

    def __init__(self, where: Path, line: int) -> None:
        self._where, self._line = where, line

    def get_cache_path(self) -> str:
        return str(self._where)

    def get_source_stamp(self) -> str:
        return stamp()  # of all: numba would look at one file only

    def get_disambiguator(self) -> str:
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> "_Private | None":
        where = folder()
        return None if where is None else cls(where, py_func.__code__.co_firstlineno)


class _Results(CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_Private,)


class _Cache(FunctionCache):  # type: ignore[misc]
    _impl_class = _Results


def compiled(signature: Any, **options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that compiles a function for the given signature, or several, now: from the cache, into it, or in memory."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        made = njit(nogil=True, **options)(function)
        if not hasattr(made, "compile"):  # NUMBA_DISABLE_JIT
            return made  # type: ignore[no-any-return]
        if folder() is not None:
            try:
                made._cache = _Cache(made.py_func)
            except Exception:  # another version of numba keeps its cache otherwise: without one it still compiles
                made = njit(nogil=True, **options)(function)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a cache that cannot be written is no fault of whoever predicts
            for each in signature if isinstance(signature, list) else [signature]:
                made.compile(each)
        made.disable_compile()
        return made  # type: ignore[no-any-return]

    return decorate


def features() -> str:
    """Return the features of the processor that code is compiled for, as LLVM names them."""
    return str(cpu_target.target_context.codegen().magic_tuple()[2])

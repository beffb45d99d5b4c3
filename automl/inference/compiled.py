"""Whether compiled code predicts: as soon as it is loaded, and loaded once the way without it has cost about as much.

To load a kernel takes up to a third of a second, seconds where nothing compiled is cached yet; a program that answers for few rows must not
wait for that. Nobody knows how many rows are to come, so the slower way is rented until the rent is about half of the
price: no program pays much more than three times what it had to (Karlin et al. 1988, Competitive snoopy caching: buying at
the full price makes it twice; half is taken as programs that predict batches go on to do so). All ways give the same
numbers to the last bit, so that nothing but time depends on this.
"""

import math
import subprocess
from collections.abc import Callable
from importlib import import_module
from typing import Any, ClassVar

from automl.inference import precompile

LIMIT_SECONDS = 0.15  # spent without a kernel; loading one takes 0.3

Key = tuple[str, str]
Kernel = Callable[..., None]


class _Account:
    """Per kernel of this process: what doing without it has cost so far, and the compiled function; None where it could not be had."""

    spent: ClassVar[dict[Key, float]] = {}
    made: ClassVar[dict[Key, Kernel | None]] = {}
    beside: ClassVar["subprocess.Popen[bytes] | None"] = None  # the process that compiles all of them for this machine


def want(module: str, kind: str) -> None:
    """Note that some model of this process could use a kernel: `settle` loads it."""
    _Account.spent.setdefault((module, kind), 0.0)


def kernel(module: str, kind: str, seconds: float) -> Kernel | None:
    """Return the compiled function of a module of `kernels` for a kind of numbers; None: do without.

    `seconds` is about what doing without takes this time. It is never an error that there is none: numba may be missing, or
    not fit to this machine.
    """
    key = module, kind
    if key not in _Account.made:
        _Account.spent[key] = _Account.spent.get(key, 0.0) + seconds
        if _Account.spent[key] < LIMIT_SECONDS or (_Account.beside is not None and _Account.beside.poll() is None):
            return None
        _Account.made[key] = _load(module, kind)
    return _Account.made[key]


def _load(module: str, kind: str) -> Kernel | None:
    try:
        found: Any = import_module(f"automl.inference.kernels.{module}").get(kind)
    except Exception:  # numba is absent, or does not fit to numpy, to this machine or to the folders there are
        return None
    return found if hasattr(found, "signatures") else None  # NUMBA_DISABLE_JIT: what would run is Python


def compile_beside() -> None:
    """Have kernels compiled by another process from now on, where this machine has none of this state yet: it is done when it is needed."""
    if _Account.beside is None:
        _Account.beside = precompile.start()


def settle(seconds: float = math.inf) -> bool:
    """Load now what the models of this process could use: before times are taken, which should not change in between.

    Where another process compiles for this machine it is waited for, so many seconds at most; False: that was too short, and this process
    does without.
    """
    wanted = [key for key in _Account.spent if key not in _Account.made]
    if wanted and _Account.beside is not None:
        try:
            _Account.beside.wait(None if seconds == math.inf else max(0.0, seconds))
        except subprocess.TimeoutExpired:
            _Account.made.update(dict.fromkeys(wanted))
            return False
    for module, kind in wanted:
        kernel(module, kind, math.inf)
    return True

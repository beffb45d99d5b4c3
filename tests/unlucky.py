"""A finder whose every fit fails."""

from typing import Any

from automl.search.fits import Fit
from automl.search.unlabelled import NoResult

from .finders import Options, _fitted

__all__ = ["Options", "find"]


def find(pool: Any, x: Any, options: Any, *, deadline: float, seed: int, n_jobs_hint: int, on_trial: Any, should_stop: Any) -> Any:
    """Try what cannot be fitted."""
    from automl.families import FAMILIES

    FAMILIES.add("clustering", "wild", "tests.finders:WILD")
    try:
        pool.put("x", x)
        if not _fitted(pool, [Fit("wild", {"how": "error"})], deadline, on_trial, should_stop):
            raise NoResult("nothing ended well")
    finally:
        FAMILIES.remove("clustering", "wild")

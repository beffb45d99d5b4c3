"""Whether the compiled walk of trees is used: as soon as it is loaded, and loaded once the slower one has cost about as much.

To load it takes a third of a second, more where nothing compiled is cached yet; a program that answers for few rows must not
wait for that. Nobody knows how many rows are to come, so the walk in numpy is rented until the rent is about half of the
price: no program pays much more than three times what it had to (Karlin et al. 1988, Competitive snoopy caching: buying at
the full price makes it twice; half is taken as programs that predict batches go on to do so). Both walks give the same
numbers to the last bit, so that nothing but time depends on this.
"""

import sys
from collections.abc import Callable

NAME = "automl.inference.tree_kernel"
LIMIT_SECONDS = 0.15  # of the walk in numpy; loading takes 0.3
STEP_SECONDS = 4e-9  # of the walk in numpy: a row through one split, on a server of 2024

Walk = Callable[..., None]


class _Account:
    """What the walk in numpy has cost in this process so far, and whether the compiled one could not be had."""

    spent = 0.0
    refused = False


def compiled_walk(steps: float) -> Walk | None:
    """Return the compiled walk for a call of so many steps (rows times splits on their way); None: walk in numpy.

    It is never an error that there is none: numba may be missing, or no folder fit for its cache.
    """
    if _Account.refused:
        return None
    if NAME not in sys.modules:
        _Account.spent += steps * STEP_SECONDS
        if _Account.spent < LIMIT_SECONDS:
            return None
    try:
        from automl.inference.tree_kernel import walk
    except Exception:  # numba is absent, or does not fit to numpy, to this machine or to the folders there are
        _Account.refused = True
        return None
    if not hasattr(walk, "signatures"):  # NUMBA_DISABLE_JIT: what would run is Python
        _Account.refused = True
        return None
    found: Walk = walk
    return found


def settle() -> None:
    """Load the compiled walk now if this process has trees to walk: before times are taken, which should not change in between."""
    if "automl.inference.trees" in sys.modules:
        compiled_walk(float("inf"))

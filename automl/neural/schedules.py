"""How a rate moves from the first step to the last: shares of the full rate by the share of the training that is over."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Schedule = Literal["cosine", "constant", "coslog4", "flat_cos"]
LEAST = 0.02  # of the rate, at the end of a cosine: a last epoch that learns nothing would be wasted
WARM_UP = 0.05  # of the training, in which a rate without an end rises


def share(schedule: Schedule, position: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the share of the full rate at a position between 0 (first step) and 1 (the end); a position per slot, or one.

    coslog4: four cosines of growing length, (1 - cos(2 pi log2(1 + 15 p))) / 2, and flat_cos: flat for half, then a cosine
    (Holzmueller, Grinsztajn and Steinwart 2024, Better by default, arXiv 2407.04491, appendix A). constant: only a warm-up, for
    optimizers that average their weights (Defazio et al. 2024, The road less scheduled, arXiv 2405.15682).
    """
    p = np.clip(np.asarray(position, dtype=np.float64), 0.0, 1.0)
    if schedule == "constant":
        return np.minimum(1.0, (p + 1e-3) / WARM_UP)
    if schedule == "coslog4":
        return (1 - np.cos(2 * math.pi * np.log2(1 + 15 * p))) / 2
    if schedule == "flat_cos":
        return (1 + np.cos(math.pi * np.maximum(0.0, 2 * p - 1))) / 2
    return np.maximum(LEAST, (1 + np.cos(math.pi * p)) / 2)


def position(epoch: float, epochs: float, now: float, began: float, deadline: float) -> float:
    """Return the share of a training that is over, by its epochs or by its time, whichever ends first: a rate should have fallen by then."""
    by_time = 0.0 if deadline == math.inf or deadline <= began else (now - began) / (deadline - began)
    return min(1.0, max(epoch / max(1.0, epochs), by_time))

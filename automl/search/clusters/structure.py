"""Whether a table has groups at all: tests that evenly or normally spread rows fail."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.eda.clock import Clock
from automl.eda.structure import LEAST_ROWS, clusterability

LEAST_GAIN, LEAST_GAIN_PER_ROW = 10.0, 0.01  # nats

Ints = NDArray[np.int64]


def structure_of(x: NDArray[np.float32], gain: float, seconds: float) -> dict[str, Any]:
    """Return `structure`, and what it rests on, for rows (n, m) without ties, where the best partition is `gain` nats per row shorter to tell.

    Groups are there where a dip test finds more than one mode (see eda.structure.clusterability), or where clusters, each a
    normal distribution, tell the rows in fewer nats than one does, their numbers paid for: by 10 in all and a hundredth per row.
    Parts of an even or normal cloud do not: what they gain in narrowness is what it takes to say which part a row is of.
    """
    n = len(x)
    gain = max(-1e3, min(gain, 1e3))
    shorter = gain * n >= LEAST_GAIN and gain >= LEAST_GAIN_PER_ROW
    out: dict[str, Any] = {"code_length": {"gain_per_row": round(gain, 4), "gain": round(gain * n, 1), "least": LEAST_GAIN, "passed": bool(shorter)}}
    dips = False
    if n >= LEAST_ROWS:
        found = clusterability(x.astype(np.float64), [""] * x.shape[1], Clock(seconds))
        dips = bool(found["structure"])
        out |= {"dip": found["dip"], "hopkins": found["hopkins"]}
    return {"structure": bool(dips or shorter), **out}

"""From strengths to clusters: the cluster that a row is put into, and how strongly it belongs there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NOISE = -1
PLACED_BY = {"centroids": "the nearest centre", "mixture": "the likeliest part of the mixture", "cores": "the nearest row that the model keeps"}
"""How a row finds its cluster, by the kind of the form."""


def clusters_of(strengths: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return (n_rows,) clusters and strengths in 0 to 1, from (n_rows, n_clusters); a row of zeros is noise, of strength 0."""
    if not strengths.shape[1]:
        return np.full(len(strengths), NOISE, dtype=np.int64), np.zeros(len(strengths), dtype=np.float32)
    label = strengths.argmax(axis=1).astype(np.int64)
    strength = np.clip(strengths[np.arange(len(strengths)), label], 0.0, 1.0).astype(np.float32)
    return np.where(strength > 0, label, NOISE), strength

"""How far two partitions agree: the adjusted Rand index of a pair, or of all pairs at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def indicator(labels: Ints) -> NDArray[np.float32]:
    """Return (n, k) ones where a row is of a group; noise, -1, is a group of its own."""
    place = np.unique(labels, return_inverse=True)[1]
    out = np.zeros((len(labels), int(place.max(initial=0)) + 1), np.float32)
    out[np.arange(len(labels)), place] = 1.0
    return out


def adjusted_rand(a: Ints, b: Ints) -> float:
    """Return the adjusted Rand index of labels (n,) and (n,): 1 for equal partitions, 0 for what chance gives (Hubert & Arabie 1985)."""
    return float(all_agreements([a, b])[0, 1])


def all_agreements(partitions: Sequence[Ints]) -> Floats:
    """Return (p, p) adjusted Rand indices of partitions, each of labels (n,)."""
    groups = [indicator(labels) for labels in partitions]
    n = len(partitions[0])
    starts = np.cumsum([0, *(g.shape[1] for g in groups)])[:-1]
    whole = np.concatenate(groups, axis=1)
    together = (whole.T @ whole).astype(np.float64)
    pairs = together * (together - 1) / 2
    both = np.add.reduceat(np.add.reduceat(pairs, starts, axis=0), starts, axis=1)
    own = np.diag(both)
    every = n * (n - 1) / 2
    expected = np.outer(own, own) / max(every, 1)
    most = (own[:, None] + own[None, :]) / 2
    room = most - expected
    found: Floats = np.where(room > 1e-12, (both - expected) / np.where(room > 1e-12, room, 1.0), 1.0)
    return found

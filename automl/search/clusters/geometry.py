"""What the indices of one table share, worked out once: distances, density connectivity and neighbours of a sample of rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.families.merges import core_distances, spanning_tree

MU = 5  # neighbours, itself among them, that make a row dense: DISCO's default
NEIGHBOURS = 10

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Geometry:
    """Of rows `x` (n, m): `far` and `linked` (n, n), Euclidean distances and distances by density connectivity; `core` (n,).

    `linked` is the least longest step between two rows, steps as long as the mutual reachability (Beer et al. 2025, DISCO,
    definition 2). `near` (n, 10) are the positions of the nearest other rows, `radius` (n,) the distance to the last of them.
    """

    x: Singles
    far: Singles
    linked: Singles
    core: Singles
    near: NDArray[np.int64]
    radius: Singles

    @classmethod
    def of(cls, x: Singles) -> "Geometry":
        """Work them out for rows (n, m); n of some thousands at most, n^2 * 8 bytes."""
        points = x.astype(np.float64)
        points = points - points.mean(axis=0)
        lengths = np.einsum("ij,ij->i", points, points)
        squares = lengths[:, None] + lengths - 2 * points @ points.T
        far = np.sqrt(np.maximum(squares, 0.0)).astype(np.float32)
        np.fill_diagonal(far, 0.0)
        count = min(NEIGHBOURS, len(x) - 1)
        near = np.argpartition(far + np.diag(np.full(len(x), np.inf, np.float32)), max(0, count - 1), axis=1)[:, :count]
        radius = np.take_along_axis(far, near, axis=1).max(axis=1, initial=0.0)
        core = core_distances(points, MU).astype(np.float32)
        return cls(x, far, connectivity(x), core, near, radius)


def untied(x: Singles, seed: int = 0) -> Singles:
    """Return rows (n, m) with values that rows share spread evenly over the gap to their neighbours.

    Counts, rounded numbers and yes-or-no columns put many rows in one place, where density has no meaning.
    """
    rng, out = np.random.default_rng(seed), x.copy()
    for k in range(x.shape[1]):
        values, place, counts = np.unique(x[:, k].astype(np.float64), return_inverse=True, return_counts=True)
        if len(values) == len(x) or len(values) < 2:
            continue
        middle = (values[1:] + values[:-1]) / 2
        left, right = np.append(2 * values[0] - middle[0], middle), np.append(middle, 2 * values[-1] - middle[-1])
        anywhere = left[place] + (right - left)[place] * rng.random(len(x))
        out[:, k] = np.where(counts[place] > 1, anywhere, x[:, k])
    return out


def connectivity(x: Singles) -> Singles:
    """Return (n, n) the least longest step between rows (n, m) by mutual reachability: heights of single linkage."""
    edges, weight = spanning_tree(x, MU)
    n = len(x)
    order, step = leaves(edges, weight, n)
    found = np.zeros((n, n), np.float32)
    for i in range(n - 1):  # in the order of the leaves, the greatest step between two is the height where they meet
        found[i, i + 1 :] = np.maximum.accumulate(step[i:])
    found = np.maximum(found, found.T)
    back = np.argsort(order)
    return found[back][:, back]


def leaves(edges: NDArray[np.int64], weight: Floats, n: int) -> tuple[NDArray[np.int64], Singles]:
    """Return rows in an order that keeps every branch of single linkage together, and the heights (n - 1,) between neighbours."""
    first, last, after, parent = np.arange(n), np.arange(n), np.full(n, -1), np.arange(n)
    height = np.zeros(n)

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = int(parent[i])
        return i

    for (a, b), w in zip(edges.tolist(), weight.tolist(), strict=True):
        one, two = root(a), root(b)
        after[last[one]], height[last[one]] = first[two], w
        parent[two], last[one] = one, last[two]
    order, steps, at = np.empty(n, np.int64), np.empty(max(0, n - 1), np.float32), int(first[root(0)])
    for position in range(n):
        order[position] = at
        if position < n - 1:
            steps[position] = height[at]
        at = int(after[at])
    return order, steps

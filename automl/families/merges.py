"""Trees of merges: the minimum spanning tree of rows, merges along it, and labels where the tree is cut."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REMEMBERED = 12  # trees; a search cuts one tree at many places
_TREES: OrderedDict[tuple[Any, ...], Any] = OrderedDict()


def remembered(rows: NDArray[np.float32], name: str, make: Callable[[], T]) -> T:
    """Return what `make` says of rows under a name, made once for the same rows in this process."""
    key = (name, rows.shape, blake2b(np.ascontiguousarray(rows).tobytes(), digest_size=16).digest())
    if key not in _TREES:
        _TREES[key] = make()
        while len(_TREES) > REMEMBERED:
            _TREES.popitem(last=False)
    _TREES.move_to_end(key)
    found: T = _TREES[key]
    return found


def core_distances(x: NDArray[Any], neighbours: int) -> Floats:
    """Return (n,) the distance of each row to its neighbour of that number, itself the first."""
    from sklearn.neighbors import NearestNeighbors

    count = min(max(1, neighbours), len(x))
    found: Floats = NearestNeighbors(n_neighbors=count).fit(x).kneighbors(x)[0][:, -1]
    return found


def spanning_tree(x: NDArray[np.float32], neighbours: int = 1) -> tuple[Ints, Floats]:
    """Return the edges (n - 1, 2) and lengths (n - 1,), the shortest first, of the minimum spanning tree of rows (n, m).

    Prim's algorithm, distances a row at a time. With `neighbours` above 1 lengths are mutual reachabilities: never below the
    distance of either end to its neighbour of that number, itself the first (Campello, Moulavi & Sander 2013, definition 5).
    """
    points = x.astype(np.float64)
    points -= points.mean(axis=0)
    n = len(points)
    core = core_distances(points, neighbours) ** 2 if neighbours > 1 else np.zeros(n)
    lengths = np.einsum("ij,ij->i", points, points)
    best, parent, outside = np.full(n, np.inf), np.zeros(n, np.int64), np.ones(n, dtype=bool)
    edges, weight, at = np.empty((max(0, n - 1), 2), np.int64), np.empty(max(0, n - 1)), 0
    for step in range(n - 1):
        outside[at], best[at] = False, np.inf
        square = lengths - 2 * (points @ points[at]) + lengths[at]
        np.maximum(square, core, out=square)
        np.maximum(square, core[at], out=square)
        closer = outside & (square < best)
        best[closer], parent[closer] = square[closer], at
        following = int(best.argmin())
        edges[step], weight[step], at = (parent[following], following), max(0.0, best[following]), following
    order = np.argsort(weight, kind="stable")
    return edges[order], np.sqrt(weight[order])


def fair_merges(edges: Ints, lengths: Floats, most: float) -> Floats:
    """Return the merges (n - 1, 4), as scipy's `linkage` has them, along a spanning tree; `most` is the inequality of sizes allowed.

    Genie (Gagolewski, Bartoszuk & Cena 2016, algorithm 1): the shortest edge left joins the next two clusters, unless the Gini
    index of the sizes exceeds `most`; then the shortest edge at a smallest cluster. Heights are made to rise.
    """
    n = len(edges) + 1
    size, number = np.ones(n, np.int64), np.arange(n)  # of each cluster, called by one of its rows; the number is scipy's
    first, second, left = edges[:, 0].copy(), edges[:, 1].copy(), np.ones(len(edges), dtype=bool)
    merges, spread, pointer, height = np.empty((len(edges), 4)), 0.0, 0, 0.0
    alive = np.ones(n, dtype=bool)
    for step in range(len(edges)):
        count = n - step
        gini = spread / ((count - 1) * n) if count > 1 else 0.0
        if gini > most:
            sizes = size[alive]
            small = size == sizes.min()
            edge = int(np.argmax(left & (small[first] | small[second])))
        else:
            while not left[pointer]:
                pointer += 1
            edge = pointer
        a, b = int(first[edge]), int(second[edge])
        left[edge] = False
        alive[b] = False
        others = size[alive]  # with a itself, whose difference to itself is zero
        spread -= float(np.abs(others - size[a]).sum() + np.abs(others - size[b]).sum())
        joined = size[a] + size[b]
        spread += float(np.abs(others - joined).sum() - abs(size[a] - joined))
        height = max(height, float(lengths[edge]))
        merges[step] = min(number[a], number[b]), max(number[a], number[b]), height, joined
        size[a], number[a] = joined, n + step
        first[first == b] = a
        second[second == b] = a
    return merges


def cut(merges: Floats, clusters: int) -> Ints:
    """Return labels (n,) where a tree of merges (n - 1, 4) has `clusters` branches left."""
    n = len(merges) + 1
    done = max(0, n - max(1, clusters))
    parent = np.arange(n + done)
    for step in range(done):
        parent[int(merges[step, 0])] = parent[int(merges[step, 1])] = n + step
    while True:  # every step halves the way to the root
        above = parent[parent]
        if np.array_equal(above, parent):
            break
        parent = above
    found: Ints = np.unique(parent[:n], return_inverse=True)[1].astype(np.int64)
    return found

"""Indices of one partition, without its truth: each says how well a partition has the kind of groups it looks for."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from automl.search.clusters.agreement import indicator
from automl.search.clusters.geometry import Geometry

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]


def widths(far: Singles, labels: Ints) -> Floats:
    """Return (n,) silhouettes by distances (n, n), 0 for noise and for clusters of one row (Rousseeuw 1987). At least two clusters."""
    inside = labels >= 0
    groups = indicator(np.where(inside, labels, labels.max() + 1))[:, : int(labels.max()) + 1]
    size = groups.sum(axis=0)
    sums = far @ groups
    rows, own = np.flatnonzero(inside), labels[inside]
    a = sums[rows, own] / np.maximum(size[own] - 1, 1)
    means = sums[rows] / np.maximum(size, 1)
    means[:, size == 0] = np.inf
    means[np.arange(len(rows)), own] = np.inf
    b = means.min(axis=1)
    out = np.zeros(len(labels))
    out[rows] = np.where(size[own] > 1, (b - a) / np.maximum(np.maximum(a, b), 1e-12), 0.0)
    return out


def silhouette(g: Geometry, labels: Ints) -> float:
    """Return the mean silhouette, noise counted as 0."""
    return float(widths(g.far, labels).mean())


def disco(g: Geometry, labels: Ints) -> float:
    """Return DISCO: silhouettes by density connectivity, and for noise how sparse and how far off it is (Beer et al. 2025, section 4)."""
    out = widths(g.linked, labels)
    noise = np.flatnonzero(labels < 0)
    if len(noise):
        k = int(labels.max()) + 1
        dense = np.array([g.core[labels == c].max(initial=0.0) for c in range(k)])
        sparse = np.min([(g.core[noise] - dense[c]) / np.maximum(np.maximum(g.core[noise], dense[c]), 1e-12) for c in range(k)], axis=0)
        near = np.stack([g.linked[noise][:, labels == c].min(axis=1) for c in range(k)], axis=1)
        nearest = near.argmin(axis=1)
        distance = near[np.arange(len(noise)), nearest]
        off = (distance - dense[nearest]) / np.maximum(np.maximum(distance, dense[nearest]), 1e-12)
        out[noise] = np.minimum(sparse, off)
    return float(out.mean())


def dbcv(g: Geometry, labels: Ints) -> float:
    """Return the density based validation index: the validity of each cluster, by its share of all rows (Moulavi et al. 2014)."""
    share = np.bincount(labels[labels >= 0], minlength=int(labels.max()) + 1) / len(labels)
    return float(share @ validity(g, labels))


def validity(g: Geometry, labels: Ints) -> Floats:
    """Return (k,) how far each cluster is apart over its longest inner step, -1 to 1: above 0 where no step within is as long as the way out.

    Moulavi et al. 2014, definitions 5 to 8, on mutual reachabilities; the density of a row is the distance to its fifth
    neighbour in the whole table, as the mean of powers there leaves nothing in many dimensions.
    """
    k = int(labels.max()) + 1
    inner, longest = [], np.zeros(k)
    for c in range(k):
        rows = np.flatnonzero(labels == c)
        reach = np.maximum(g.far[np.ix_(rows, rows)], np.maximum(g.core[rows][:, None], g.core[rows]))
        edges, weight = prim(reach)
        degree = np.bincount(edges.ravel(), minlength=len(rows))
        core = degree > 1
        between = core[edges].all(axis=1) if len(edges) else np.zeros(0, dtype=bool)
        longest[c] = weight[between].max() if between.any() else weight.max(initial=0.0)
        inner.append(rows[core] if core.any() else rows)
    every, code = np.concatenate(inner), np.repeat(np.arange(k), [len(r) for r in inner])
    reach = np.maximum(g.far[np.ix_(every, every)], np.maximum(g.core[every][:, None], g.core[every]))
    reach[code[:, None] == code] = np.inf
    apart = np.array([reach[code == c].min() for c in range(k)], np.float64)
    out: Floats = (apart - longest) / np.maximum(np.maximum(apart, longest), 1e-12)
    return out


def prim(far: Singles) -> tuple[Ints, Floats]:
    """Return edges (n - 1, 2) and lengths (n - 1,) of the minimum spanning tree of distances (n, n)."""
    n = len(far)
    best, parent, edges, weight, at = far[0].astype(np.float64), np.zeros(n, np.int64), np.empty((n - 1, 2), np.int64), np.empty(n - 1), 0
    out = np.zeros(n)
    out[0] = np.inf
    for step in range(n - 1):
        at = int((best + out).argmin())
        edges[step], weight[step] = (parent[at], at), best[at]
        out[at] = np.inf
        closer = far[at] < best
        best[closer], parent[closer] = far[at][closer], at
    return edges, weight


def calinski_harabasz(g: Geometry, labels: Ints) -> float:
    """Return the variance between clusters over that within (Calinski & Harabasz 1974); rows that are noise are left out."""
    x, own = g.x[labels >= 0].astype(np.float64), labels[labels >= 0]
    k, n = int(own.max()) + 1, len(own)
    size, centres = _centres(x, own)
    between = (size * ((centres - x.mean(axis=0)) ** 2).sum(axis=1)).sum()
    within = ((x - centres[own]) ** 2).sum()
    return float(between / max(within, 1e-12) * (n - k) / max(k - 1, 1))


def davies_bouldin(g: Geometry, labels: Ints) -> float:
    """Return the mean over clusters of the worst ratio of spreads to the distance of centres (Davies & Bouldin 1979); less is better."""
    x, own = g.x[labels >= 0].astype(np.float64), labels[labels >= 0]
    size, centres = _centres(x, own)
    spread = np.bincount(own, np.sqrt(((x - centres[own]) ** 2).sum(axis=1))) / size
    apart = np.sqrt(((centres[:, None] - centres) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    return float(((spread[:, None] + spread) / np.maximum(apart, 1e-12)).max(axis=1).mean())


def _centres(x: Floats, own: Ints) -> tuple[Floats, Floats]:
    size = np.bincount(own).astype(np.float64)
    groups = np.zeros((len(own), len(size)))
    groups[np.arange(len(own)), own] = 1.0
    return size, groups.T @ x / size[:, None]


def code_length(g: Geometry, labels: Ints) -> float:
    """Return the log likelihood per row of a normal distribution for each cluster, less the price of its numbers; more is better.

    The integrated classification likelihood of a hard partition (Biernacki, Celeux & Govaert 2000, equation 4), the best of full,
    diagonal and round covariances; noise is spread evenly over the box of the table. Any partition has one, k = 1 too.
    """
    x = g.x.astype(np.float64)
    n, d = x.shape
    k = int(labels.max()) + 1
    noise = int((labels < 0).sum())
    volume = float(np.log(np.maximum(x.max(axis=0) - x.min(axis=0), 1e-3)).sum())
    total = np.zeros(3)
    for c in range(k):
        rows = x[labels == c]
        share, covariance = len(rows) / n, np.cov(rows.T, bias=True).reshape(d, d) + 1e-3 * np.eye(d)
        diagonal = np.diag(covariance)
        logs = np.array([np.linalg.slogdet(covariance)[1], np.log(diagonal).sum(), d * np.log(diagonal.mean())])
        total += len(rows) * (np.log(share) - 0.5 * (logs + d * (1 + np.log(2 * np.pi))))
    if noise:
        total += noise * (np.log(noise / n) - volume)
    prices = (k - 1 + (noise > 0) + k * np.array([d + d * (d + 1) / 2, 2 * d, d + 1])) * 0.5 * np.log(n)
    return float((total - prices).max() / n)


def crossing(g: Geometry, labels: Ints) -> tuple[float, float]:
    """Return the share of neighbours that are of another cluster, and the modularity of the graph of neighbours; noise is no cluster."""
    own = labels[:, None]
    other = labels[g.near]
    inside = (own >= 0) & (other >= 0)
    same = float(((own == other) & inside).sum()) / max(float(inside.sum()), 1.0)
    share = np.bincount(labels[labels >= 0]) / len(labels)
    return 1 - same, same - float((share**2).sum())


def valleys(g: Geometry, labels: Ints) -> Floats:
    """Return (k,) how dense the border of each cluster to its most open neighbour is, over how dense the sparser of the two is inside.

    Density is one over the distance to the tenth neighbour; the border of two clusters are their rows with neighbours in the
    other. About 1 where a cluster is cut out of a larger one, near 0 where nothing lies between; 0 without any border.
    """
    k = int(labels.max()) + 1
    density = 1.0 / np.maximum(g.radius.astype(np.float64), 1e-12)
    middle = np.array([np.median(density[labels == c]) for c in range(k)])
    a = np.repeat(labels, g.near.shape[1])
    b = labels[g.near].ravel()
    cross = (a >= 0) & (b >= 0) & (a != b)
    dense = np.minimum(density[:, None], density[g.near]).ravel()
    out = np.zeros(k)
    code, place = np.unique((a * k + b)[cross], return_inverse=True)
    if not len(code):
        return out
    weight = np.bincount(place)
    mean = np.bincount(place, dense[cross]) / weight
    one, two = code // k, code % k
    size = np.bincount(labels[labels >= 0], minlength=k)
    wide = np.minimum(1.0, weight / (0.5 * np.sqrt(np.minimum(size[one], size[two]))))  # a border of few rows is a bridge
    np.maximum.at(out, one, wide * mean / np.minimum(middle[one], middle[two]))
    np.maximum.at(out, two, wide * mean / np.minimum(middle[one], middle[two]))
    return out


NAMED: dict[str, tuple[Callable[[Geometry, Ints], float], bool]] = {
    "silhouette": (silhouette, True),
    "calinski_harabasz": (calinski_harabasz, True),
    "davies_bouldin": (davies_bouldin, False),
    "dbcv": (dbcv, True),
    "disco": (disco, True),
    "bic": (code_length, True),
}
"""Indices that can be asked for by name, and whether more of each is better."""

"""Maps of rows: neighbours kept together as t-SNE does, and far distances kept in their order, in one objective."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Progress

Floats = NDArray[np.float32]

EXAGGERATED = 0.35  # share of the steps in which attraction is stronger, so that groups can still pass through each other
MOMENTUM = (0.5, 0.8)  # while exaggerated, and after (van der Maaten and Hinton 2008, section 3.4)
LONGEST = 2.0  # step of a coordinate, in spreads of the map
LANDMARKS = 400  # rows that far distances are measured to, drawn anew every few steps


def distances(x: NDArray[Any], others: NDArray[Any]) -> Floats:
    """Return the Euclidean distances (n_rows, n_others)."""
    found = x @ others.T
    found *= -2.0
    found += np.einsum("ij,ij->i", others, others)
    found += np.einsum("ij,ij->i", x, x)[:, None]
    return np.sqrt(np.maximum(found, 0.0, out=found), out=found)  # type: ignore[no-any-return]


def affinities(away: Floats, perplexity: float) -> Any:
    """Return the shared neighbourhoods of t-SNE as a sparse matrix (n_rows, n_rows) that sums to one, from distances (n_rows, n_rows).

    Each row's Gaussian has the width at which its neighbourhood has the perplexity (van der Maaten and Hinton 2008, section 2),
    found by bisection for all rows at once; it is cut off after three times as many neighbours (van der Maaten 2014, section 4.1).
    """
    from scipy.sparse import csr_matrix

    n = len(away)
    k = max(1, min(n - 1, int(3 * perplexity)))
    squares = away.astype(np.float64) ** 2
    np.fill_diagonal(squares, np.inf)
    near = np.argpartition(squares, k - 1, axis=1)[:, :k]
    own = np.take_along_axis(squares, near, axis=1)
    own -= own.min(axis=1, keepdims=True)
    own /= np.maximum(own.mean(axis=1, keepdims=True), 1e-300)
    wanted = np.log(min(perplexity, k * 0.99))
    low, high, beta = np.zeros(n), np.full(n, np.inf), np.ones(n)
    for _ in range(64):
        p = np.exp(-own * beta[:, None])
        total = p.sum(axis=1)
        entropy = np.log(total) + beta * (own * p).sum(axis=1) / total
        wide = entropy > wanted
        low, high = np.where(wide, beta, low), np.where(wide, high, beta)
        beta = np.where(np.isinf(high), beta * 2, (low + high) / 2)
    p /= p.sum(axis=1, keepdims=True)
    one_way = csr_matrix((p.ravel(), near.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    both = (one_way + one_way.T).tocsr()
    return (both / both.sum()).astype(np.float32)


def lay_out(away: Floats, start: NDArray[Any], *, perplexity: float, exaggeration: float, far: float, steps: int, seed: int, progress: Progress) -> Floats:
    """Return the map (n_rows, m) of rows with distances `away` (n_rows, n_rows), starting from `start` (n_rows, m).

    Descends on KL(P, Q) - far * r: the divergence of t-SNE, whose Q has the tails of Student's t with max(1, m - 1) degrees of freedom
    (van der Maaten 2009, equation 4), and r, the correlation of the map's distances to some landmarks with the ranks of the given ones. Neighbours
    alone leave the places of groups to chance (Zhou and Sharpee 2021 add a second divergence for far pairs; a correlation is one of
    the measures that maps are judged by, and has no scale to set). Steps as in t-SNE: momentum and gains per coordinate.
    """
    n, m = start.shape
    tails = float(max(1, m - 1))
    rng = np.random.default_rng(seed)
    shared = affinities(away, perplexity)
    ranks = _ranks(away, rng) if far > 0 else away
    y = (start / max(float(np.std(start[:, 0])), 1e-12) * 1e-2).astype(np.float32)
    y += rng.normal(0, 1e-4, y.shape).astype(np.float32)
    move, gain = np.zeros_like(y), np.ones_like(y)
    rate = max(n / exaggeration / 4, min(10.0, n / 20))
    marks, rank = np.arange(n), ranks
    for step in range(steps):
        early = step < EXAGGERATED * steps
        slope = _near(shared, y, exaggeration if early else 1.0, tails)
        if far > 0:
            if step % 10 == 0:
                marks = rng.choice(n, min(n, LANDMARKS), replace=False)
                rank = ranks[:, marks] - ranks[:, marks].mean()
                rank /= max(float(np.linalg.norm(rank)), 1e-12)
            slope -= far * _far(rank, y, marks)
        same = np.sign(slope) == np.sign(move)
        gain = np.maximum(np.where(same, gain * 0.8, gain + 0.2), 0.01).astype(np.float32)
        move = MOMENTUM[not early] * move - rate * gain * slope
        limit = LONGEST * (float(y.std()) + 1.0)
        np.clip(move, -limit, limit, out=move)  # few rows could be thrown out without end
        y += move
        y -= y.mean(axis=0)
        if progress.expired():
            break
    return y if np.isfinite(y).all() else start.astype(np.float32)


def _near(shared: Any, y: Floats, exaggeration: float, tails: float) -> Floats:
    """Return the gradient of the divergence: attraction along the neighbourhoods, repulsion between all."""
    n = len(y)
    base = y @ y.T
    lengths = np.einsum("ij,ij->i", y, y)
    base *= -2.0 / tails
    base += (1.0 + lengths / tails)[:, None]
    base += lengths / tails
    np.maximum(base, 1.0, out=base)
    np.reciprocal(base, out=base)
    rows = np.repeat(np.arange(n), np.diff(shared.indptr))
    pull = shared.data * base[rows, shared.indices] * exaggeration
    attraction = shared.copy()
    attraction.data = pull
    if tails == 1.0:
        total = float(base.sum()) - n
        np.multiply(base, base, out=base)
    else:
        q = base ** ((tails + 1) / 2)
        total = float(q.sum()) - n
        base *= q
    base *= 1.0 / max(total, 1e-12)
    weight = np.bincount(rows, pull, n) - base.sum(axis=1)
    found: Floats = (((2 * tails + 2) / tails) * (weight[:, None] * y - attraction @ y + base @ y)).astype(np.float32)
    return found


def _far(rank: Floats, y: Floats, marks: NDArray[np.int64]) -> Floats:
    """Return the gradient of the correlation of the map's distances to the marked rows with `rank` (n_rows, n_marks), of mean 0 and length 1."""
    own = distances(y, y[marks])
    middle = own - own.mean()
    length = max(float(np.linalg.norm(middle)), 1e-12)
    middle /= length
    agreement = float(np.einsum("ij,ij->", middle, rank))
    pull = (rank - agreement * middle) / length
    pull /= np.maximum(own, 1e-6)
    found = pull.sum(axis=1)[:, None] * y - pull @ y[marks]
    np.add.at(found, marks, pull.sum(axis=0)[:, None] * y[marks] - pull.T @ y)
    return np.asarray(found, np.float32)


def _ranks(away: Floats, rng: np.random.Generator) -> Floats:
    """Return the ranks of distances among all, from -1 to 1, by a table of quantiles."""
    some = away[rng.choice(len(away), min(len(away), 200), replace=False)]
    levels = np.quantile(some, np.linspace(0, 1, 201))
    return np.interp(away, levels, np.linspace(-1, 1, 201)).astype(np.float32)

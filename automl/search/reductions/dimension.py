"""How many dimensions rows have: from distances to neighbours, and from where the variance of principal components drops."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.subspace import Subspace
from automl.search.reductions.objectives import squares

MOST_ROWS = 2000
DISCARDED = 0.1  # share of the largest ratios, which are the farthest from a local view (Facco et al. 2017, page 3)


def intrinsic_dimension(x: NDArray[Any], seed: int) -> float | None:
    """Return the dimension by TwoNN (Facco, d'Errico, Rodriguez and Laio 2017, Scientific Reports 7, 12140) of x (n_rows, n_features); None for too few rows.

    The ratio of the distances to the second and first neighbour follows a Pareto law whose exponent is the dimension.
    """
    rows = np.arange(len(x)) if len(x) <= MOST_ROWS else np.random.default_rng(seed).choice(len(x), MOST_ROWS, replace=False)
    own = np.unique(x[rows], axis=0)
    if len(own) < 10:
        return None
    away = squares(own, own)
    np.fill_diagonal(away, np.inf)
    two = np.sqrt(np.partition(away, 1, axis=1)[:, :2])
    ratio = two[two[:, 0] > 1e-9 * max(float(two[:, 1].max()), 1e-300)]
    log = np.sort(np.log(ratio[:, 1] / ratio[:, 0]))
    n = len(log)
    if n < 10 or log[-1] <= 0:
        return None
    kept = int(n * (1 - DISCARDED))
    above = -np.log(1 - np.arange(1, kept + 1) / n)
    return float(log[:kept] @ above / max(float(log[:kept] @ log[:kept]), 1e-300))


def knee(variances: NDArray[Any]) -> int:
    """Return how many leading values stand apart from the others by the likelihood of two groups of one spread (Zhu and Ghodsi 2006, section 2)."""
    values = np.asarray(variances, np.float64)
    n = len(values)
    if n < 3:
        return max(1, n)
    best, found = -np.inf, 1
    for q in range(1, n):
        first, second = values[:q], values[q:]
        spread = (((first - first.mean()) ** 2).sum() + ((second - second.mean()) ** 2).sum()) / max(1, n - 2)
        likelihood = -n / 2 * np.log(max(spread, 1e-300))
        if likelihood > best:
            best, found = likelihood, q
    return found


def components_for(found: Subspace, share: float) -> int:
    """Return the fewest leading components that keep a share of the variance; all that there are where none do."""
    kept = found.share()
    return min(len(kept), int(np.searchsorted(kept, share - 1e-9)) + 1)


def smallest_good(dimensions: list[int], scores: list[float], slack: float) -> int:
    """Return the smallest dimension whose score (greater is better) is within `slack` of the best."""
    best = max(scores)
    return next(m for m, score in zip(dimensions, scores, strict=True) if score >= best - slack)


def ladder(most: int) -> list[int]:
    """Return dimensions to look at, about half as many again each time, up to `most`."""
    out = [1]
    while out[-1] < most:
        out.append(min(most, max(out[-1] + 1, int(out[-1] * 1.5))))
    return out

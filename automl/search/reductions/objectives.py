"""What each purpose measures: neighbours and far distances of a map, what is lost on the way back, what probes can read off coordinates."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.placement import nearest

Floats = NDArray[Any]

NEIGHBOURS = 15
MOST_ROWS = 2000  # that neighbours are compared on: all pairs are looked at
MOST_PAIRS = 500  # rows whose distances to all others are ranked, where there are more


@dataclass(frozen=True)
class Reference:
    """Rows as they are, for maps to be compared with: `rows` their positions in the table, `rank` (n, n) of each as a neighbour of each.

    `order` (n, k) are the nearest of each, `ranked` the ranks of distances between some pairs.
    """

    rows: NDArray[np.int64]
    rank: NDArray[np.int16]
    order: NDArray[np.int64]
    away: Floats
    k: int


def squares(x: Floats, others: Floats) -> Floats:
    """Return squared distances (n_rows, n_others) in double precision."""
    x, others = x.astype(np.float64), others.astype(np.float64)
    middle = others.mean(axis=0)
    x, others = x - middle, others - middle
    found = x @ others.T
    found *= -2.0
    found += np.einsum("ij,ij->i", others, others)
    found += np.einsum("ij,ij->i", x, x)[:, None]
    squared: Floats = np.maximum(found, 0.0, out=found)
    return squared


def reference(x: Floats, seed: int, most: int = MOST_ROWS, k: int = NEIGHBOURS) -> Reference:
    """Return what maps of x (n_rows, n_features) are compared with: at most `most` of its rows, drawn evenly."""
    rows = np.arange(len(x)) if len(x) <= most else np.sort(np.random.default_rng(seed).choice(len(x), most, replace=False))
    n = len(rows)
    k = max(1, min(k, (2 * n - 2) // 3 if n > 3 else 1, n - 1))
    away = squares(x[rows], x[rows])
    np.fill_diagonal(away, -1.0)  # a row is first of its own list, also among copies of it
    order = np.argsort(away, axis=1, kind="stable")
    rank = np.empty((n, n), np.int16)
    np.put_along_axis(rank, order, np.arange(n, dtype=np.int16)[None, :].repeat(n, axis=0), axis=1)
    np.fill_diagonal(away, 0.0)
    return Reference(rows, rank, order[:, 1 : k + 1], np.sqrt(away[_pairs(n)]).astype(np.float32), k)


def _pairs(n: int) -> tuple[Any, Any]:
    """Return positions of pairs of different rows: all, or those of evenly spread rows with all others."""
    some = np.unique(np.linspace(0, n - 1, min(n, MOST_PAIRS)).astype(np.int64))
    first, second = np.repeat(some, n), np.tile(np.arange(n), len(some))
    different = first != second
    return first[different], second[different]


def map_scores(found: Reference, z: Floats) -> dict[str, float]:
    """Return trustworthiness, continuity and distance_rank_correlation of coordinates z (n_rows of the table, m), each best at 1.

    Trustworthiness and continuity with 15 neighbours (Venna and Kaski 2006, Local multidimensional scaling, equations 2 and 4): how far
    away the wrong neighbours of a row really are, and how far away its lost ones are shown; Spearman's correlation of distances.
    """
    z = z[found.rows]
    n, k = len(z), found.k
    if n < 3:
        return {"trustworthiness": 1.0, "continuity": 1.0, "distance_rank_correlation": 1.0}
    away = squares(z, z)
    pairs = np.sqrt(away[_pairs(n)])
    np.fill_diagonal(away, -1.0)
    near = np.argpartition(away, k, axis=1)[:, : k + 1]
    near = np.take_along_axis(near, np.argsort(np.take_along_axis(away, near, axis=1), axis=1), axis=1)[:, 1:]
    worst = 2.0 / (n * k * max(2 * n - 3 * k - 1, 1))
    intruding = np.maximum(np.take_along_axis(found.rank, near, axis=1).astype(np.int64) - k, 0).sum()
    lost = np.take_along_axis(away, found.order, axis=1)
    shown = np.empty(lost.shape, np.int64)
    ordered = np.sort(away, axis=1)
    for i in range(n):  # ranks of 15 neighbours each, in a sorted row
        shown[i] = np.searchsorted(ordered[i], lost[i])
    missing = np.maximum(shown - k, 0).sum()
    return {
        "trustworthiness": 1.0 - worst * float(intruding), "continuity": 1.0 - worst * float(missing),
        "distance_rank_correlation": spearman(found.away, pairs),
    }  # fmt: skip


def spearman(a: Floats, b: Floats) -> float:
    """Return the correlation of the ranks of two lists, ties sharing theirs; 0 where one is constant."""
    from scipy.stats import rankdata

    ranks = [rankdata(values) for values in (a, b)]
    ranks = [r - r.mean() for r in ranks]
    length = float(np.linalg.norm(ranks[0]) * np.linalg.norm(ranks[1]))
    return float(ranks[0] @ ranks[1]) / length if length > 0 else 0.0


def lost_share(x: Floats, back: Floats, centre: Floats) -> float:
    """Return the share of the variation of rows x (n_rows, n_features) about `centre` that their reconstruction `back` does not give: 0 is nothing, 1 all."""
    whole = float(np.square(x - centre, dtype=np.float64).sum())
    return float(np.square(x - back, dtype=np.float64).sum()) / whole if whole > 0 else 0.0


def kept_neighbours(train: Floats, held: Floats, z_train: Floats, z_held: Floats, k: int = NEIGHBOURS) -> float:
    """Return the mean share of the k nearest learning rows of a held-out row that are nearest in the coordinates as well."""
    k = max(1, min(k, len(train) - 1))
    own = nearest(np.asarray(held, np.float32), np.asarray(train, np.float32), k)[0]
    shown = nearest(np.asarray(z_held, np.float32), np.asarray(z_train, np.float32), k)[0]
    return float((own[:, :, None] == shown[:, None, :]).any(axis=2).mean())


def neighbour_accuracy(z_train: Floats, y_train: NDArray[np.int64], z_held: Floats, y_held: NDArray[np.int64], k: int = NEIGHBOURS) -> float:
    """Return the accuracy on held-out rows of the vote of the k nearest learning rows; the first of equal counts wins."""
    near = nearest(np.asarray(z_held, np.float32), np.asarray(z_train, np.float32), min(k, len(z_train)))[0]
    n_classes = int(max(y_train.max(), y_held.max())) + 1
    votes = np.zeros((len(z_held), n_classes), np.int64)
    np.add.at(votes, (np.arange(len(z_held))[:, None], y_train[near]), 1)
    return float((votes.argmax(axis=1) == y_held).mean())


def linear_accuracy(z_train: Floats, y_train: NDArray[np.int64], z_held: Floats, y_held: NDArray[np.int64]) -> float:
    """Return the accuracy on held-out rows of a logistic regression on scaled coordinates."""
    from sklearn.linear_model import LogisticRegression

    present = np.unique(y_train)
    if len(present) < 2:
        return float((y_held == present[0]).mean())
    mean, spread = z_train.mean(axis=0), np.maximum(z_train.std(axis=0), 1e-12)
    model = LogisticRegression(C=1.0, max_iter=100, tol=1e-3).fit((z_train - mean) / spread, y_train)
    return float((model.predict((z_held - mean) / spread) == y_held).mean())

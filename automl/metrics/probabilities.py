"""Scores of probabilities as they are, whatever is decided from them: ranking, log loss, squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Proba = NDArray[np.float64]


def _auc(is_positive: NDArray[np.bool_], score: Proba) -> float:
    import numpy as np

    n_positive = int(is_positive.sum())
    n_negative = len(is_positive) - n_positive
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    order = np.argsort(score)  # the order among ties does not matter
    ordered = score[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    ends = np.append(starts[1:], len(ordered))
    mean_rank = (starts + ends + 1) / 2.0  # ties share the mean of their ranks (Hanley and McNeil 1982)
    ranks = np.repeat(mean_rank, ends - starts)
    rank_sum = ranks[is_positive[order]].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2.0) / (n_positive * n_negative))


def _weighted_auc(is_positive: NDArray[np.bool_], score: Proba, weight: Proba) -> float:
    """Return the share of pairs of a positive and another row that stand in order, each pair counting the product of their weights; a tie is half."""
    import numpy as np

    order = np.argsort(score)
    ordered = score[order]
    group = np.cumsum(np.concatenate(([0], ordered[1:] != ordered[:-1]))) if len(order) else order
    hit, other = (np.bincount(group, np.where(side, weight, 0.0)[order]) for side in (is_positive, ~is_positive))
    pairs = hit.sum() * other.sum()
    return float((hit * (np.cumsum(other) - other / 2)).sum() / pairs) if pairs > 0 else float("nan")


def _area(is_positive: NDArray[np.bool_], score: Proba, weight: Proba | None) -> float:
    return _auc(is_positive, score) if weight is None else _weighted_auc(is_positive, score, weight)


def roc_auc(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
    """Area under the ROC curve; the unweighted mean of one-versus-rest areas, over the classes that occur, for more than two classes."""
    if proba.shape[1] == 2:
        return _area(y == positive, proba[:, positive], weight)
    areas = [area for c in range(proba.shape[1]) if (area := _area(y == c, proba[:, c], weight)) == area]
    return sum(areas) / len(areas) if areas else float("nan")


def log_loss(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
    """Mean negative log probability of the true class, in nats; probabilities are clipped at float32's epsilon."""
    import numpy as np

    p = proba[np.arange(len(y)), y] / np.maximum(proba.sum(axis=1), 1e-300)
    return float(np.average(-np.log(np.clip(p, np.finfo(np.float32).eps, 1.0)), weights=weight))


def brier_score(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
    """Mean over rows of the squared distance between probabilities and truth, summed over classes; halved for two classes.

    Brier (1950) sums over all classes, so that the worst is 2; for two classes half of that is customary, the squared error of the
    positive class (scikit-learn's `scale_by_half="auto"`).
    """
    import numpy as np

    if proba.shape[1] == 2:
        return float(np.average(np.square(proba[:, 1] - (y == 1)), weights=weight))
    # sum over c of (p_c - [c = y])^2 = sum of p_c^2 - 2 p_y + 1
    return float(np.average(np.einsum("ij,ij->i", proba, proba) - 2 * proba[np.arange(len(y)), y] + 1, weights=weight))


def average_precision(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
    """Sum over thresholds of the gain in recall times the precision there, for the positive class."""
    import numpy as np

    score = proba[:, positive]
    order = np.argsort(-score)
    hit = (y == positive)[order]
    counts = np.ones(len(y)) if weight is None else weight[order]
    found = np.cumsum(counts * hit)
    if not hit.any() or not found[-1] > 0:
        return float("nan")
    last = np.append(score[order][1:] != score[order][:-1], True)
    precision = found[last] / np.maximum(np.cumsum(counts)[last], 1e-300)
    recall = found[last] / found[-1]
    return float((np.diff(np.append(0.0, recall)) * precision).sum())


def top_2_accuracy(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
    """Share of rows whose true class is among the two most probable; of equal ones the later class stands first, as in scikit-learn."""
    import numpy as np

    own = proba[np.arange(len(y)), y]
    ahead = np.zeros(len(y), dtype=np.int64)
    for c in range(proba.shape[1]):
        ahead += (proba[:, c] > own) | ((proba[:, c] == own) & (y < c))
    return float(np.average(ahead < 2, weights=weight))

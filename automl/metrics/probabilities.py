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


def roc_auc(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Area under the ROC curve; the unweighted mean of one-versus-rest areas, over the classes that occur, for more than two classes."""
    if proba.shape[1] == 2:
        return _auc(y == positive, proba[:, positive])
    areas = [area for c in range(proba.shape[1]) if (area := _auc(y == c, proba[:, c])) == area]
    return sum(areas) / len(areas) if areas else float("nan")


def log_loss(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Mean negative log probability of the true class, in nats; probabilities are clipped at float32's epsilon."""
    import numpy as np

    p = proba[np.arange(len(y)), y] / np.maximum(proba.sum(axis=1), 1e-300)
    return float(-np.log(np.clip(p, np.finfo(np.float32).eps, 1.0)).mean())


def brier_score(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Mean over rows of the squared distance between probabilities and truth, summed over classes; halved for two classes.

    Brier (1950) sums over all classes, so that the worst is 2; for two classes half of that is customary, the squared error of the
    positive class (scikit-learn's `scale_by_half="auto"`).
    """
    import numpy as np

    if proba.shape[1] == 2:
        return float(np.square(proba[:, 1] - (y == 1)).mean())
    # sum over c of (p_c - [c = y])^2 = sum of p_c^2 - 2 p_y + 1
    return float((np.einsum("ij,ij->i", proba, proba) - 2 * proba[np.arange(len(y)), y] + 1).mean())


def average_precision(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Sum over thresholds of the gain in recall times the precision there, for the positive class."""
    import numpy as np

    score = proba[:, positive]
    order = np.argsort(-score)
    hit = (y == positive)[order]
    if not hit.any():
        return float("nan")
    last = np.append(score[order][1:] != score[order][:-1], True)
    true_positive = np.cumsum(hit)[last]
    precision = true_positive / (np.flatnonzero(last) + 1)
    recall = true_positive / hit.sum()
    return float((np.diff(np.append(0.0, recall)) * precision).sum())


def top_2_accuracy(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Share of rows whose true class is among the two most probable; of equal ones the later class stands first, as in scikit-learn."""
    import numpy as np

    own = proba[np.arange(len(y)), y]
    ahead = np.zeros(len(y), dtype=np.int64)
    for c in range(proba.shape[1]):
        ahead += (proba[:, c] > own) | ((proba[:, c] == own) & (y < c))
    return float((ahead < 2).mean())

"""Metrics by scikit-learn's names: what each measures, which direction is better, and a numpy function that is fast
enough to bootstrap.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Proba = NDArray[np.float64]


@dataclass(frozen=True)
class Metric:
    """A score in the metric's own sign, never negated.

    `score(y, proba, positive)`: y (n_rows,) class codes; proba (n_rows, n_classes); positive, the code that counts as
    positive where there are two classes. `bounded` metrics lie within 0 and 1, so drops of them are absolute.
    """

    name: str
    summary: str
    greater_is_better: bool
    bounded: bool
    score: "Callable[[Codes, Proba, int], float]"
    two_classes_only: bool = False

    def better(self, first: float, second: float) -> bool:
        """Return whether `first` is strictly better than `second`."""
        return first > second if self.greater_is_better else first < second

    def loss_of(self, reference: float, value: float) -> float:
        """Return by how much `value` is worse than `reference` (negative: better); relative for unbounded metrics."""
        worse = reference - value if self.greater_is_better else value - reference
        return worse if self.bounded else worse / max(abs(reference), 1e-12)


METRICS: Registry[Metric] = Registry("metric")


def _auc(is_positive: "NDArray[np.bool_]", score: "Proba") -> float:
    import numpy as np

    n_positive = int(is_positive.sum())
    n_negative = len(is_positive) - n_positive
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    order = np.argsort(score, kind="stable")
    ordered = score[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    ends = np.append(starts[1:], len(ordered))
    mean_rank = (starts + ends + 1) / 2.0  # ties share the mean of their ranks (Hanley and McNeil 1982)
    ranks = np.repeat(mean_rank, ends - starts)
    rank_sum = ranks[is_positive[order]].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2.0) / (n_positive * n_negative))


def roc_auc(y: "Codes", proba: "Proba", positive: int = 1) -> float:
    """Area under the ROC curve; the unweighted mean of one-versus-rest areas for more than two classes."""
    import numpy as np

    if proba.shape[1] == 2:
        return _auc(y == positive, proba[:, positive])
    areas = [_auc(y == c, proba[:, c]) for c in range(proba.shape[1])]
    return float(np.nanmean(areas))


def log_loss(y: "Codes", proba: "Proba", positive: int = 1) -> float:
    """Mean negative log probability of the true class, in nats; probabilities are clipped at float32's epsilon."""
    import numpy as np

    p = proba[np.arange(len(y)), y] / np.maximum(proba.sum(axis=1), 1e-300)
    return float(-np.log(np.clip(p, np.finfo(np.float32).eps, 1.0)).mean())


def accuracy(y: "Codes", proba: "Proba", positive: int = 1) -> float:
    """Share of rows whose most probable class is the true one."""
    return float((proba.argmax(axis=1) == y).mean())


def _counts(y: "Codes", proba: "Proba") -> "tuple[Proba, Proba, Proba]":
    import numpy as np

    k = proba.shape[1]
    label = proba.argmax(axis=1)
    hits = np.bincount(y[label == y], minlength=k).astype(float)
    return hits, np.bincount(y, minlength=k).astype(float), np.bincount(label, minlength=k).astype(float)


def balanced_accuracy(y: "Codes", proba: "Proba", positive: int = 1) -> float:
    """Mean recall over the classes that occur."""
    hits, actual, _ = _counts(y, proba)
    there = actual > 0
    return float((hits[there] / actual[there]).mean())


def f1(y: "Codes", proba: "Proba", positive: int = 1) -> float:
    """F1 of the positive class; 0 when it is neither there nor predicted."""
    hits, actual, predicted = _counts(y, proba)
    total = actual[positive] + predicted[positive]
    return float(2 * hits[positive] / total) if total else 0.0


def f1_macro(y: "Codes", proba: "Proba", positive: int = 1) -> float:
    """Unweighted mean of the F1 of each class that occurs or is predicted."""
    hits, actual, predicted = _counts(y, proba)
    total = actual + predicted
    return float((2 * hits[total > 0] / total[total > 0]).mean())


def average_precision(y: "Codes", proba: "Proba", positive: int = 1) -> float:
    """Sum over thresholds of the gain in recall times the precision there, for the positive class."""
    import numpy as np

    score = proba[:, positive]
    order = np.argsort(-score, kind="stable")
    hit = (y == positive)[order]
    if not hit.any():
        return float("nan")
    last = np.append(score[order][1:] != score[order][:-1], True)
    true_positive = np.cumsum(hit)[last]
    precision = true_positive / (np.flatnonzero(last) + 1)
    recall = true_positive / hit.sum()
    return float((np.diff(np.append(0.0, recall)) * precision).sum())


ROC_AUC = Metric("roc_auc", "how well the classes are ranked apart", True, True, roc_auc)
LOG_LOSS = Metric("log_loss", "how far the probabilities are from the truth, in nats", False, False, log_loss)
ACCURACY = Metric("accuracy", "share of rows predicted right", True, True, accuracy)
BALANCED_ACCURACY = Metric("balanced_accuracy", "mean recall over the classes", True, True, balanced_accuracy)
F1 = Metric("f1", "balance of precision and recall of the positive class", True, True, f1, two_classes_only=True)
F1_MACRO = Metric("f1_macro", "F1 averaged over the classes", True, True, f1_macro)
AVERAGE_PRECISION = Metric("average_precision", "precision averaged over recall, positive class", True, True, average_precision, two_classes_only=True)
for _metric in ("roc_auc", "log_loss", "accuracy", "balanced_accuracy", "f1", "f1_macro", "average_precision"):
    METRICS.add("classification", _metric, f"automl.metrics:{_metric.upper()}")

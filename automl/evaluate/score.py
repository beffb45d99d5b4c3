"""Scores with intervals, and the pictures of a classifier's answers: confusion, ROC, a table per class."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.units import Draws
from automl.metrics import Metric
from automl.metrics.probabilities import roc_auc
from automl.registry import Registry

Codes = NDArray[np.int64]
Proba = NDArray[np.float64]

LEAST_REPLICATES = 20
MOST_CLASSES = 30  # that a confusion matrix shows; beyond, the pairs most often confused
MOST_ROWS = 100  # classes of the table per class; beyond, the largest

DETAILS: Registry[Callable[[Codes, Proba, Codes, list[str], int], dict[str, Any]]] = Registry("set of details")
DETAILS.add("classification", "classification", "automl.evaluate.score:class_details")


def interval(
    metric: Metric, y: Codes, proba: Proba, positive: int, seed: int, seconds: float = 5.0, replicates: int = 300, units: Codes | None = None
) -> tuple[float, float]:  # fmt: skip
    """Return the 95 % bootstrap interval of one score, as `intervals` does."""
    return intervals([metric], y, proba, positive, seed, seconds, replicates, units)[0]


def intervals(
    metrics: Sequence[Metric], y: Codes, proba: Proba, positive: int, seed: int, seconds: float = 5.0, replicates: int = 300, units: Codes | None = None,
    weight: Proba | None = None,
) -> list[tuple[float, float]]:  # fmt: skip
    """Return the 95 % bootstrap interval of each score, all from the same resamples (percentile method, Efron and Tibshirani 1993, chapter 13).

    Rows with an equal label in `units` (n_rows,) are drawn together (the cluster bootstrap, see Draws): rows of a group are
    alike, and drawing them one by one would say that more is known than is. As many replicates as fit into `seconds`, at
    least 20; (NaN, NaN) where a score is not defined. `weight` (n_rows,) is how much each row counts: rows are drawn alike, with their
    weights, so that the interval says what few heavy rows cost.
    """
    rng = np.random.default_rng(seed)
    draws = Draws(len(y), units)
    scores: list[list[float]] = []
    end = time.monotonic() + seconds
    while len(scores) < replicates and (len(scores) < LEAST_REPLICATES or time.monotonic() < end):
        rows = draws.rows(rng)
        drawn, output = y[rows], proba[rows]
        counts = None if weight is None else weight[rows]
        scores.append([metric.weighed(drawn, output, positive, counts) for metric in metrics])
    return [_middle(column) for column in np.array(scores).T]


def _middle(scores: NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends of the middle 95 % of the scores that are defined."""
    known = scores[np.isfinite(scores)]
    low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def class_details(y: Codes, proba: Proba, codes: Codes, classes: list[str], positive: int) -> dict[str, Any]:
    """Return the confusion matrix (rows: true), a table per class, and for two classes the ROC curve; `codes` (n_rows,) were decided."""
    k = len(classes)
    confusion = np.bincount(y * k + codes, minlength=k * k).reshape(k, k)
    hits, actual, predicted = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    rows = []
    for c in np.argsort(-actual, kind="stable")[:MOST_ROWS].tolist() if k > MOST_ROWS else range(k):
        recall = float(hits[c] / actual[c]) if actual[c] else None
        precision = float(hits[c] / predicted[c]) if predicted[c] else None
        rows.append({"label": classes[c], "rows": int(actual[c]), "precision": precision, "recall": recall, "roc_auc": _one_against_rest(y, proba, c)})
    details: dict[str, Any] = {"confusion": confusion.tolist() if k <= MOST_CLASSES else None, "per_class": rows[:MOST_ROWS], "confused": []}
    if k > MOST_CLASSES:
        wrong = confusion - np.diag(confusion.diagonal())
        worst = np.argsort(-wrong, axis=None)[:20]
        details["confused"] = [{"true": classes[w // k], "predicted": classes[w % k], "rows": int(wrong.flat[w])} for w in worst if wrong.flat[w]]
    if k == 2:
        details["roc"] = roc_curve(y == positive, proba[:, positive])
        details["thresholds"] = threshold_counts(y == positive, proba[:, positive])
    return details


def _one_against_rest(y: Codes, proba: Proba, c: int) -> float | None:
    two = np.stack([1 - proba[:, c], proba[:, c]], axis=1)
    area = roc_auc((y == c).astype(np.int64), two)
    return area if area == area else None


def roc_curve(is_positive: NDArray[np.bool_], score: Proba, points: int = 200) -> list[tuple[float, float]]:
    """Return at most `points` corners (false positive rate, true positive rate) from (0, 0) to (1, 1)."""
    order = np.argsort(-score, kind="stable")
    hit = is_positive[order]
    last = np.append(score[order][1:] != score[order][:-1], True)
    true = np.concatenate(([0.0], np.cumsum(hit)[last] / max(1, hit.sum())))
    false = np.concatenate(([0.0], np.cumsum(~hit)[last] / max(1, (~hit).sum())))
    kept = np.unique(np.linspace(0, len(true) - 1, min(points, len(true))).astype(int))
    return [(round(float(false[i]), 5), round(float(true[i]), 5)) for i in kept]


def threshold_counts(is_positive: NDArray[np.bool_], score: Proba, points: int = 60) -> list[dict[str, float]]:
    """Return hits and errors when rows above a threshold are answered positive, at round thresholds and where the scores lie.

    Each has `threshold`, `tp`, `fp`, `fn`, `tn`; at most about two times `points` of them, rising.
    """
    if not len(score):
        return []
    round_ones = np.linspace(0, 1, 21)
    levels = np.unique(np.round(np.concatenate([np.quantile(score, np.linspace(0, 1, points)), round_ones[round_ones <= score.max()]]), 6))
    hits, others = np.sort(score[is_positive]), np.sort(score[~is_positive])
    fn, tn = np.searchsorted(hits, levels, side="right"), np.searchsorted(others, levels, side="right")
    return [
        {"threshold": float(at), "tp": len(hits) - int(low), "fp": len(others) - int(rest), "fn": int(low), "tn": int(rest)}
        for at, low, rest in zip(levels, fn, tn, strict=True)
    ]

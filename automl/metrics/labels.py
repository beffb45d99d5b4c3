"""Scores of the class that is decided on: the most probable one, or for costs the one that is cheapest in expectation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Proba = NDArray[np.float64]

    Score = Callable[[Codes, Proba, int], float]


def _label(proba: Proba) -> Any:
    """Return (n_rows,) the most probable class, the first of equals."""
    return (proba[:, 1] > proba[:, 0]).view("int8") if proba.shape[1] == 2 else proba.argmax(axis=1)


def _counts(y: Codes, proba: Proba) -> tuple[Proba, Proba, Proba]:
    """Return (n_classes,) how many rows of each class are predicted right, how many there are, and how many are predicted."""
    import numpy as np

    k = proba.shape[1]
    label = _label(proba)
    return tuple(np.bincount(codes, minlength=k).astype(float) for codes in (y[label == y], y, label))  # type: ignore[return-value]


def accuracy(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Share of rows whose most probable class is the true one."""
    return float((_label(proba) == y).mean())


def balanced_accuracy(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Mean recall over the classes that occur."""
    hits, actual, _ = _counts(y, proba)
    there = actual > 0
    return float((hits[there] / actual[there]).mean())


def _shares(kind: str, hits: Proba, actual: Proba, predicted: Proba) -> Proba:
    """Return (n_classes,) precision, recall or F1 of each class; 0 where nothing was there to be right about."""
    import numpy as np

    of = {"precision": predicted, "recall": actual, "f1": (actual + predicted) / 2}[kind]
    out: Proba = hits / np.maximum(of, 0.5)  # a count is 0, or at least a half
    return out


def of_class(kind: str) -> Score:
    """Return the score `kind` (precision, recall or f1) of the positive class."""

    def score(y: Codes, proba: Proba, positive: int = 1) -> float:
        return float(_shares(kind, *_counts(y, proba))[positive])

    return score


def macro(kind: str) -> Score:
    """Return the unweighted mean of `kind` over the classes that occur or are predicted."""

    def score(y: Codes, proba: Proba, positive: int = 1) -> float:
        hits, actual, predicted = _counts(y, proba)
        return float(_shares(kind, hits, actual, predicted)[actual + predicted > 0].mean())

    return score


def weighted(kind: str) -> Score:
    """Return the mean of `kind` over the classes, each weighing as many rows as it has."""

    def score(y: Codes, proba: Proba, positive: int = 1) -> float:
        hits, actual, predicted = _counts(y, proba)
        return float(_shares(kind, hits, actual, predicted) @ actual / actual.sum())

    return score


def cohen_kappa(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Agreement of truth and prediction beyond chance (Cohen 1960): 1 all, 0 chance; undefined where both are one and the same class."""
    hits, actual, predicted = _counts(y, proba)
    n = actual.sum()
    chance = actual @ predicted / n
    return float((hits.sum() - chance) / (n - chance)) if n > chance else float("nan")


def matthews_corrcoef(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Correlation of truth and prediction (Gorodkin 2004 for more than two classes); 0 where either is a single class."""
    hits, actual, predicted = _counts(y, proba)
    n = actual.sum()
    spread = (n * n - actual @ actual) * (n * n - predicted @ predicted)
    return float((n * hits.sum() - actual @ predicted) / spread**0.5) if spread > 0 else 0.0


def cost(costs: tuple[tuple[float, ...], ...]) -> Score:
    """Return the mean cost of a row, `costs[true][predicted]`, when each is given the class that is cheapest in expectation (Elkan 2001)."""

    def score(y: Codes, proba: Proba, positive: int = 1) -> float:
        import numpy as np

        matrix = np.asarray(costs, dtype=np.float64)
        expected = proba @ matrix
        decided = (expected[:, 1] < expected[:, 0]).view("int8") if len(matrix) == 2 else expected.argmin(axis=1)
        return float(matrix[y, decided].mean())

    return score


def no_costs(y: Codes, proba: Proba, positive: int = 1) -> float:
    """Stand for `cost` until costs are known. Raises ValueError."""
    raise ValueError("the metric `cost` needs costs: take it from automl.metrics.metric_of(task, name, costs)")

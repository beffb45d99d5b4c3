"""Scores of the class that is decided on: functions of how many rows of each class there are, are predicted, and are predicted right.

A score here takes the three counts (..., n_classes), of any number of cases at once, and returns (...); `by_counts` makes one of
classes that were decided, `by_proba` one of probabilities, of which the most probable class counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Proba = NDArray[np.float64]

    OfCounts = Callable[[Proba, Proba, Proba, int], Any]  # hits, actual, predicted (..., n_classes), and the positive class
    OfCodes = Callable[..., float]  # true and decided classes (n_rows,), n_classes, the positive class, and the weights (n_rows,) of rows or None
    Score = Callable[..., float]  # true classes, probabilities, the positive class, and the weights


def most_probable(proba: Proba) -> Any:
    """Return (n_rows,) the most probable class, the first of equals."""
    return (proba[:, 1] > proba[:, 0]).view("int8") if proba.shape[1] == 2 else proba.argmax(axis=1)


def by_counts(of_counts: OfCounts) -> OfCodes:
    """Return the score of classes that were decided."""

    def of_codes(y: Codes, codes: Codes, n_classes: int, positive: int = 1, weight: Proba | None = None) -> float:
        import numpy as np

        right = codes == y
        if weight is None:
            hits, actual, predicted = (np.bincount(c, minlength=n_classes).astype(float) for c in (y[right], y, codes))
        else:
            hits, actual, predicted = (np.bincount(c, w, n_classes) for c, w in ((y[right], weight[right]), (y, weight), (codes, weight)))
        return float(of_counts(hits, actual, predicted, positive))

    return of_codes


def by_proba(of_codes: OfCodes) -> Score:
    """Return the score of the most probable classes."""

    def score(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
        return of_codes(y, most_probable(proba), proba.shape[1], positive, weight)

    return score


def accuracy(hits: Proba, actual: Proba, predicted: Proba, positive: int = 1) -> Any:
    """Share of rows predicted right."""
    return hits.sum(axis=-1) / actual.sum(axis=-1)


def balanced_accuracy(hits: Proba, actual: Proba, predicted: Proba, positive: int = 1) -> Any:
    """Mean recall over the classes that occur."""
    there = actual > 0
    return _shares("recall", hits, actual, predicted).sum(axis=-1) / there.sum(axis=-1)


def _shares(kind: str, hits: Proba, actual: Proba, predicted: Proba) -> Proba:
    """Return (..., n_classes) precision, recall or F1 of each class; 0 where nothing was there to be right about."""
    import numpy as np

    of = {"precision": predicted, "recall": actual, "f1": (actual + predicted) / 2}[kind]
    out: Proba = hits / np.maximum(of, 1e-300)  # nothing was there: no hits either
    return out


def of_class(kind: str) -> OfCounts:
    """Return the score `kind` (precision, recall or f1) of the positive class."""

    def score(hits: Proba, actual: Proba, predicted: Proba, positive: int = 1) -> Any:
        return _shares(kind, hits, actual, predicted)[..., positive]

    return score


def macro(kind: str) -> OfCounts:
    """Return the unweighted mean of `kind` over the classes that occur or are predicted."""

    def score(hits: Proba, actual: Proba, predicted: Proba, positive: int = 1) -> Any:
        return _shares(kind, hits, actual, predicted).sum(axis=-1) / (actual + predicted > 0).sum(axis=-1)

    return score


def weighted(kind: str) -> OfCounts:
    """Return the mean of `kind` over the classes, each weighing as many rows as it has."""

    def score(hits: Proba, actual: Proba, predicted: Proba, positive: int = 1) -> Any:
        return (_shares(kind, hits, actual, predicted) * actual).sum(axis=-1) / actual.sum(axis=-1)

    return score


def cohen_kappa(hits: Proba, actual: Proba, predicted: Proba, positive: int = 1) -> Any:
    """Agreement of truth and prediction beyond chance (Cohen 1960): 1 all, 0 chance; undefined where both are one and the same class."""
    import numpy as np

    n = actual.sum(axis=-1)
    chance = (actual * predicted).sum(axis=-1) / n
    return np.where(n > chance, (hits.sum(axis=-1) - chance) / np.where(n > chance, n - chance, 1.0), np.nan)


def matthews_corrcoef(hits: Proba, actual: Proba, predicted: Proba, positive: int = 1) -> Any:
    """Correlation of truth and prediction (Gorodkin 2004 for more than two classes); 0 where either is a single class."""
    import numpy as np

    n = actual.sum(axis=-1)
    spread = (n * n - (actual * actual).sum(axis=-1)) * (n * n - (predicted * predicted).sum(axis=-1))
    return np.where(spread > 0, (n * hits.sum(axis=-1) - (actual * predicted).sum(axis=-1)) / np.sqrt(np.where(spread > 0, spread, 1.0)), 0.0)


def cheapest(costs: tuple[tuple[float, ...], ...], proba: Proba) -> Any:
    """Return (n_rows,) the class that is cheapest in expectation (Elkan 2001), the first of equals; `costs[true][predicted]`."""
    import numpy as np

    expected = proba @ np.asarray(costs, dtype=np.float64)
    return (expected[:, 1] < expected[:, 0]).view("int8") if len(costs) == 2 else expected.argmin(axis=1)


def cost(costs: tuple[tuple[float, ...], ...]) -> tuple[Score, OfCodes]:
    """Return the mean cost of a row: of probabilities, each row decided as is cheapest in expectation; and of classes that were decided."""
    import numpy as np

    matrix = np.asarray(costs, dtype=np.float64)

    def of_codes(y: Codes, codes: Codes, n_classes: int, positive: int = 1, weight: Proba | None = None) -> float:
        return float(np.average(matrix[y, codes], weights=weight))

    def score(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
        return of_codes(y, cheapest(costs, proba), proba.shape[1], positive, weight)

    return score, of_codes


def no_costs(y: Codes, proba: Proba, positive: int = 1, weight: Proba | None = None) -> float:
    """Stand for `cost` until costs are known. Raises ValueError."""
    raise ValueError("the metric `cost` needs costs: take it from automl.metrics.metric_of(task, name, costs)")

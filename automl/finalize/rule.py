"""Which class a row is given: a threshold for two classes, a weight per class for more, chosen for a metric of decided classes."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from automl.data.units import Draws
from automl.metrics import Metric

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

CUTS = 256  # thresholds that are tried, at the quantiles of the probabilities
BAGS = 100
REPLICATES = 200
FEW, ALL = "where hardly any row is answered positive", "where every row is answered positive"
ENDS = {"precision": FEW, "precision_macro": FEW, "precision_weighted": FEW, "recall": ALL}
"""Metrics that a threshold would drive to an end."""
POWERS = (0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0)  # of a class's share, that its probability is divided by


@dataclass(frozen=True)
class Gain:
    """By how much one set of decided classes is better than another in the direction of a metric, with its 95 % interval and standard error."""

    before: float
    after: float
    gain: float
    low: float
    high: float
    error: float


def best_threshold(metric: Metric, y: Rows, p: Floats, positive: int, seed: int) -> float:
    """Return the probability above which `positive` is answered, for a metric with `of_counts`; y, p (n_rows,), p of that class.

    The best threshold of a sample is noisy, as the metric hardly changes around it: the mean, in log odds, of those of resamples
    is steadier (bagging, Breiman 1996).
    """
    cuts, cells = _between_cuts(y, p, positive)
    if not len(cuts):
        return 0.5
    drawn = np.random.default_rng(seed).multinomial(len(y), (cells / len(y)).ravel(), size=BAGS).reshape(BAGS, *cells.shape).astype(np.float64)
    best = np.clip(cuts[_along(metric, drawn, positive).argmax(axis=1)], 1e-6, 1 - 1e-6)
    odds = float(np.log(best / (1 - best)).mean())
    return 1 / (1 + float(np.exp(-odds)))


def at_best_threshold(metric: Metric) -> Metric:
    """Return a metric with `of_counts` as it judges two classes at the best threshold of the rows themselves; others as they are.

    To compare models before their decision is chosen: by the most probable class, one that is well ranked and badly calibrated
    seems worse than it will be. A little bright for all of them, as the threshold is of the rows that are scored.
    """
    if metric.of_counts is None or metric.name in ENDS:
        return metric

    def score(y: Rows, proba: Floats, positive: int) -> float:
        if proba.shape[1] != 2:
            return metric.score(y, proba, positive)
        cuts, cells = _between_cuts(y, proba[:, positive], positive)
        plain = metric.score(y, proba, positive)
        if not len(cuts) or not np.isfinite(plain):
            return plain
        best = float(_along(metric, cells.astype(np.float64), positive).max()) * (1 if metric.greater_is_better else -1)
        return best if metric.better(best, plain) else plain

    return replace(metric, score=score)


def _between_cuts(y: Rows, p: Floats, positive: int) -> tuple[Floats, Rows]:
    """Return the thresholds that are tried (n_cuts,), and the rows of the other class and of `positive` between them (2, n_cuts + 1)."""
    values = np.unique(p)
    cuts = (values[1:] + values[:-1]) / 2
    if len(cuts) > CUTS:
        cuts = np.unique(np.quantile(cuts, (np.arange(CUTS) + 0.5) / CUTS))
    place = np.searchsorted(cuts, p, side="left")  # above the cuts before it
    width = len(cuts) + 1
    return cuts, np.bincount((y == positive) * width + place, minlength=2 * width).reshape(2, width)


def _along(metric: Metric, cells: Floats, positive: int) -> Floats:
    """Return (..., n_cuts) the score at each cut, its sign turned where less is better, -inf where there is none.

    `cells` (..., 2, n_cuts + 1): rows of the other class and of `positive` between the cuts.
    """
    assert metric.of_counts is not None
    above = np.cumsum(cells[..., ::-1], axis=-1)[..., ::-1][..., 1:]
    total = cells.sum(axis=-1, keepdims=True)
    predicted = above.sum(axis=-2)
    hits = [total[..., 0, :] - above[..., 0, :], above[..., 1, :]]
    actual = [np.broadcast_to(total[..., c, :], predicted.shape) for c in (0, 1)]
    decided = [total.sum(axis=-2) - predicted, predicted]
    order = (0, 1) if positive == 1 else (1, 0)
    counts = [np.stack([pair[c] for c in order], axis=-1) for pair in (hits, actual, decided)]
    scores = np.asarray(metric.of_counts(counts[0], counts[1], counts[2], positive), dtype=np.float64) * (1 if metric.greater_is_better else -1)
    return np.where(np.isfinite(scores), scores, -np.inf)


def best_power(metric: Metric, y: Rows, proba: Floats, shares: Floats, positive: int) -> float:
    """Return the power of the class shares (n_classes,) that probabilities (n_rows, n_classes) are best divided by before the largest is taken.

    1 answers as if all classes were alike frequent, which is best for the mean of recalls (Saerens, Latinne and Decaestecker 2002); 0 changes nothing.
    """
    assert metric.of_codes is not None
    scores = [metric.of_codes(y, (proba * class_weights(shares, power)).argmax(axis=1), len(shares), positive) for power in POWERS]
    return POWERS[int(np.nanargmax(scores if metric.greater_is_better else np.negative(scores)))]


def class_weights(shares: Floats, power: float) -> Floats:
    """Return (n_classes,) weights, of which the least is 1."""
    raw = np.maximum(shares, 1e-9) ** -power
    return np.asarray(raw / raw.min())


def gain_of(metric: Metric, y: Rows, before: Rows, after: Rows, units: Rows, n_classes: int, positive: int, seed: int) -> Gain:
    """Return what `after` gains over `before`, decided classes (n_rows,) both; paired, on resamples of whole units."""
    assert metric.of_codes is not None
    points = [metric.of_codes(y, codes, n_classes, positive) for codes in (before, after)]
    if n_classes == 2 and metric.of_counts is not None:
        drawn = _drawn_counts(metric, y, before, after, units, positive, seed)
    else:
        draws, rng = Draws(len(y), units), np.random.default_rng(seed)
        rows = (draws.rows(rng) for _ in range(REPLICATES // 2))
        drawn = np.array([[metric.of_codes(y[r], codes[r], n_classes, positive) for codes in (before, after)] for r in rows])
    gains = (drawn[:, 1] - drawn[:, 0]) * (1 if metric.greater_is_better else -1)
    known = gains[np.isfinite(gains)]
    low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
    error = float(known.std()) if len(known) else float("inf")
    return Gain(points[0], points[1], metric.gain(points[1], points[0]), float(low), float(high), error)


def _drawn_counts(metric: Metric, y: Rows, before: Rows, after: Rows, units: Rows, positive: int, seed: int) -> Floats:
    """Return (n_replicates, 2) scores of both on resamples, which only the eight kinds of rows matter for."""
    assert metric.of_counts is not None
    kind, rng = 4 * y + 2 * before + after, np.random.default_rng(seed)
    draws = Draws(len(y), units)
    if draws.units is None:
        cells = rng.multinomial(len(y), np.bincount(kind, minlength=8) / len(y), size=REPLICATES)
    else:
        of_unit = np.bincount(draws.units * 8 + kind, minlength=8 * draws.n_units).reshape(-1, 8)
        picks = (rng.integers(0, draws.n_units, draws.n_units) for _ in range(REPLICATES))
        cells = np.stack([np.bincount(pick, minlength=draws.n_units) @ of_unit for pick in picks])
    cells = cells.reshape(-1, 2, 2, 2).astype(np.float64)  # true, before, after
    actual = cells.sum(axis=(2, 3))
    out = []
    for other in (3, 2):
        confusion = cells.sum(axis=other)
        hits = np.stack([confusion[:, c, c] for c in (0, 1)], axis=-1)
        out.append(metric.of_counts(hits, actual, confusion.sum(axis=1), positive))
    return np.stack(out, axis=1)

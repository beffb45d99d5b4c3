"""Margins to probabilities, fitted on rows held back: one slope for all classes and an offset for each, through softmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import FitData

Floats = NDArray[np.float64]

STEPS = 60  # Newton steps; ten are usual
LEAST_SLOPE = 1e-2  # of margins scaled to mean square 1: rows held back must not turn a ranking round
OFFSET_VARIANCE = 1.0  # of the normal prior of an offset, with more than two classes


@dataclass(frozen=True)
class Calibration:
    """Probabilities are softmax(slope * margin + offset); offset (n_classes,)."""

    slope: float
    offset: Floats

    def margins(self, margin: Floats) -> Floats:
        """Return the margins (n_rows, n_classes) whose softmax are the probabilities."""
        return self.slope * margin + self.offset


def centred(margin: Floats) -> Floats:
    """Return margins (n_rows, n_classes) of mean zero in each row; softmax knows no difference."""
    out: Floats = margin - margin.mean(axis=1, keepdims=True)
    return out


def both(margin: Floats) -> Floats:
    """Return (n_rows, n_classes) centred margins; one margin (n_rows, 1) of the second of two classes is shared between them."""
    return centred(margin) if margin.shape[1] > 1 else np.concatenate([-margin / 2, margin / 2], axis=1)


def rows_to_calibrate(data: FitData, present: NDArray[np.int64]) -> tuple[Any, NDArray[np.int64], Floats]:
    """Return (x, positions of the classes in `present`, weights) of the rows held back, without classes that were not learned.

    A class too small to have a row held back is stood for by its learning rows, weighed down to the share that was held back.
    Where no row could be held back these are all learning rows: Laplace's rule then keeps the probabilities off 0 and 1, but
    they are surer than they should be.
    """
    learned = np.ones(len(data.y)) if data.weight is None else data.weight.astype(np.float64)
    if data.x_stop is None or data.y_stop is None or not np.isin(data.y_stop, present).any():
        return data.x, np.searchsorted(present, data.y), learned
    held = np.flatnonzero(np.isin(data.y_stop, present))
    weight = np.ones(len(held)) if data.weight_stop is None else data.weight_stop[held].astype(np.float64)
    x, y = (data.x_stop if len(held) == len(data.y_stop) else data.x_stop[held]), data.y_stop[held]
    alone = np.flatnonzero(~np.isin(data.y, y))
    if len(alone):
        x, y = _stacked(x, data.x[alone]), np.concatenate([y, data.y[alone]])
        weight = np.concatenate([weight, learned[alone] * (len(held) / len(data.y))])
    return x, np.searchsorted(present, y), weight


def _stacked(first: Any, second: Any) -> Any:
    if isinstance(first, np.ndarray):
        return np.concatenate([first, second])
    from scipy import sparse

    return sparse.vstack([first, second], format="csr")


def joined(data: FitData, present: NDArray[np.int64]) -> FitData | None:
    """Return all rows that a fit may learn from, those held back too (but for classes not in `present`); None where none were.

    A model that was calibrated may learn once more from all of them: its margins on new rows hardly change, but for the better,
    and no row is lost to it, as in scikit-learn's CalibratedClassifierCV with ensemble=False.
    """
    if data.x_stop is None or data.y_stop is None or not len(data.y_stop):
        return None
    held = np.flatnonzero(np.isin(data.y_stop, present))
    weight = None if data.weight is None or data.weight_stop is None else np.concatenate([data.weight, data.weight_stop[held]])
    x = _stacked(data.x, data.x_stop[held])
    return FitData(x, np.concatenate([data.y, data.y_stop[held]]), weight=weight)


def calibrate(margin: Floats, y: NDArray[np.int64], weight: Floats) -> Calibration:
    """Return the slope and offsets that make margins (n_rows, n_classes) likeliest for y (n_rows,) positions of classes.

    With two classes this is the sigmoid of Platt (1999, Probabilistic outputs for support vector machines), with his targets
    and the Newton steps with backtracking of Lin, Lin and Weng (2007, A note on Platt's probabilistic outputs, Machine Learning
    68: 267-276). With more it is temperature scaling with an offset per class (Alexandari, Kundaje and Shrikumar 2020, Maximum
    likelihood with bias-corrected calibration, section 2); few rows may stand behind an offset, so each has a normal prior.
    No rows: the margins as they are.
    """
    n_classes = margin.shape[1]
    unit = float(np.sqrt(np.mean(margin**2))) if margin.size else 0.0
    if len(y) == 0 or unit == 0 or not np.isfinite(unit):
        return Calibration(1.0, np.zeros(n_classes))
    target = _targets(margin, y, weight)
    ridge = 1e-9 if n_classes == 2 else 1.0 / OFFSET_VARIANCE
    scaled = margin / unit
    found = _newton(scaled, target, weight, ridge, np.concatenate([[1.0], np.zeros(n_classes)]), free_slope=True)
    if found[0] < LEAST_SLOPE:
        found = _newton(scaled, target, weight, ridge, np.concatenate([[LEAST_SLOPE], np.zeros(n_classes)]), free_slope=False)
    return Calibration(float(found[0]) / unit, found[1:])


def _targets(margin: Floats, y: NDArray[np.int64], weight: Floats) -> Floats:
    """Return (n_rows, n_classes) what each row should be given, off 0 and 1 by Laplace's rule, so that no slope is endless.

    With two classes by the rows of each, as Platt has it; with more, a class may have a row or none, so by all rows. What a
    row's class does not get goes to the likeliest of the others: shared among all, those far away would flatten the slope.
    """
    rows, n_classes = np.arange(len(y)), margin.shape[1]
    count = np.bincount(y, weight, n_classes) if n_classes == 2 else np.full(n_classes, weight.sum())
    sure = ((count + 1) / (count + 2))[y]
    other = margin.copy()
    other[rows, y] = -np.inf
    target = np.zeros_like(margin)
    target[rows, other.argmax(axis=1)] = 1 - sure
    target[rows, y] = sure
    return target


def _newton(margin: Floats, target: Floats, weight: Floats, ridge: float, start: Floats, free_slope: bool) -> Floats:
    """Return (1 + n_classes,) slope and offsets by damped Newton steps from `start`; the loss is convex."""
    at, n_classes = start, margin.shape[1]
    loss, proba = _loss(margin, target, weight, ridge, at)
    for _ in range(STEPS):
        wrong = weight[:, None] * (proba - target)
        gradient = np.concatenate([[(wrong * margin).sum()], wrong.sum(axis=0) + ridge * at[1:]])
        spread = weight[:, None] * proba
        mean = (proba * margin).sum(axis=1)
        hessian = np.zeros((n_classes + 1, n_classes + 1))
        hessian[0, 0] = (spread * margin * (margin - mean[:, None])).sum()
        hessian[0, 1:] = hessian[1:, 0] = (spread * (margin - mean[:, None])).sum(axis=0)
        hessian[1:, 1:] = np.diag(spread.sum(axis=0) + ridge) - proba.T @ spread
        if not free_slope:
            gradient[0], hessian[0, 1:], hessian[1:, 0], hessian[0, 0] = 0.0, 0.0, 0.0, 1.0
        if np.abs(gradient).max() < 1e-7 * max(1.0, weight.sum()):
            break
        hessian[np.diag_indices_from(hessian)] += 1e-9 * max(1.0, weight.sum())
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-8:
            tried, tried_proba = _loss(margin, target, weight, ridge, at - size * step)
            if tried <= loss - 1e-4 * size * float(gradient @ step):
                break
            size /= 2
        else:
            break
        at, loss, proba = at - size * step, tried, tried_proba
    return at


def _loss(margin: Floats, target: Floats, weight: Floats, ridge: float, at: Floats) -> tuple[float, Floats]:
    """Return the cross entropy with its penalty, and the probabilities."""
    z = at[0] * margin + at[1:]
    z -= z.max(axis=1, keepdims=True)
    total = np.log(np.exp(z).sum(axis=1, keepdims=True))
    log_proba = z - total
    return float(-(weight[:, None] * target * log_proba).sum() + ridge / 2 * (at[1:] ** 2).sum()), np.exp(log_proba)

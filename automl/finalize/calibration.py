"""Calibrations fitted on out-of-fold probabilities: one temperature, or a curve per class that only rises."""

import numpy as np
from numpy.typing import NDArray

from automl.inference.decision import Curve, Decision, logs

Rows = NDArray[np.int64]

COOLEST, HOTTEST = 0.2, 10.0  # temperatures; beyond, probabilities are all 0 and 1 in single precision, or all alike
STEPS = 25


def temperature(y: Rows, proba: NDArray[np.float32]) -> Decision:
    """Return the temperature with the least log loss on rows with class codes `y` (n_rows,) (Guo et al. 2017, section 4.2).

    The loss is convex in 1 / temperature, so that Newton's steps find its minimum.
    """
    z = logs(proba)
    z -= z.max(axis=1, keepdims=True)
    own = float(z[np.arange(len(y)), y].mean())
    slope = 1.0
    for _ in range(STEPS):
        p = np.exp(slope * z)
        p /= p.sum(axis=1, keepdims=True)
        mean = np.einsum("ij,ij->i", p, z)
        curvature = float((np.einsum("ij,ij,ij->i", p, z, z) - mean**2).mean())
        step = (own - float(mean.mean())) / max(curvature, 1e-12)
        moved = float(np.clip(slope + np.clip(step, -slope / 2, slope), 1 / HOTTEST, 1 / COOLEST))
        if abs(moved - slope) < 1e-7:
            break
        slope = moved
    return Decision(temperature=round(1 / slope, 6))


def isotonic(y: Rows, proba: NDArray[np.float32]) -> Decision:
    """Return the curves that rise with the probability and fit the classes best (Zadrozny and Elkan 2002), one against the rest.

    A curve stays half a row short of 0 and 1: that no row of a class was seen does not make it impossible.
    """
    from sklearn.isotonic import IsotonicRegression

    k = proba.shape[1]
    ends = 0.5 / (len(y) + 1)
    curves: list[Curve] = []
    for c in (1,) if k == 2 else range(k):
        fit = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(proba[:, c].astype(np.float64), y == c)
        at, to = np.unique(fit.X_thresholds_), np.interp(np.unique(fit.X_thresholds_), fit.X_thresholds_, fit.y_thresholds_)
        curves.append((tuple(at.tolist()), tuple(np.clip(np.maximum.accumulate(to), ends, 1 - ends).tolist())))
    return Decision(curves=tuple(curves))


FITS = {"temperature": temperature, "isotonic": isotonic}

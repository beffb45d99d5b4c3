"""Fitted calibrations: the temperature that was planted comes back, and curves rise as scikit-learn's do."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import log_loss

from automl.finalize.calibration import COOLEST, HOTTEST, isotonic, temperature


def planted(k=2, n=4000, heat=2.0, seed=0):
    """Return classes, and probabilities that are too sure by a factor."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, k)) * 1.5
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = (p.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    sure = np.exp(z * heat)
    return y, (sure / sure.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("k", [2, 5])
@pytest.mark.parametrize("heat", [0.5, 1.0, 2.5])
def test_a_planted_temperature_is_found_and_pays_on_fresh_rows(k, heat):
    y, p = planted(k, heat=heat)
    found = temperature(y, p)
    assert found.temperature == pytest.approx(heat, rel=0.12)
    fresh_y, fresh = planted(k, heat=heat, seed=1)
    change = log_loss(fresh_y, found.calibrate(fresh), labels=range(k)) - log_loss(fresh_y, fresh, labels=range(k))
    assert change < -0.01 if heat != 1.0 else abs(change) < 0.002


def test_it_is_the_one_with_the_least_loss():
    y, p = planted(3, n=300, heat=1.4)
    z = np.log(p.astype(float))

    def loss(t):
        s = z / t - np.log(np.exp(z / t).sum(axis=1, keepdims=True))
        return -s[np.arange(len(y)), y].mean()

    assert temperature(y, p).temperature == pytest.approx(minimize_scalar(loss, bounds=(0.2, 10), method="bounded").x, rel=1e-3)


def test_it_stays_within_bounds_where_the_rows_know_none():
    sure = np.array([[0.9, 0.1], [0.1, 0.9]] * 20, np.float32)
    assert temperature(np.array([0, 1] * 20), sure).temperature == pytest.approx(COOLEST)
    assert temperature(np.array([1, 0] * 20), sure).temperature == pytest.approx(HOTTEST)
    certain = np.array([[1, 0], [0, 1]] * 20, np.float32)
    assert np.isfinite(temperature(np.array([0, 1] * 20), certain).temperature)


def test_curves_are_scikit_learns_and_never_certain():
    y, p = planted(2, heat=3.0)
    found = isotonic(y, p)
    assert len(found.curves) == 1
    own = IsotonicRegression(out_of_bounds="clip").fit(p[:, 1].astype(float), y).predict(p[:, 1].astype(float))
    out = found.calibrate(p)
    assert np.allclose(out[:, 1], np.clip(own, 0.5 / 4001, 1 - 0.5 / 4001), atol=1e-6) and out.min() > 0
    assert (np.diff(out[np.argsort(p[:, 1]), 1]) >= 0).all()


def test_more_classes_have_a_curve_each():
    y, p = planted(3, n=6000, heat=3.0)
    found = isotonic(y, p)
    fresh_y, fresh = planted(3, n=6000, heat=3.0, seed=1)
    assert len(found.curves) == 3
    assert log_loss(fresh_y, found.calibrate(fresh)) < log_loss(fresh_y, fresh) - 0.1

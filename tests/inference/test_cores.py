"""Nearest kept rows, their radius, and noise among them."""

import numpy as np
import pytest

from automl.inference.forms import Form, Model


def form(radius=(1.0, np.inf), code=(1, 0, 2), n_outputs=2):
    rows = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]], np.float32)
    return Form("cores", {"n_outputs": n_outputs, "scale": 1.0}, {"rows": rows, "code": np.array(code, np.uint8), "radius": np.array(radius, np.float32)})


def test_the_nearest_row_decides_within_its_radius():
    strength = Model(form((np.inf, 1.0))).predict(np.array([[0.5, 0], [2, 0], [9, 0], [100, 0], [0, 9]], np.float32))
    assert strength.argmax(axis=1)[[0, 2, 3]].tolist() == [1, 0, 0]
    assert (strength[[1, 4]] == 0).all()  # beyond the radius of cluster 1; nearest to noise
    assert strength[0].sum() == pytest.approx(1) and strength[0, 1] == pytest.approx((1 / 1.25) / (1 / 1.25 + 1 / (1 + 9.5**2)), rel=1e-5)


def test_without_noise_kept_and_without_a_radius_all_rows_are_placed():
    x = np.random.default_rng(0).normal(0, 100, (5000, 2)).astype(np.float32)
    strength = Model(form((np.inf, np.inf), (0, 1, 1))).predict(x)
    far = ((x[:, None] - np.array([[0, 0], [10, 0], [0, 10]])) ** 2).sum(axis=2)
    assert np.array_equal(strength.argmax(axis=1), np.array([0, 1, 1])[far.argmin(axis=1)]) and (strength.max(axis=1) > 0).all()

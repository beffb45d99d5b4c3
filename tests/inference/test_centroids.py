"""The nearest centre names the cluster; strengths are shares of round clouds."""

import numpy as np
import pytest

from automl.inference.forms import Form, Model
from automl.inference.projection import projected


def test_shares_are_those_of_round_clouds_of_one_size():
    centres = np.array([[0, 0], [4, 0]], np.float32)
    strength = Model(Form("centroids", {"n_outputs": 2, "variance": 2.0}, {"centres": centres})).predict(np.array([[1, 3], [2, 0], [1e7, 0]], np.float32))
    assert strength[0, 0] == pytest.approx(1 / (1 + np.exp(-(9 - 1) / 4)), rel=1e-5)
    assert strength[1].tolist() == [0.5, 0.5] and strength[2].tolist() == [0, 1]


def test_nearest_far_from_the_origin_and_across_blocks():
    rng = np.random.default_rng(0)
    centres, x = rng.normal(size=(7, 5)) + 3000, rng.normal(size=(9001, 5)) + 3000
    x32, c32 = x.astype(np.float32), centres.astype(np.float32)
    strength = Model(Form("centroids", {"n_outputs": 7, "variance": 1.0}, {"centres": c32})).predict(x32)
    far = ((x32.astype(np.float64)[:, None] - c32.astype(np.float64)) ** 2).sum(axis=2)
    assert np.array_equal(strength.argmax(axis=1), far.argmin(axis=1)) and np.allclose(strength.sum(axis=1), 1, atol=1e-5)


def test_a_projection_comes_first():
    x = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    axes, mean = np.array([[1, 0], [0, 2], [0, 0]], np.float32), np.array([1, 2, 3], np.float32)
    form = Form("centroids", {"n_outputs": 2, "variance": 1.0}, {"centres": np.array([[0, 0], [1, 1]], np.float32)})
    assert np.allclose(Model(projected(form, mean, axes)).predict(x), Model(form).predict((x - mean) @ axes), atol=1e-5)

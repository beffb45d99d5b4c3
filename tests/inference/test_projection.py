import numpy as np
import pytest

from automl.inference.forms import Form, Model


def test_narrow_weights_are_widened():
    rng = np.random.default_rng(0)
    weights, x = rng.normal(size=(4, 2)).astype(np.float32), rng.normal(size=(5, 4)).astype(np.float32)
    scale = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    arrays = {"weights": np.rint(weights / scale).astype(np.int8), "weights.scale": scale, "bias": np.ones(2, np.float32)}
    assert Model(Form("projection", {}, arrays)).predict(x) == pytest.approx(x @ weights + 1, abs=0.1)

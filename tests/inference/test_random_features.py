import numpy as np
import pytest

from automl.inference.random_features import waves


def test_products_of_waves_are_about_the_kernel():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 3)).astype(np.float32)
    frequencies = rng.normal(0, np.sqrt(2 * 0.2), (3, 40_000)).astype(np.float32)
    found = waves(x, frequencies, rng.uniform(0, 2 * np.pi, 40_000).astype(np.float32))
    expected = np.exp(-0.2 * np.square(x[:, None] - x[None]).sum(axis=2))
    assert found @ found.T == pytest.approx(expected, abs=0.03)

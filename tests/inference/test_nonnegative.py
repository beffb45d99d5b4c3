import numpy as np
import pytest
from scipy.optimize import nnls

from automl.inference.nonnegative import shares


def test_shares_are_those_of_least_squares_with_none_below_zero():
    rng = np.random.default_rng(0)
    parts, x = rng.exponential(size=(4, 12)).astype(np.float32), rng.normal(1, 1, size=(15, 12)).astype(np.float32)
    found = shares(x, parts)
    expected = np.stack([nnls(parts.T.astype(np.float64), row.astype(np.float64))[0] for row in x])
    assert found == pytest.approx(expected, abs=1e-3)
    assert found.min() == 0.0

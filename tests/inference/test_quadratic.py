"""Gaussian classes against scipy's densities."""

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import multivariate_normal

from automl.inference import quadratic as under_test
from automl.inference.forms import Form, Model


@pytest.mark.parametrize("block", [1024, 7])
@pytest.mark.parametrize("slope", [1.0, 0.2])
def test_agrees_with_scipys_densities(block, slope, monkeypatch):
    monkeypatch.setattr(under_test, "BLOCK", block)
    rng = np.random.default_rng(0)
    means, factors = rng.normal(size=(3, 4)), [np.tril(rng.normal(size=(4, 4)) * 0.3) + np.eye(4) for _ in range(3)]
    whiten = np.stack([np.linalg.inv(f) for f in factors])
    rows, columns = np.tril_indices(4)
    bias = slope * np.array([np.log(np.abs(np.diag(w))).sum() for w in whiten])
    form = Form("quadratic", {"n_outputs": 5, "present": [0, 2, 4], "slope": slope}, {"means": means, "whiten": whiten[:, rows, columns], "bias": bias})
    x = rng.normal(size=(20, 4)).astype(np.float32)
    joint = np.stack([multivariate_normal.logpdf(x, m, f @ f.T) for m, f in zip(means, factors, strict=True)], axis=1)
    found = Model(form).predict(x)
    assert np.abs(found[:, [0, 2, 4]] - softmax(slope * joint, axis=1)).max() < 1e-6 and not found[:, [1, 3]].any()
    assert Model(form).predict(x[:0]).shape == (0, 5)

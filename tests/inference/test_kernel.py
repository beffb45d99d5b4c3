"""Kernel machines against scikit-learn's kernels."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel

from automl.inference import kernel as under_test
from automl.inference.forms import Form, Model

RNG = np.random.default_rng(0)
S, DUAL, BIAS = RNG.normal(size=(12, 5)).astype(np.float32), RNG.normal(size=(12, 3)) * 50, RNG.normal(size=3)
X = np.concatenate([RNG.normal(size=(20, 5)), S[:3], np.full((1, 5), 1e3)]).astype(np.float32)


def form(**config):
    return Form("kernel", {"n_outputs": 4, "present": [0, 1, 3], "gamma": 0.3, **config}, {"support": S, "dual": DUAL, "bias": BIAS})


@pytest.mark.parametrize("block", [1 << 21, 30])
@pytest.mark.parametrize("kind", ["rbf", "poly"])
def test_agrees_with_the_librarys_kernel_in_blocks_of_any_size(kind, block, monkeypatch):
    monkeypatch.setattr(under_test, "CELLS", block)
    wide, s = X.astype(float), S.astype(float)
    similar = rbf_kernel(wide, s, gamma=0.3) if kind == "rbf" else polynomial_kernel(wide, s, degree=3, gamma=0.3, coef0=1.5)
    found = Model(form(kernel=kind, degree=3, coef0=1.5)).predict(X)
    assert found.shape == (24, 4) and not found[:, 2].any()
    assert np.abs(found[:, [0, 1, 3]] - softmax(similar @ DUAL + BIAS, axis=1)).max() < 1e-6


def test_no_rows_give_no_rows():
    assert Model(form(kernel="rbf")).predict(X[:0]).shape == (0, 4)

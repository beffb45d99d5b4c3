"""Linear models against scikit-learn's own, dense and sparse."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from automl.inference.forms import Form, Model


@pytest.mark.parametrize("k", [2, 3])
def test_agrees_with_scikit_learn(k):
    rng = np.random.default_rng(k)
    x = rng.normal(size=(90, 4)).astype(np.float32)
    library = LogisticRegression().fit(x, rng.integers(0, k, 90))
    model = Model(Form("linear", {}, {"weights": library.coef_.T.astype(np.float32), "bias": library.intercept_.astype(np.float32)}))
    assert np.allclose(model.predict(x), library.predict_proba(x), atol=1e-6)
    assert np.allclose(model.predict(sparse.csr_matrix(x)), model.predict(x), atol=1e-7)
    assert model.predict(x[:0]).shape == (0, k)

"""Posteriors of a mixture are a library's."""

import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from automl.families.clusterers.gaussian_mixture import mixture
from automl.inference.forms import Model
from automl.inference.projection import projected


@pytest.mark.parametrize("covariance", ["full", "tied", "diag", "spherical"])
def test_posteriors(covariance):
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, 1, (60, 3)), rng.normal(2, 0.5, (40, 3))]).astype(np.float32)
    model = GaussianMixture(3, covariance_type=covariance, random_state=0).fit(x)
    form = mixture(model, [2, 0, 1])
    assert np.allclose(Model(form).predict(x), model.predict_proba(x)[:, [2, 0, 1]], atol=1e-4)
    turned = projected(form, np.zeros(3), np.eye(3)[:, [1, 2, 0]])
    assert np.allclose(Model(turned).predict(x[:, [2, 0, 1]]), Model(form).predict(x), atol=1e-5)

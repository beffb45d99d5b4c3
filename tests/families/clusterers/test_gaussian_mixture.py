"""Both ways to fit a mixture find clouds that are there; the Bayesian one leaves out parts that it does not need."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.families.base import Context
from automl.search.fits import Fit, run_fit

FAMILY = FAMILIES.get("clustering", "gaussian_mixture")


@pytest.mark.parametrize("method", [{}, {"method": "bayesian", "method.bayesian.concentration": 0.01}])
def test_three_clouds_are_found(method):
    rng = np.random.default_rng(0)
    truth = np.arange(300) % 3
    x = (8 * np.eye(3)[truth] + rng.normal(0, 0.5, (300, 3))).astype(np.float32)
    params = {**FAMILY.space(Context("clustering", 300, 3, 1)).default(), "clusters": 8 if method else 3, **method}
    labels = run_fit("clustering", Fit("gaussian_mixture", params), x, None).output
    groups = {cluster: set(truth[labels == cluster]) for cluster in np.unique(labels)}
    assert all(len(classes) == 1 for classes in groups.values()) and set().union(*groups.values()) == {0, 1, 2}
    assert len(groups) == 3 if not method else len(groups) < 8

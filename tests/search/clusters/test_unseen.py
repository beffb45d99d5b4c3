"""Rows that a fit has not seen: clear groups get them right, a division of nothing does not, and nothing is said without time."""

import time

import numpy as np
import pytest

from automl.search.clusters.evidence import Candidate
from automl.search.clusters.ladder import Step
from automl.search.clusters.unseen import placed_unseen
from automl.search.clusters.views import View
from automl.search.fits import Fit, Inline

CLEAR = (np.random.default_rng(0).normal(size=(300, 2)) + 9 * (np.arange(300) % 3)[:, None]).astype(np.float32)
EVEN = np.random.default_rng(0).uniform(size=(300, 2)).astype(np.float32)


def said(x, step, noise=True, seconds=60.0):
    view, pool = View.of(x), Inline("clustering")
    pool.put("clusters.x", view.x)
    pool.submit(Fit(step.family, step.params, 0, "clusters.x"))
    fitted = pool.results(0)[0]
    labels = fitted.output if noise else view.without_noise(fitted.output)
    return placed_unseen(pool, view, Candidate(step, labels, {}, fitted.seconds), noise, 0, time.monotonic() + seconds)


@pytest.mark.parametrize("step", [Step("kmeans", {"clusters": 3}), Step("genie", {"clusters": 3, "gini": 0.3, "neighbours": 1}),
                                  Step("gaussian_mixture", {"clusters": 3, "covariance": "full", "method": "likelihood"})])  # fmt: skip
def test_clear_groups_get_rows_that_they_had_not_seen(step):
    assert said(CLEAR, step) == {"rows": 150, "agreement": 1.0}


def test_a_division_of_nothing_and_noise_do_not():
    assert said(EVEN, Step("kmeans", {"clusters": 9}))["agreement"] < 0.8
    dense = Step("hdbscan", {"least": 0.05, "neighbours": 5, "branches": "stable"})
    assert said(CLEAR, dense, noise=False)["agreement"] > 0.95


def test_without_time_or_rows_nothing_is_said():
    step = Step("kmeans", {"clusters": 3})
    assert said(CLEAR, step, seconds=-1.0) is None and said(CLEAR[:12], step) is None

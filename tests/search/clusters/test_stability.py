"""Partitions that come back on halves are told from those that do not, and break near ties."""

import time

import numpy as np

from automl.search.clusters.evidence import Candidate
from automl.search.clusters.ladder import Step
from automl.search.clusters.stability import stability, stabler
from automl.search.clusters.views import View
from automl.search.fits import Fit, Inline


def test_true_groups_come_back_and_cuts_do_not():
    rng = np.random.default_rng(0)
    truth = np.arange(200) % 2
    x = (rng.normal(size=(200, 2)) + 8 * truth[:, None]).astype(np.float32)
    view, pool = View.of(x), Inline("clustering")
    pool.put("all", view.x)
    finalists = []
    for clusters in (2, 7):
        step = Step("kmeans", {"clusters": clusters})
        pool.submit(Fit(step.family, step.params, 0, "all"))
        finalists.append(Candidate(step, pool.results(0)[0].output, {}))
    found = stability(pool, view, finalists, True, 0, time.monotonic() + 60)
    assert found[0] > 0.98 > 0.8 > found[1]
    assert stability(pool, view, finalists, True, 0, time.monotonic() - 1) == {}


def test_only_a_near_tie_is_broken():
    value = np.array([0.9, 0.89, 0.7])
    assert stabler([(0, 0.5), (1, 0.95)], value) == 1 and stabler([(0, 0.5), (2, 0.99)], value) == 0
    assert stabler([(0, 0.9), (1, 0.95)], value) == 0 and stabler([(0, None), (1, 0.95)], value) == 0

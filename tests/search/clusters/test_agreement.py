"""Adjusted Rand indices of a pair and of all pairs are a library's."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from automl.search.clusters.agreement import adjusted_rand, all_agreements


def test_all_pairs_are_a_librarys():
    rng = np.random.default_rng(0)
    some = [rng.integers(-1, k, 200).astype(np.int64) for k in (2, 3, 7, 40)] + [np.zeros(200, np.int64), np.arange(200)]
    found = all_agreements(some)
    for i, a in enumerate(some):
        for j, b in enumerate(some):
            assert found[i, j] == pytest.approx(adjusted_rand_score(a, b), abs=1e-9)


def test_numbers_do_not_matter():
    a = np.array([0, 0, 1, 1, -1, -1])
    assert adjusted_rand(a, np.array([2, 2, 0, 0, 1, 1])) == 1 and adjusted_rand(a, np.zeros(6, np.int64)) == 0

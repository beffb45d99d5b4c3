"""Density connectivity is the least longest step, neighbours are the nearest, ties are spread."""

import numpy as np
from scipy.cluster.hierarchy import cophenet, linkage
from scipy.spatial.distance import cdist, squareform

from automl.search.clusters.geometry import MU, Geometry, untied


def test_connectivity_is_the_height_of_single_linkage():
    x = np.random.default_rng(0).normal(size=(70, 3)).astype(np.float32)
    g = Geometry.of(x)
    far = cdist(x, x)
    core = np.sort(far, axis=1)[:, MU - 1]
    reach = np.maximum(far, np.maximum.outer(core, core))
    np.fill_diagonal(reach, 0)
    expected = squareform(cophenet(linkage(squareform(reach, checks=False), "single")))
    assert np.allclose(g.far, far, atol=1e-4) and np.allclose(g.core, core, atol=1e-5) and np.allclose(g.linked, expected, atol=1e-4)
    assert np.array_equal(np.sort(g.near, axis=1), np.sort(np.argsort(far, axis=1)[:, 1:11], axis=1))


def test_small_tables():
    for n in (3, 5, 12):
        g = Geometry.of(np.random.default_rng(n).normal(size=(n, 2)).astype(np.float32))
        assert g.near.shape == (n, min(10, n - 1)) and np.isfinite(g.linked).all()


def test_shared_values_are_spread_between_their_neighbours_and_others_stay():
    x = np.array([[0, 0.5], [0, 1.5], [1, 2.5], [1, 3.5], [3, 4.5]], np.float32)
    out = untied(x)
    assert np.array_equal(out[:, 1], x[:, 1]) and out[4, 0] == 3
    assert (np.abs(out[:2, 0]) <= 0.5).all() and (out[2:4, 0] >= 0.5).all() and (out[2:4, 0] <= 2).all() and out[0, 0] != out[1, 0]

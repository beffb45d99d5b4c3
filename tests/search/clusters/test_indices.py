"""Indices against a library's or by hand, and each kind of structure seen by the index that looks for it."""

import numpy as np
import pytest
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from automl.search.clusters import indices
from automl.search.clusters.geometry import Geometry


def ring_and_core(n=150):
    rng = np.random.default_rng(0)
    t = rng.uniform(0, 2 * np.pi, 2 * n)
    x = np.concatenate([rng.normal(0, 0.2, (n, 2)), np.stack([np.cos(t), np.sin(t)], axis=1) * 2 + rng.normal(0, 0.05, (2 * n, 2))]).astype(np.float32)
    return x, np.repeat([0, 1], [n, 2 * n]), (x[:, 0] > 0).astype(np.int64)


def blobs():
    rng = np.random.default_rng(1)
    truth = np.arange(200) % 4
    x = (np.array([[0, 0], [5, 0], [0, 5], [5, 5]])[truth] + rng.normal(0, 0.6, (200, 2))).astype(np.float32)
    return x, truth, rng.integers(0, 4, 200)


def test_common_indices_are_a_librarys():
    x, truth, other = blobs()
    g = Geometry.of(x)
    for labels in (truth, other):
        assert indices.silhouette(g, labels) == pytest.approx(silhouette_score(x, labels), abs=1e-4)
        assert indices.calinski_harabasz(g, labels) == pytest.approx(calinski_harabasz_score(x, labels), rel=1e-4)
        assert indices.davies_bouldin(g, labels) == pytest.approx(davies_bouldin_score(x, labels), rel=1e-4)


@pytest.mark.parametrize("name", sorted(indices.NAMED))
def test_every_named_index_prefers_groups_to_chance(name):
    x, truth, other = blobs()
    g, (index, greater) = Geometry.of(x), indices.NAMED[name]
    good, bad = index(g, truth), index(g, other)
    assert np.isfinite([good, bad]).all() and (good > bad) == greater


def test_density_indices_see_a_ring_where_the_silhouette_does_not():
    x, truth, halves = ring_and_core()
    g = Geometry.of(x)
    assert indices.silhouette(g, truth) < indices.silhouette(g, halves)
    assert indices.disco(g, truth) > 0.5 > indices.disco(g, halves)
    assert indices.dbcv(g, truth) > 0.5 > 0 > indices.dbcv(g, halves)


def test_noise_costs_where_it_is_none_and_pays_where_it_is():
    x, truth, _ = blobs()
    called = truth.copy()
    called[::5] = -1
    g = Geometry.of(x)
    assert indices.disco(g, called) < indices.disco(g, truth) and indices.silhouette(g, called) < indices.silhouette(g, truth)
    far = np.concatenate([x, np.random.default_rng(2).uniform(-30, 30, (12, 2)).astype(np.float32)])
    g = Geometry.of(far)
    assert indices.disco(g, np.append(truth, np.full(12, -1))) > indices.disco(g, np.append(truth, np.zeros(12, np.int64)))


def test_a_code_length_by_hand_and_one_cloud_is_not_cut():
    x = np.random.default_rng(3).normal(size=(400, 2)).astype(np.float32)
    g = Geometry.of(x)
    whole, halves = np.zeros(400, np.int64), (x[:, 0] > 0).astype(np.int64)
    assert indices.code_length(g, whole) > indices.code_length(g, halves)
    assert indices.code_length(g, whole) == pytest.approx(-(1 + np.log(2 * np.pi)), abs=0.15)
    two = np.concatenate([x[:200], x[200:] + 6]).astype(np.float32)
    apart = np.repeat([0, 1], 200)
    assert indices.code_length(Geometry.of(two), apart) > indices.code_length(Geometry.of(two), np.zeros(400, np.int64))


def test_a_cut_through_a_cloud_has_no_valley():
    x, truth, _ = blobs()
    cut = truth.copy()
    cut[(truth == 0) & (x[:, 0] > 0)] = 4
    found = indices.valleys(Geometry.of(x), cut)
    assert found[[0, 4]].min() > 0.6 and found[[1, 2, 3]].max() < 0.3

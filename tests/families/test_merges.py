"""Spanning trees against a library's, Genie's merges against its algorithm word for word, and cuts of a tree."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from automl.families.merges import core_distances, cut, fair_merges, remembered, spanning_tree


def points(n=80, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)


@pytest.mark.parametrize("neighbours", [1, 5])
def test_the_tree_is_as_long_as_a_librarys(neighbours):
    x = points()
    edges, lengths = spanning_tree(x, neighbours)
    far = cdist(x, x)
    core = np.sort(far, axis=1)[:, neighbours - 1]
    far = np.maximum(far, np.maximum.outer(core, core)) if neighbours > 1 else far
    assert np.allclose(core_distances(x, neighbours), core, atol=1e-6)
    assert lengths.sum() == pytest.approx(minimum_spanning_tree(far).sum(), rel=1e-6)
    assert np.allclose(far[edges[:, 0], edges[:, 1]], lengths, atol=1e-5) and (np.diff(lengths) >= 0).all()
    assert len(np.unique(edges)) == len(x)


def naive_genie(edges, lengths, clusters, most):
    """Genie as its paper says it, with sets: labels at a number of clusters."""
    n = len(edges) + 1
    parts = {i: {i} for i in range(n)}
    home = list(range(n))
    left = list(range(len(edges)))
    while len(parts) > clusters:
        sizes = np.array([len(p) for p in parts.values()])
        k = len(sizes)
        gini = np.abs(np.subtract.outer(sizes, sizes)).sum() / 2 / ((k - 1) * sizes.sum())
        smallest = sizes.min()
        for e in left:
            a, b = (home[i] for i in edges[e])
            if gini <= most or smallest in (len(parts[a]), len(parts[b])):
                break
        left.remove(e)
        for i in parts[b]:
            home[i] = a
        parts[a] |= parts.pop(b)
    return np.array(home)


@pytest.mark.parametrize("most", [0.1, 0.3, 0.7])
@pytest.mark.parametrize("clusters", [2, 5, 20])
def test_genie_is_what_its_paper_says(most, clusters):
    edges, lengths = spanning_tree(points(60, seed=3))
    ours, naive = cut(fair_merges(edges, lengths, most), clusters), naive_genie(edges.tolist(), lengths, clusters, most)
    assert len(np.unique(ours)) == clusters
    assert len(set(zip(ours.tolist(), naive.tolist(), strict=True))) == clusters


def test_without_a_limit_genie_is_single_linkage():
    x = points(50, seed=4)
    merges = fair_merges(*spanning_tree(x), 1.0)
    single = linkage(x.astype(np.float64), "single")
    assert np.allclose(merges[:, 2], single[:, 2], atol=1e-6)
    for clusters in (1, 3, 10, 50):
        ours, theirs = cut(merges, clusters), fcluster(single, clusters, "maxclust")
        assert len(set(zip(ours.tolist(), theirs.tolist(), strict=True))) == clusters


def test_a_tree_is_made_once_for_the_same_rows():
    made = []
    x = points()
    for rows in (x, x.copy(), x + 1):
        remembered(rows, "a", lambda: made.append(1) or len(made))
    assert len(made) == 2

"""Scores of candidates, copies that are one, and guards against tiny clusters and much noise."""

import numpy as np

from automl.search.clusters.evidence import Candidate, candidates_of, features, gini, scores_of, sound
from automl.search.clusters.geometry import Geometry
from automl.search.clusters.ladder import Step


def some():
    rng = np.random.default_rng(0)
    truth = np.arange(120) % 3
    x = (np.array([[0, 0], [6, 0], [0, 6]])[truth] + rng.normal(0, 0.5, (120, 2))).astype(np.float32)
    return Geometry.of(x), truth, rng


def test_equal_partitions_are_one_and_remember_who_else_found_them():
    g, truth, rng = some()
    other = rng.integers(0, 3, 120)
    steps = [Step("kmeans", {"clusters": 3}), Step("agglomerative", {"clusters": 3, "linkage": "ward"}), Step("genie", {"clusters": 3})]
    found = candidates_of([(steps[0], truth, scores_of(g, truth), 0.1), (steps[1], truth.copy(), {}, 0.1), (steps[2], other, scores_of(g, other), 0.1)])
    assert len(found) == 2 and found[0].twins == (steps[1],) and found[1].twins == ()
    known = features(found, -3.0, 2)
    at = known.names.index
    assert known.values.shape == (2, len(known.names)) and np.isfinite(known.values).all()
    assert known.values[0, at("twins")] == 2 and known.values[0, at("support")] > known.values[1, at("support")]
    assert known.values[0, at("silhouette_to_best")] == 0 > known.values[1, at("silhouette_to_best")]


def test_tiny_clusters_and_much_noise_are_not_sound():
    g, truth, _ = some()
    tiny, noisy = truth.copy(), truth.copy()
    tiny[0], noisy[:50] = 3, -1
    made = [Candidate(Step("dbscan", {}), labels, scores_of(g, labels)) for labels in (truth, tiny, noisy)]
    assert [sound(c) for c in made] == [True, False, False]
    assert len(features(made, -3.0, 2).candidates) == 1 and len(features(made[1:], -3.0, 2).candidates) == 2


def test_inequality():
    assert gini(np.array([5, 5, 5])) == 0 and gini(np.array([1, 99])) > 0.9 and gini(np.array([7])) == 0

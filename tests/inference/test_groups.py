"""From strengths to clusters."""

import numpy as np

from automl.inference.groups import clusters_of


def test_the_strongest_names_the_cluster_and_zeros_are_noise():
    label, strength = clusters_of(np.array([[0.2, 0.7], [0.0, 0.0], [0.9, 0.1]], np.float32))
    assert label.tolist() == [1, -1, 0] and strength.tolist() == [np.float32(0.7), 0.0, np.float32(0.9)]


def test_strengths_stay_within_their_range():
    assert clusters_of(np.array([[1.2]], np.float32))[1].tolist() == [1.0]


def test_without_clusters_all_is_noise():
    label, strength = clusters_of(np.zeros((3, 0), np.float32))
    assert label.tolist() == [-1] * 3 and not strength.any()


def test_no_rows():
    assert [len(part) for part in clusters_of(np.zeros((0, 2), np.float32))] == [0, 0]

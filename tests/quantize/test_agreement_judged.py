"""Rungs of models without labels: the loss is how far answers differ from float32, with its interval."""

import numpy as np
import pytest

from automl.finalize.candidate import Candidate
from automl.inference.forms import Form
from automl.quantize.agreement import cluster_losses, coordinate_losses, judge_agreement
from automl.quantize.ladder import passes

X = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)


def candidate(precision, weights):
    form = Form("projection", {}, {"weights": weights.astype(np.float32), "bias": np.zeros(weights.shape[1], np.float32)})
    return Candidate("pca", precision, "", Form("features", {"steps": [], "sparse": False}), form, (), None)


def test_rows_in_another_cluster_are_lost():
    first = np.array([[0.9, 0.1], [0.2, 0.8], [0.0, 0.0]], np.float32)
    other = np.array([[0.6, 0.4], [0.6, 0.4], [0.1, 0.0]], np.float32)
    assert cluster_losses(first, other).tolist() == [0, 1, 1]


def test_coordinates_lose_a_share_of_their_variance():
    z = X[:, :2]
    assert coordinate_losses(z, z).sum() == 0
    assert coordinate_losses(z, np.tile(z.mean(axis=0), (len(z), 1))).mean() == pytest.approx(1, abs=1e-4)
    assert np.isfinite(coordinate_losses(np.ones((4, 2), np.float32), np.zeros((4, 2), np.float32))).all()


def test_a_rung_is_judged_by_the_upper_end():
    exact, near, far = (np.eye(3, 2) * scale for scale in (1.0, 1.001, 1.2))
    rungs = judge_agreement([candidate("float32", exact), candidate("float16", near), candidate("int8", far)], X, coordinate_losses, 0)
    assert rungs[0].drop == rungs[0].drop_upper == 0
    assert rungs[1].drop == pytest.approx(1e-6, rel=0.1) and rungs[1].drop_upper > rungs[1].drop
    assert passes(rungs[1], 0.001) and not passes(rungs[2], 0.001) and rungs[2].drop == pytest.approx(0.04, rel=0.05)


def test_no_row_lost_has_no_doubt():
    same = np.eye(3, 2)
    assert judge_agreement([candidate("float32", same), candidate("float16", same)], X, coordinate_losses, 0)[1].drop_upper == 0

"""Groups are found, told apart from none, counted as asked, and every row gets its label in order."""

import json
import time

import numpy as np
import pytest

from automl.families.check import SpaceError
from automl.families.cluster_forms import labels_of
from automl.inference.forms import Model
from automl.search.clusters.agreement import adjusted_rand
from automl.search.clusters.find import NoClustersError, Options, find
from automl.search.fits import Inline

QUICK = ("kmeans", "hdbscan", "genie")


def search(x, seconds=60.0, include=QUICK, **options):
    seen = []
    found = find(Inline("clustering"), x, Options(include=include, **options), deadline=time.monotonic() + seconds, on_trial=seen.append)
    assert seen == found.trials
    json.dumps({"trials": found.trials, "evidence": found.evidence, "params": found.params}, allow_nan=False)
    assert found.labels.shape == found.strength.shape == (len(x),) and found.strength.min() >= 0 and found.strength.max() <= 1
    assert np.array_equal(labels_of(Model(found.form).predict(x)), found.labels)
    return found


def blobs(n=200, d=2, k=4, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.arange(n) % k)
    x = 8 * rng.normal(size=(k, d))[truth] + rng.normal(0, 0.5, (n, d))
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32), truth


def rings(n=300):
    rng = np.random.default_rng(0)
    t, truth = rng.uniform(0, 2 * np.pi, n), np.arange(n) % 2
    x = np.stack([np.cos(t), np.sin(t)], axis=1) * (0.4 + 0.6 * truth)[:, None] + rng.normal(0, 0.03, (n, 2))
    return (x / x.std(axis=0)).astype(np.float32), truth


def test_blobs_and_rings_are_found_and_structure_is_said():
    for x, truth in (blobs(), rings()):
        found = search(x)
        assert adjusted_rand(found.labels, truth) > 0.97 and found.evidence["structure"] is True
        assert found.metric == "expected_agreement" and found.score <= 1.0001 and found.baseline_score is not None


def test_even_rows_have_no_structure():
    x = np.random.default_rng(0).uniform(-1.7, 1.7, (300, 2)).astype(np.float32)
    found = search(x)
    assert found.evidence["structure"] is False and found.labels.min() >= -1


def test_counts_are_kept():
    x, _ = blobs()
    assert search(x, n_clusters=3).labels.max() == 2
    assert search(x, n_clusters=(5, 7)).labels.max() in (4, 5, 6)
    assert search(x, n_clusters=1).labels.max() == 0


def test_noise_can_be_forbidden():
    x, truth = rings()
    x = np.concatenate([x, np.random.default_rng(1).uniform(-3, 3, (20, 2)).astype(np.float32)])
    assert (search(x, include=("hdbscan",)).labels == -1).any()
    found = search(x, include=("hdbscan",), noise=False)
    assert found.labels.min() == 0 and adjusted_rand(found.labels[:300], truth) > 0.9
    assert labels_of(Model(found.form).predict(np.full((1, 2), 50, np.float32)))[0] >= 0


def test_a_named_metric_decides():
    x, _ = blobs()
    found = search(x, metric="silhouette", include=("kmeans",))
    best = max(t["scores"]["silhouette"] for t in found.trials if t["scores"])
    assert found.metric == "silhouette" and found.score == pytest.approx(best, abs=1e-5) and found.greater_is_better
    assert not search(x, metric="davies_bouldin", include=("kmeans",)).greater_is_better


def test_wide_tables_are_searched_among_principal_components_too():
    x, truth = blobs(d=12)
    found = search(x, include=("hdbscan",))
    assert adjusted_rand(found.labels, truth) > 0.9 and found.evidence["data"] == "p" and found.form.arrays["project.axes"].shape[0] == 12


def test_many_rows_are_sampled_and_all_are_labelled():
    x, truth = blobs(2600)
    found = search(x, include=("kmeans",))
    assert adjusted_rand(found.labels, truth) > 0.97 and found.evidence["rows_looked_at"] == 2000


def test_dull_tables_and_copies():
    for x in (np.zeros((1, 2)), np.ones((40, 3)), np.repeat(np.eye(2), 20, axis=0)):
        found = search(x.astype(np.float32))
        assert found.labels.max() == 0 and not found.evidence["structure"] and found.evidence["why"]
    x, _ = blobs(60)
    found = search(np.concatenate([x, x]), include=("kmeans",))
    assert np.array_equal(found.labels[:60], found.labels[60:])
    assert search(np.arange(8, dtype=np.float32).reshape(4, 2), n_clusters=9).labels.max() < 4


def test_it_ends_in_time_and_when_told():
    x, _ = blobs(1500, d=4)
    began = time.monotonic()
    search(x, seconds=3.0, include="all")
    assert time.monotonic() - began < 30  # a busy machine; the search itself keeps three seconds but for its last fit
    stopped = find(Inline("clustering"), x, Options(), deadline=time.monotonic() + 60, should_stop=iter([False] * 6 + [True] * 10_000).__next__)
    assert len(stopped.trials) < 20


def test_no_more_candidates_are_fitted_than_asked_for_and_the_best_are_still_fitted_again():
    x, _ = blobs()
    found = search(x, include=("kmeans", "hdbscan"), most=7)
    assert len(found.trials) == 7 and found.evidence["stability"] is not None
    assert len(search(x, include=("dbscan",), most=7).trials) == 7  # five given, two drawn


def test_faults_are_told():
    x, _ = blobs()
    with pytest.raises(SpaceError):
        search(x, include=("kmean",))
    with pytest.raises(NoClustersError):
        find(Inline("clustering"), x, Options(), deadline=time.monotonic() - 1)


def test_a_few_wild_values_do_not_take_groups_together():
    x, truth = blobs()
    x[[5, 60], 1] = 200, 300
    x = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
    found = search(x)
    way = found.evidence["scalings"][0]
    assert adjusted_rand(found.labels, truth) > 0.95 and way["name"] == "variance" and way["held"] == [1]


def test_groups_that_show_in_a_logarithm_are_found_there():
    x, truth = rings()
    x[:, 0] = np.exp(1.2 * x[:, 0])
    x = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
    found = search(x)
    chosen = {way["name"]: way["chosen"] for way in found.evidence["scalings"]}
    assert chosen == {"variance": False, "log": True} and adjusted_rand(found.labels, truth) > 0.95 and found.evidence["structure"] is True
    assert {t["data"] for t in found.trials} == {"x", "log.x"} and found.evidence["data"] == "log.x"


def test_a_named_metric_is_compared_within_one_scaling():
    x, _ = rings()
    x[:, 0] = np.exp(1.2 * x[:, 0])
    found = search(x, metric="silhouette", include=("kmeans",))
    assert [way["name"] for way in found.evidence["scalings"]] == ["variance"] and {t["data"] for t in found.trials} == {"x"}


def test_few_trials_are_shared_between_scalings():
    x = np.random.default_rng(3).normal(size=(400, 2))
    x[:, 0] = np.exp(1.2 * x[:, 0])
    x = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
    found = search(x, most=40)
    assert [way["odds"] is not None for way in found.evidence["scalings"]] == [True, True] and found.evidence["structure"] is False
    assert len(found.trials) == 40 and sum(t["note"] != "" for t in found.trials) == 20


def test_a_scaling_that_there_is_no_time_for_is_named():
    x, _ = rings()
    x[:, 0] = np.exp(1.2 * x[:, 0])
    found = find(Inline("clustering"), x, Options(include=("kmeans",)), deadline=time.monotonic() + 60, should_stop=Stopping(5))
    plain, log = found.evidence["scalings"]
    assert plain["chosen"] and log["odds"] is None and log["structure"] is None and log["logged"] == [0]


class Stopping:
    """Says that the user wants to stop, after some questions."""

    def __init__(self, after):
        self.left = after

    def __call__(self):
        self.left -= 1
        return self.left < 0


def test_what_the_user_scaled_is_left_alone():
    x, _ = rings()
    x[:, 0] = np.exp(1.2 * x[:, 0])
    (way,) = search(x, scaled=True).evidence["scalings"]
    assert way["name"] == "variance" and way["logged"] == way["held"] == []


def test_one_cloud_with_a_long_tail_has_no_groups():
    x = np.random.default_rng(3).normal(size=(400, 2))
    x[:, 0] = np.exp(1.2 * x[:, 0])
    x = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
    assert search(x).evidence["structure"] is False

"""Many k-means at once: from the same centres they come to what scikit-learn's come to one by one."""

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.families.base import Context, FitData, Progress
from automl.families.clusterers import kmeans
from automl.families.lloyd import best_of_many, pays, seeded, settle


def rows(n=600, d=5, k=6, seed=0):
    rng = np.random.default_rng(seed)
    return (3 * rng.normal(size=(k, d))[np.arange(n) % k] + rng.normal(size=(n, d)) + 20).astype(np.float32)


def device():
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def test_the_same_centres_come_to_rest_where_scikit_learn_s_do():
    from sklearn.cluster import KMeans

    x, starts = rows(), []
    for k in (2, 3, 6, 11):
        starts += [x[np.random.default_rng(seed).choice(len(x), k, replace=False)] for seed in range(3)]
    for start, found in zip(starts, settle(x, starts, device()), strict=True):
        theirs = KMeans(len(start), init=start, n_init=1, algorithm="lloyd").fit(x)
        assert found.centres.shape == start.shape and found.inertia == pytest.approx(theirs.inertia_, rel=2e-3)
        own = ((x[:, None] - found.centres) ** 2).sum(axis=2).min(axis=1).sum()
        assert found.inertia == pytest.approx(own, rel=1e-4)


def test_starts_do_not_touch_one_another():
    x = rows()
    starts = [x[:4], x[10:17], x[30:32]]
    together = settle(x, starts)
    for start, found in zip(starts, together, strict=True):
        (alone,) = settle(x, [start])
        assert np.allclose(alone.centres, found.centres, atol=1e-3) and alone.inertia == pytest.approx(found.inertia, rel=1e-4)


def test_a_cluster_without_rows_gets_some():
    x = rows()
    start = np.concatenate([x[:3], np.full((1, 5), 1e4, np.float32)])
    (found,) = settle(x, [start])
    nearest = ((x[:, None] - found.centres) ** 2).sum(axis=2).argmin(axis=1)
    assert len(np.unique(nearest)) == 4


def test_the_best_start_of_each_number_is_about_as_good_as_scikit_learn_s():
    from sklearn.cluster import KMeans

    x = rows()
    found = best_of_many(x, [2, 4, 6], 8, 0, device())
    for k, best in found.items():
        assert best.inertia < 1.02 * KMeans(k, n_init=8, random_state=0).fit(x).inertia_ and best.centres.shape == (k, 5)
    assert found[2].inertia > found[4].inertia > found[6].inertia


def test_seeds_are_rows_far_apart_and_follow_the_seed():
    x = rows()
    seeds = seeded(x, 6, 3)
    assert all((x == s).all(axis=1).any() for s in seeds) and np.array_equal(seeds, seeded(x, 6, 3))
    assert len(np.unique([np.abs(x[:6] - s).sum(axis=1).argmin() for s in seeds])) >= 4
    assert len(seeded(np.ones((5, 2), np.float32), 3, 0)) == 3  # rows that are all alike


def test_it_pays_on_a_device_and_for_much_work_alone():
    assert not pays(10**6, 100, range(2, 21), "cpu") and not pays(2000, 20, range(2, 21), "cuda") and pays(20_000, 40, range(2, 21), "cuda")


@pytest.mark.parametrize("n", [600, 6000])
def test_the_family_takes_it_once_for_all_numbers_where_it_pays(n, monkeypatch):
    x, asked = rows(n), []

    def many(x, counts, *more):
        asked.append(list(counts))
        return best_of_many(x, counts, 1, 0, "cpu")

    monkeypatch.setattr(kmeans, "pays", lambda rows, columns, counts, device: device == "cuda")
    monkeypatch.setattr(kmeans, "best_of_many", many)
    family = FAMILIES.get("clustering", "kmeans")
    for k in (6, 3):
        context = Context("clustering", n, 5, 1, "cuda", seed=n)
        estimator = family.fit(family.build({"clusters": k}, context), FitData(x, np.zeros(n, np.int64)), Progress(float("inf")))
        assert len(np.unique(family.fitted(estimator))) == k and estimator.device == "cuda"
    assert asked == ([list(range(2, 21))] if n == 600 else [[6], [3]])  # a whole table is fitted once


@pytest.mark.parametrize("fault", [RuntimeError("CUDA error: out of memory"), AssertionError("Torch not compiled with CUDA enabled")])
def test_where_the_device_fails_the_processor_does_it(fault, monkeypatch):
    def broken(*given):
        raise fault

    monkeypatch.setattr(kmeans, "pays", lambda *given: True)
    monkeypatch.setattr(kmeans, "best_of_many", broken)
    x, family = rows(99), FAMILIES.get("clustering", "kmeans")
    estimator = family.fit(family.build({"clusters": 3}, Context("clustering", 99, 5, 1, "cuda")), FitData(x, np.zeros(99, np.int64)), Progress(float("inf")))
    assert estimator.device == "cpu" and len(np.unique(family.fitted(estimator))) == 3

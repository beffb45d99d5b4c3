import time

import numpy as np
import pytest

from automl.families.base import Progress
from automl.families.layout import _far, _near, affinities, distances, lay_out


def _groups(n=150, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return (rng.normal(size=(n, 6)) + 8 * np.eye(6)[y]).astype(np.float32), y


def test_distances_are_euclidean():
    x, _ = _groups(20)
    assert distances(x, x[:5]) == pytest.approx(np.linalg.norm(x[:, None] - x[None, :5], axis=2), abs=1e-2)


def test_neighbourhoods_have_the_perplexity_and_sum_to_one():
    x, _ = _groups()
    found = affinities(distances(x, x), 10.0)
    assert found.sum() == pytest.approx(1.0, abs=1e-5)
    assert abs(found - found.T).max() < 1e-8
    assert found.diagonal().max() == 0


def _loss(shared, y, tails):
    base = 1 / (1 + np.square(y[:, None] - y[None]).sum(axis=2) / tails)
    q = base ** ((tails + 1) / 2)
    np.fill_diagonal(q, 0.0)
    p = shared.toarray().astype(np.float64)
    on = p > 0
    return float((p[on] * np.log(p[on] / (q / q.sum())[on])).sum())


@pytest.mark.parametrize("tails", [1.0, 4.0])
def test_the_near_gradient_is_that_of_the_divergence(tails):
    x, _ = _groups(25)
    shared = affinities(distances(x, x), 5.0)
    y = np.random.default_rng(1).normal(size=(25, 2))
    slope = _near(shared, y.astype(np.float32), 1.0, tails)
    for i, j in ((0, 0), (7, 1), (24, 0)):
        up, down = y.copy(), y.copy()
        up[i, j] += 1e-4
        down[i, j] -= 1e-4
        assert slope[i, j] == pytest.approx((_loss(shared, up, tails) - _loss(shared, down, tails)) / 2e-4, abs=2e-4)


def test_the_far_gradient_is_that_of_the_correlation():
    rng = np.random.default_rng(0)
    y, marks = rng.normal(size=(20, 2)), np.array([2, 5, 11])
    rank = rng.normal(size=(20, 3))
    rank -= rank.mean()
    rank /= np.linalg.norm(rank)

    def r(y):
        own = np.linalg.norm(y[:, None] - y[None, marks], axis=2)
        middle = own - own.mean()
        return float((middle / np.linalg.norm(middle) * rank).sum())

    slope = _far(rank.astype(np.float32), y.astype(np.float32), marks)
    for i, j in ((0, 0), (5, 1), (19, 0)):
        up, down = y.copy(), y.copy()
        up[i, j] += 1e-5
        down[i, j] -= 1e-5
        assert slope[i, j] == pytest.approx((r(up) - r(down)) / 2e-5, abs=1e-3)


def test_a_say_for_far_distances_raises_their_correlation():
    rng = np.random.default_rng(0)
    y = np.arange(150) % 5
    x = (rng.normal(size=(150, 6)) + np.array([0, 10, 20, 30, 40])[y][:, None] * np.eye(6)[0]).astype(np.float32)
    away = distances(x, x)
    start = rng.normal(size=(150, 2))

    def agreement(far):
        z = lay_out(away, start, perplexity=10, exaggeration=12, far=far, steps=250, seed=0, progress=Progress())
        return np.corrcoef(away.ravel(), distances(z, z).ravel())[0, 1]

    assert agreement(4.0) > agreement(0.0) + 0.05


def test_it_ends_when_time_is_over():
    x, _ = _groups()
    z = lay_out(distances(x, x), x[:, :2], perplexity=10, exaggeration=12, far=1.0, steps=10**6, seed=0, progress=Progress(time.monotonic()))
    assert np.isfinite(z).all()

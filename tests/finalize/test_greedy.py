"""Greedy weights: against trying every multiset, and what they must never do."""

from itertools import combinations_with_replacement

import numpy as np

from automl.finalize.greedy import greedy


def answers(n_models=5, n_rows=200, n_classes=3, seed=0):
    """Return answers that each know something of their own about the rows, and the codes."""
    rng = np.random.default_rng(seed)
    y = rng.integers(n_classes, size=n_rows)
    margin = np.eye(n_classes)[y] * rng.uniform(0.3, 1.5, size=(n_models, 1, 1)) + rng.normal(size=(n_models, n_rows, n_classes))
    p = np.exp(margin)
    return (p / p.sum(axis=2, keepdims=True)).astype(np.float32), y


def loss(p, y):
    return float(-np.log(np.clip(p[np.arange(len(y)), y], 1e-7, 1)).mean())


def mixed(weights, given):
    return np.tensordot(weights, given, axes=1)


def test_weights_sum_to_one_and_beat_every_model_alone():
    for seed in range(5):
        given, y = answers(seed=seed)
        weights = greedy(given, y)
        assert np.isclose(weights.sum(), 1) and (weights >= 0).all()
        assert loss(mixed(weights, given), y) < min(loss(p, y) for p in given)


def test_few_rounds_come_close_to_the_best_of_all_multisets():
    given, y = answers(4, 120)
    best = min(loss(given[list(chosen)].mean(axis=0), y) for size in range(1, 6) for chosen in combinations_with_replacement(range(4), size))
    assert loss(mixed(greedy(given, y, rounds=5), given), y) <= best + 0.01


def test_no_more_models_than_asked_for():
    given, y = answers(8)
    assert [int((greedy(given, y, most=most) > 0).sum()) for most in (1, 2, 3)] == [1, 2, 3]
    assert (greedy(given, y, most=1) > 0).argmax() == min(range(8), key=lambda i: loss(given[i], y))


def test_a_model_that_knows_nothing_is_left_out_and_twins_change_nothing():
    given, y = answers(3)
    noise = np.random.default_rng(9).dirichlet([1, 1, 1], size=len(y)).astype(np.float32)
    assert greedy(np.concatenate([given, noise[None]]), y)[3] == 0
    twice = np.concatenate([given, given])
    assert np.isclose(loss(mixed(greedy(twice, y), twice), y), loss(mixed(greedy(given, y), given), y), atol=1e-3)


def test_answers_without_scale_and_rows_without_a_chance_do_no_harm():
    given, y = answers(3)
    assert np.allclose(greedy(given * 7, y), greedy(given, y))
    sure = given.copy()
    sure[0, 0] = 0.0
    assert np.isfinite(greedy(sure, y)).all()

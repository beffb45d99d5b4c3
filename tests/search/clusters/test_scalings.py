"""Scalings follow what a column is like, and leave alone what needs nothing."""

import numpy as np
import pytest

from automl.search.clusters.scalings import scalings

N = 1000


def rng():
    return np.random.default_rng(0)


def standard(*columns):
    x = np.stack(columns, axis=1)
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)


def test_columns_without_wild_values_or_tails_stay_as_they_are():
    x = standard(rng().normal(size=N), rng().uniform(size=N), np.where(rng().random(N) < 0.3, 5.0, 0.0) + rng().normal(size=N))
    assert scalings(x) == {"variance": None}


def test_a_wild_value_is_held_in_and_the_others_get_their_spread_back():
    wild = rng().normal(size=N)
    wild[[3, 700]] = 300, -500
    x = standard(wild, rng().normal(size=N))
    (scaling,) = scalings(x).values()
    assert x[:, 0].std() == pytest.approx(1) and np.delete(x[:, 0], [3, 700]).std() < 0.1
    found = scaling(x)
    assert np.delete(found[:, 0], [3, 700]).std() == pytest.approx(1, abs=0.05) and np.abs(found).max() < 5
    assert np.array_equal(found[:, 1], x[:, 1]) and scaling.told() == {"logged": [], "held": [0]}


@pytest.mark.parametrize("sign", [1, -1])
def test_a_long_tail_is_straightened(sign):
    x = standard(sign * np.exp(1.5 * rng().normal(size=N)), rng().normal(size=N))
    found = scalings(x)
    assert list(found) == ["variance", "log"] and found["log"].told() == {"logged": [0], "held": []}
    bent = found["log"](x)[:, 0]
    low, middle, high = np.quantile(bent, (0.02, 0.5, 0.98))
    assert (high - middle) / (middle - low) == pytest.approx(1, abs=0.02) and bent.std() == pytest.approx(1, abs=0.02)
    assert np.array_equal(np.argsort(bent), np.argsort(x[:, 0]))


def test_a_few_values_are_no_tail_and_nothing_wild():
    x = standard((rng().random(N) < 0.005) * 1.0, rng().poisson(0.05, N) * 1.0, np.zeros(N) + (rng().random(N) < 0.5))
    assert scalings(x) == {"variance": None}


def test_a_constant_column_and_one_that_mostly_says_one_thing_are_left():
    with_zeros = np.where(rng().random(N) < 0.99, 0.0, rng().normal(size=N))
    x = np.stack([np.zeros(N), with_zeros], axis=1).astype(np.float32)
    assert scalings(x) == {"variance": None}


def test_only_numbers_are_changed_and_what_is_mostly_nothing_is_not():
    words = np.where(rng().random(N) < 0.03, rng().uniform(0.3, 1, N), 0.0)
    wild = rng().normal(size=N)
    wild[3] = 400
    x = np.stack([words, wild / wild.std()], axis=1).astype(np.float32)
    assert scalings(x)["variance"].told() == {"logged": [], "held": [1]}
    lengths = (0.1 * x[:, 1:]).astype(np.float32)
    assert scalings(np.hstack([x, lengths]), numbers=[0]) == {"variance": None}
    assert scalings(np.hstack([x, lengths]), numbers=[1])["variance"].told()["held"] == [1]


def test_a_tail_that_begins_at_next_to_nothing_is_left():
    x = np.concatenate([np.linspace(0, 1e-18, 600), np.linspace(1e-3, 1.0, 400)])[:, None].astype(np.float32)
    assert all(np.isfinite(scaling(x)).all() for scaling in scalings(x).values() if scaling is not None)

"""Units: joined from every tie, dealt out whole and stratified, drawn whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.units import Draws, Units, dense, drawn, held_out, join, mean_of, parts

LABELS = st.lists(st.integers(-1, 6), min_size=1, max_size=40)


def _components(ties):
    """Return the component of each row by walking: the slow and obvious way."""
    n = len(ties[0])
    unit = list(range(n))
    changed = True
    while changed:
        changed = False
        for labels in ties:
            for i in range(n):
                for j in range(n):
                    if labels[i] == labels[j] >= 0 and unit[i] != unit[j]:
                        unit[i] = unit[j] = min(unit[i], unit[j])
                        changed = True
    return unit


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_joined_units_are_the_connected_components(data):
    n = data.draw(st.integers(1, 14))
    ties = [np.array(data.draw(st.lists(st.integers(-1, 9), min_size=n, max_size=n))) for _ in range(data.draw(st.integers(1, 3)))]
    found, expected = join(ties), _components(ties)
    if found is None:
        assert len(set(expected)) == n
    else:
        assert sorted(set(found.tolist())) == list(range(int(found.max()) + 1))
        assert [[a == b for b in found] for a in found] == [[a == b for b in expected] for a in expected]


def test_nothing_ties_nothing():
    assert join([]) is None and join([np.array([-1, -1, -1])]) is None and join([np.array([5, 2, 9])]) is None


@given(LABELS)
def test_dense_labels_have_no_gaps_and_keep_their_order(labels):
    labels = np.array(labels) + 1
    found = dense(labels)
    assert found.tolist() == np.unique(labels, return_inverse=True)[1].tolist()
    assert dense(labels * 10**15).tolist() == found.tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(2, 80), st.integers(1, 30), st.integers(1, 4))
def test_a_unit_has_its_size_its_most_frequent_class_and_its_classes_are_counted(seed, n, most, k):
    rng = np.random.default_rng(seed)
    y, labels = rng.integers(0, k, n), rng.integers(0, most, n) * 7
    units = Units.make(y, labels)
    for unit in range(len(units)):
        rows = units.of == unit
        assert units.size[unit] == rows.sum() and len(set(labels[rows])) == 1
        counts = np.bincount(y[rows])
        assert counts[units.label[unit]] == counts.max()
    for code, found in enumerate(units.of_class()):
        assert found == len(set(labels[y == code]))


def _some(rng, n, n_groups, k=2):
    y = rng.choice(k, n, p=rng.dirichlet(np.ones(k) * 4))
    return Units.make(y, rng.choice(n_groups, n, p=rng.dirichlet(np.ones(n_groups))))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(20, 300), st.integers(2, 60), st.integers(2, 8))
def test_no_part_is_empty_while_there_are_as_many_units(seed, n, n_groups, k):
    rng = np.random.default_rng(seed)
    units = _some(rng, n, n_groups)
    part = parts(units, k, rng)
    assert len(part) == len(units) and part.min() >= 0 and part.max() < k
    assert len(set(part.tolist())) == min(k, len(units))


def test_parts_of_groups_have_near_equal_sizes_and_shares_of_a_class():
    """60 groups of 5 to 25 rows, each with its own share of the class; dealt at random the deviations are 3 to 4 times these."""
    sizes, shares = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(60), rng.integers(5, 26, 60))
        y = (rng.random(len(group)) < rng.beta(1, 4, 60)[group]).astype(np.int64)
        units = Units.make(y, group)
        part = parts(units, 5, rng)[units.of]
        sizes.append(np.bincount(part).std() / np.bincount(part).mean())
        shares.append(np.bincount(part, weights=y).std() / np.bincount(part, weights=y).mean())
    assert np.mean(sizes) < 0.06 and np.mean(shares) < 0.06


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(20, 300), st.integers(2, 60), st.floats(0.05, 0.5))
def test_what_is_held_out_is_never_all_nor_nothing(seed, n, n_groups, share):
    rng = np.random.default_rng(seed)
    units = _some(rng, n, n_groups)
    held = held_out(units, share, rng)
    assert (0 < held.sum() < len(units)) if len(units) > 1 else not held.any()


def test_a_share_of_groups_is_held_out_as_nearly_as_groups_allow():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(50), 10)
        y = (rng.random(500) < 0.3).astype(np.int64)
        units = Units.make(y, group)
        held = held_out(units, 0.2, rng)[units.of]
        assert 80 <= held.sum() <= 120 and abs(y[held].mean() - y.mean()) < 0.06


@pytest.mark.parametrize("n_classes", [2, 3])
def test_classes_in_two_groups_are_on_both_sides(n_classes):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(20), 6)
        y = np.zeros(120, dtype=np.int64)
        for code in range(1, n_classes):
            y[group == code] = y[group == code + 10] = code
        units = Units.make(y, group)
        held = held_out(units, 0.2, rng)[units.of]
        assert set(y[held]) == set(y[~held]) == set(range(n_classes))


def test_large_units_beyond_the_limit_are_dealt_out_and_all_are_placed(monkeypatch):
    import automl.data.units as module

    monkeypatch.setattr(module, "MOST_WEIGHED", 5)
    rng = np.random.default_rng(0)
    units = _some(rng, 400, 60)
    assert set(parts(units, 4, rng).tolist()) == {0, 1, 2, 3} and 0 < held_out(units, 0.2, rng).sum() < len(units)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(2, 200), st.integers(1, 40))
def test_drawn_units_are_as_many_of_each_class_as_there_are(seed, n, n_groups):
    rng = np.random.default_rng(seed)
    units = _some(rng, n, n_groups, 3)
    times = drawn(units, rng)
    assert times.sum() == len(units)
    assert np.array_equal(np.bincount(np.repeat(units.label, times), minlength=3), np.bincount(units.label, minlength=3))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 100), st.integers(1, 20))
def test_a_draw_takes_whole_units(seed, n, n_groups):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, n_groups, n) * 3
    draws = Draws(n, labels)
    assert draws.n_units == len(set(labels))
    rows = draws.rows(rng)
    times = np.bincount(rows, minlength=n)
    for label in set(labels):
        assert len(set(times[labels == label])) == 1
    assert sum(times[np.flatnonzero(labels == label)[0]] for label in set(labels)) == draws.n_units


def test_rows_that_stand_alone_are_drawn_as_ever():
    expected = np.random.default_rng(3).integers(0, 50, 50)
    assert np.array_equal(Draws(50).rows(np.random.default_rng(3)), expected)
    assert np.array_equal(Draws(50, np.arange(50) * 2).rows(np.random.default_rng(3)), expected)


def test_something_is_held_out_where_each_class_is_in_a_group_of_its_own():
    group = np.repeat(np.arange(3), [10, 8, 12])
    held = held_out(Units.make(group, group), 0.2, np.random.default_rng(0))
    assert held.tolist() == [False, True, False]


def test_the_error_of_a_mean_counts_units_not_rows():
    values = np.random.default_rng(0).normal(size=200)
    mean, alone = mean_of(values, np.arange(200))
    assert np.isclose(mean, values.mean()) and np.isclose(alone, values.std() / np.sqrt(200))
    copied, four = mean_of(np.repeat(values, 4), np.repeat(np.arange(200), 4))
    assert np.isclose(copied, mean) and np.isclose(four, alone)

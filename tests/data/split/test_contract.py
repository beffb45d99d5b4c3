"""The contract holds for every strategy on every kind of table; and the check sees when it is broken."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.split import Split, check, make_split
from automl.errors import DataError
from tests.builders import dataset_of, spec_of

from .test_make import grouped, made, split_of, timed, with_test


@st.composite
def tables(draw):
    """Return a table with some of: rare classes, copies, groups (some rows without), ties in time (some missing), a test part."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    n, k = draw(st.integers(30, 250)), draw(st.integers(2, 4))
    rare = draw(st.integers(2, 12))
    y = rng.integers(0, k - 1, n)
    y[rng.choice(n, rare, replace=False)] = k - 1
    y[: 2 * k] = np.tile(np.arange(k), 2)
    a = rng.normal(size=n)
    copies = draw(st.sampled_from([0, 0, n // 10, n // 3]))
    if copies:
        a[rng.choice(n, copies, replace=False)] = a[rng.choice(n, copies)]
    dataset = dataset_of(y, a=a)
    if draw(st.booleans()):
        group = rng.integers(0, draw(st.integers(3, n)), n)
        dataset = replace(dataset, group=np.where(rng.random(n) < 0.1, -1, group))
    if draw(st.booleans()):
        time = rng.integers(0, draw(st.sampled_from([4, 20, 1000])), n).astype(float)
        dataset = replace(dataset, time=np.where(rng.random(n) < draw(st.sampled_from([0, 0.1])), np.nan, time))
    if draw(st.integers(0, 3)) == 0:
        dataset = replace(dataset, tested=rng.random(n) < 0.2)
    return dataset


STRATEGIES = ["auto", "holdout", "kfold", "group", "time", "repeated", "bootstrap", "leave_one_out"]


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=60, deadline=None)
@given(dataset=tables(), test=st.sampled_from([0.2, 0.2, 0.4, "none"]), seed=st.integers(0, 99))
def test_every_split_keeps_the_contract(strategy, dataset, test, seed):
    if (strategy == "time" and dataset.time is None) or (strategy == "group" and dataset.group is None):
        return  # reading the spec refuses it
    try:
        split = make_split(dataset, spec_of(seed=seed, validation={"strategy": strategy, "test": test}))
    except DataError as refused:
        assert any(word in refused.problem for word in ("of one", "is left on one side", "tied together", "no row is left", "one class alone"))
        return
    assert check(split, dataset) == []
    classes = [len(np.unique(dataset.y[learn])) for learn in (split.train, *(learn for learn, _ in split.folds))]
    assert min(classes) >= 2 and split.folds
    rows = np.sort(split.train)[:: max(1, len(split.train) // 7)]
    assert check(split.without(rows), dataset) == []


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=15, deadline=None)
@given(dataset=tables(), seed=st.integers(0, 99))
def test_the_same_seed_gives_the_same_split(strategy, dataset, seed):
    if (strategy == "time" and dataset.time is None) or (strategy == "group" and dataset.group is None):
        return
    spec = spec_of(seed=seed, validation={"strategy": strategy})
    try:
        first, second = make_split(dataset, spec).arrays(), make_split(dataset, spec).arrays()
    except DataError:
        return
    assert first.keys() == second.keys() and all(np.array_equal(first[k], second[k], equal_nan=True) for k in first)


def _broken(dataset, split, **changes):
    found = check(replace(split, **changes), dataset)
    return " ".join(found)


def test_the_check_sees_what_is_broken():
    dataset = grouped(0)
    split = split_of(dataset)
    (learn, valid), *rest = split.folds
    assert "on both sides of training and holdout" in _broken(dataset, split, holdout=np.append(split.holdout, split.train[0]))
    assert "a row is on both sides of fold 0" in _broken(dataset, split, folds=((np.append(learn, valid[0]), valid), *rest))
    moved = ((np.append(learn, valid[0]), valid[1:]), *rest)
    assert "a group is on both sides of fold 0" in _broken(dataset, split, folds=moved, units=None)
    assert "a unit is on both sides of fold 0" in _broken(replace(dataset, group=None), split, folds=moved)
    assert "not for training" in _broken(dataset, split, folds=((learn, np.append(valid, split.holdout[0])), *rest))
    assert "an empty side" in _broken(dataset, split, folds=((learn, valid[:0]), *rest))
    assert "scores a row twice" in _broken(dataset, split, folds=((learn, np.append(valid, valid[0])), *rest))
    assert "twice in training" in _broken(dataset, split, train=np.append(split.train, split.train[0]))


def test_the_check_sees_time_and_a_test_table():
    dataset = timed(0)
    split = split_of(dataset)
    assert "training and holdout is not forward" in _broken(dataset, split, train=split.holdout, holdout=split.train)
    tie = Split(np.arange(3), np.arange(3, 4), ((np.array([0, 1]), np.array([2])),), (), time=np.array([1.0, 2.0, 2.0, 3.0]))
    assert check(tie, dataset_of([0, 1, 0, 1], a=[1, 2, 3, 4])) == ["fold 0 is not forward in time"]
    given = with_test(made(0, 300, 2))
    assert "not the given test table" in _broken(given, split_of(given), holdout=np.arange(250, 299))

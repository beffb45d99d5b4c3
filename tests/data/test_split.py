"""The holdout and the folds: disjoint, whole, stratified, copies together, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import automl.data.split as module
from automl.data.split import make_split
from automl.data.structure import row_groups
from tests.builders import dataset_of, spec_of


def made(seed, n, k, copies=0):
    """Return a dataset of n rows, the last `copies` of which repeat the inputs of others."""
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(k), rng.choice(k, n - k, p=rng.dirichlet(np.ones(k) * 3))])
    a = rng.normal(size=n)
    if copies:
        a[n - copies :] = a[rng.choice(n - copies, copies, replace=False)]
    return dataset_of(y, a=a)


def split_of(dataset, **validation):
    return make_split(dataset, spec_of(validation=validation))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 400), st.integers(2, 5), st.floats(0.05, 0.5))
def test_holdout_and_folds_divide_the_rows(seed, n, k, share):
    dataset = made(seed, n, k)
    split = split_of(dataset, test=share)
    assert sorted([*split.train, *split.holdout]) == list(range(n))
    assert sorted(np.concatenate([valid for _, valid in split.folds])) == sorted(split.train)
    for train, valid in split.folds:
        assert sorted([*train, *valid]) == sorted(split.train) and len(valid)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 600), st.integers(2, 5), st.floats(0.05, 0.5))
def test_the_holdout_has_the_share_asked_for_of_every_class(seed, n, k, share):
    dataset = made(seed, n, k)
    split = split_of(dataset, test=share)
    for code, rows in enumerate(np.bincount(dataset.y)):
        assert abs((dataset.y[split.holdout] == code).sum() - share * rows) <= 1.0 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 600), st.integers(2, 4), st.integers(2, 8))
def test_folds_hold_equal_shares_of_every_class(seed, n, k, folds):
    dataset = made(seed, n, k)
    split = split_of(dataset, strategy="kfold", folds=folds)
    assert len(split.folds) == folds
    for code, rows in enumerate(np.bincount(dataset.y[split.train])):
        for _, valid in split.folds:
            assert abs((dataset.y[valid] == code).sum() - rows / folds) <= 1.0 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(60, 300), st.integers(2, 4), st.integers(1, 20))
def test_copies_stay_on_one_side(seed, n, k, copies):
    dataset = made(seed, n, k, copies)
    split = split_of(dataset)
    assert any(d.key == "validation.copies" for d in split.decisions)
    groups = row_groups(dataset.table)
    for left, right in [(split.train, split.holdout), *split.folds]:
        assert not set(groups[left]) & set(groups[right])


def test_copies_part_when_the_check_is_off():
    dataset = made(0, 300, 2, 60)
    split = make_split(dataset, spec_of(checks={"duplicate_rows": "off"}))
    groups = row_groups(dataset.table)
    assert set(groups[split.train]) & set(groups[split.holdout])
    assert not any(d.key == "validation.copies" for d in split.decisions)


def test_a_table_with_few_distinct_rows_is_not_grouped():
    dataset = dataset_of(np.arange(200) % 2, a=np.arange(200) % 5)
    split = split_of(dataset)
    assert len(split.holdout) == 40 and not any(d.key == "validation.copies" for d in split.decisions)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(2, 30), st.integers(2, 50))
def test_no_fold_is_empty_however_many_were_asked_for(seed, k, of_each, folds):
    assume(k * of_each >= 20)
    y = np.tile(np.arange(k), of_each)
    split = make_split(dataset_of(y, a=np.random.default_rng(seed).normal(size=len(y))), spec_of(seed=seed, validation={"strategy": "kfold", "folds": folds}))
    assert all(len(valid) and len(train) for train, valid in split.folds)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_a_class_with_two_rows_is_always_there_to_learn_from(seed, k):
    y = np.concatenate([np.arange(k), np.arange(k), np.zeros(60, np.int64)])
    split = make_split(dataset_of(y, a=np.random.default_rng(seed).normal(size=len(y))), spec_of(seed=seed, validation={"test": 0.5}))
    assert set(y[split.train]) == set(range(k))


def test_a_class_of_one_row_is_learned_from_and_never_held_out():
    y = np.where(np.arange(60) == 7, 2, np.arange(60) % 2)
    assert not any(7 in make_split(dataset_of(y, a=np.arange(60) ** 0.5), spec_of(seed=seed)).holdout for seed in range(20))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_a_class_with_two_rows_is_in_the_holdout_and_in_training(seed, rare):
    """Without a row of a class in the holdout, its area under the curve is not a number."""
    y = (np.arange(120) < rare).astype(int)
    split = make_split(dataset_of(y, a=np.random.default_rng(seed).normal(size=120)), spec_of(seed=seed))
    assert set(y[split.holdout]) == set(y[split.train]) == {0, 1}


def test_the_seed_decides():
    dataset = made(1, 200, 2)
    first, again, other = (make_split(dataset, spec_of(seed=s)) for s in (3, 3, 4))
    assert np.array_equal(first.holdout, again.holdout) and not np.array_equal(first.holdout, other.holdout)


def test_without_a_holdout_every_row_trains():
    split = split_of(made(0, 100, 2), test="none")
    assert len(split.train) == 100 and len(split.holdout) == 0


def test_the_number_of_folds_follows_the_rows(monkeypatch):
    monkeypatch.setattr(module, "MANY_ROWS", 300)
    monkeypatch.setattr(module, "VERY_MANY_ROWS", 600)
    assert [len(split_of(made(0, n, 2), test="none").folds) for n in (100, 400, 700)] == [5, 3, 1]
    assert len(split_of(made(0, 700, 2), strategy="kfold", test="none").folds) == 3
    assert len(split_of(made(0, 100, 2), strategy="holdout").folds) == 1


@pytest.mark.parametrize(("rare", "folds"), [(1, 2), (3, 3), (4, 4), (9, 5)])
def test_a_rare_class_lowers_the_number_of_folds(rare, folds):
    y = np.array([1] * rare + [0] * 100)
    assert len(split_of(dataset_of(y, a=np.arange(len(y)) ** 0.5), test="none").folds) == folds


def test_what_is_kept_on_disk():
    split = split_of(made(0, 100, 2))
    arrays = split.arrays()
    assert set(arrays) == {"train", "holdout", *(f"fold{i}_{part}" for i in range(5) for part in ("train", "valid"))}
    assert np.array_equal(arrays["fold3_valid"], split.folds[3][1])

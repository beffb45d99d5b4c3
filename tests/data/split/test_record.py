"""What a split is on disk, and what is left of it when rows must go."""

from dataclasses import replace

import numpy as np

from automl.data.split import Split, check

from .test_make import grouped, made, split_of, timed


def test_what_is_kept_on_disk():
    split = split_of(made(0, 100, 2))
    arrays = split.arrays()
    assert set(arrays) == {"train", "holdout", *(f"fold{i}_{part}" for i in range(5) for part in ("train", "valid"))}
    assert np.array_equal(arrays["fold3_valid"], split.folds[3][1])
    assert "units" in split_of(grouped(0)).arrays() and "time" in split_of(timed(0)).arrays()


def test_rows_that_must_not_be_trained_on_leave_both_sides_of_every_fold():
    for strategy in ("kfold", "bootstrap"):
        dataset = grouped(0)
        split = split_of(dataset, strategy=strategy)
        gone = split.train[::3]
        left = split.without(gone, "they equal rows of the test table")
        assert sorted([*left.train, *gone]) == sorted(split.train) and np.array_equal(left.holdout, split.holdout)
        for (learn, valid), (learned, scored) in zip(left.folds, split.folds, strict=True):
            assert learn.tolist() == [r for r in learned if r not in gone] and valid.tolist() == [r for r in scored if r not in gone]
        assert left.decisions[-1].value == f"{len(gone)} rows" and check(left, dataset) == []


def test_taking_out_nothing_changes_nothing():
    split = split_of(made(0, 100, 2))
    left = split.without(np.zeros(0, dtype=np.int64))
    assert np.array_equal(left.train, split.train) and len(left.folds) == 5 and left.decisions == split.decisions


def test_a_fold_that_loses_a_side_goes():
    split = split_of(made(0, 100, 2))
    assert len(split.without(split.folds[2][1]).folds) == 4


def test_the_fit_on_all_rows_is_larger_than_that_of_a_fold():
    rows = np.arange(100)
    assert Split(rows, rows[:0], ((rows[20:], rows[:20]), (rows[:80], rows[80:])), ()).growth == 1.25
    assert split_of(made(0, 100, 2), strategy="bootstrap").growth == 1.0
    assert split_of(timed(0), strategy="time").growth < 1.3


def test_rows_without_units_are_their_own():
    split = split_of(made(0, 100, 2))
    assert split.unit_of(np.array([3, 9])).tolist() == [3, 9]
    assert replace(split, units=np.arange(100) // 10).unit_of(np.array([3, 9, 10])).tolist() == [0, 0, 1]

"""How many folds there are, what each kind of fold is made of, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import automl.data.split.folds as module
from automl.data.split import check, make_split
from automl.errors import DataError
from tests.builders import dataset_of, spec_of

from .test_make import grouped, made, said, split_of, timed


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 600), st.integers(2, 4), st.integers(2, 8))
def test_folds_hold_equal_shares_of_every_class(seed, n, k, folds):
    dataset = dataset_of(np.concatenate([np.repeat(np.arange(k), 10), made(seed, n, k).y]), a=np.random.default_rng(seed).normal(size=n + 10 * k))
    split = split_of(dataset, strategy="kfold", folds=folds)
    assert len(split.folds) == folds
    for code, rows in enumerate(np.bincount(dataset.y[split.train])):
        for _, valid in split.folds:
            assert abs((dataset.y[valid] == code).sum() - rows / folds) <= 1.0 + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(3, 30), st.integers(2, 50))
def test_more_folds_than_the_rarest_class_has_rows_are_refused_with_the_largest_number(seed, k, of_each, folds):
    y = np.tile(np.arange(k), max(of_each, 20 // k + 1))
    dataset = dataset_of(y, a=np.random.default_rng(seed).normal(size=len(y)))
    largest = int(np.bincount(y[split_of(dataset).train]).min())
    if folds > largest:
        with pytest.raises(DataError) as caught:
            split_of(dataset, strategy="kfold", folds=folds)
        assert caught.value.exit_code == 3 and f"the largest possible is {largest}" in caught.value.fix
    else:
        split = split_of(dataset, strategy="kfold", folds=folds)
        assert len(split.folds) == folds and all(len(valid) and len(train) for train, valid in split.folds)


def test_more_folds_than_groups_or_moments_are_refused():
    dataset = replace(dataset_of(np.arange(200) % 2, a=np.arange(200) ** 0.5), group=np.arange(200) // 20)
    with pytest.raises(DataError, match=r"9 folds .* 8 groups"):
        split_of(dataset, folds=9)
    assert len(split_of(dataset, folds=8).folds) == 8
    with pytest.raises(DataError, match="are of 4 moments"):
        split_of(replace(dataset, group=None, time=np.arange(200.0) // 40), folds=4)
    assert len(split_of(replace(dataset, group=None, time=np.arange(200.0) // 40), folds=3).folds) == 3


def test_the_number_of_folds_follows_the_rows(monkeypatch):
    monkeypatch.setattr(module, "MANY_ROWS", 300)
    monkeypatch.setattr(module, "VERY_MANY_ROWS", 600)
    assert [len(split_of(made(0, n, 2), test="none").folds) for n in (100, 400, 700)] == [5, 3, 1]
    assert len(split_of(made(0, 700, 2), strategy="kfold", test="none").folds) == 3
    assert len(split_of(made(0, 100, 2), strategy="holdout").folds) == 1
    for dataset in (grouped(0, 700), timed(0, 700)):
        split = split_of(dataset, test="none")
        assert len(split.folds) == 1 and check(split, dataset) == [] and 80 <= len(split.folds[0][1]) <= 200


@pytest.mark.parametrize(("rare", "folds"), [(2, 2), (3, 3), (4, 4), (9, 5)])
def test_a_rare_class_lowers_the_number_of_folds(rare, folds):
    y = np.array([1] * rare + [0] * 100)
    assert len(split_of(dataset_of(y, a=np.arange(len(y)) ** 0.5), test="none").folds) == folds


def test_a_class_of_one_row_lowers_nothing():
    y = np.where(np.arange(100) == 7, 2, np.arange(100) % 2)
    assert len(split_of(dataset_of(y, a=np.arange(100) ** 0.5)).folds) == 5


def test_a_fold_that_could_not_be_fitted_is_left_out_and_told():
    y = (np.arange(100) == 50).astype(np.int64)
    split = split_of(dataset_of(y, a=np.arange(100) ** 0.5), test="none")
    assert len(split.folds) == 4 and said(split)["folds_left_out"].value == 1
    late = replace(dataset_of((np.arange(100) >= 40).astype(np.int64), a=np.arange(100) ** 0.5), time=np.arange(100.0))
    split = split_of(late)
    assert len(split.folds) == 2 and said(split)["folds_left_out"].value == 3


def test_with_no_fold_left_the_error_says_so():
    dataset = replace(dataset_of(np.arange(100) % 2, a=np.arange(100) ** 0.5), group=np.arange(100) % 2)
    with pytest.raises(DataError, match="one class"):
        split_of(dataset, test="none")


def test_repeated_folds_are_dealt_out_anew():
    for dataset in (made(0, 200, 2), grouped(0)):
        split = split_of(dataset, strategy="repeated")
        assert len(split.folds) == 15 and (said(split)["folds"].value, said(split)["repeats"].value) == (5, 3)
        rounds = [split.folds[i : i + 5] for i in (0, 5, 10)]
        for folds in rounds:
            assert sorted(np.concatenate([valid for _, valid in folds])) == sorted(split.train)
        assert not np.array_equal(np.sort(rounds[0][0][1]), np.sort(rounds[1][0][1]))
    assert len(split_of(made(0, 200, 2), strategy="repeated", repeats=2, folds=3).folds) == 6


def test_a_bootstrap_is_scored_on_what_was_not_drawn():
    dataset = made(0, 200, 3)
    split = split_of(dataset, strategy="bootstrap")
    assert len(split.folds) == 10
    for learn, valid in split.folds:
        assert len(learn) == len(split.train) and sorted({*learn, *valid}) == sorted(split.train) and not set(learn) & set(valid)
        assert np.array_equal(np.bincount(dataset.y[learn]), np.bincount(dataset.y[split.train]))
        assert 0.25 < len(valid) / len(split.train) < 0.5
    assert len(split_of(dataset, strategy="bootstrap", repeats=4).folds) == 4


def test_a_bootstrap_of_two_groups_of_unlike_classes_scores_one_of_them():
    rng = np.random.default_rng(0)
    group = np.repeat([0, 1], 40)
    dataset = replace(dataset_of((rng.random(80) < 0.3 + 0.4 * group).astype(int), a=np.arange(80) ** 0.5), group=group)
    split = split_of(dataset, strategy="bootstrap", test="none")
    assert len(split.folds) == 10 and check(split, dataset) == []


def test_time_folds_grow_and_follow_one_another():
    dataset = timed(0, 400, 200)
    split = split_of(dataset, strategy="time", folds=4)
    sizes = [len(learn) for learn, _ in split.folds]
    assert len(split.folds) == 4 and sizes == sorted(sizes)
    for (learn, valid), (after, _) in zip(split.folds, split.folds[1:], strict=False):
        assert sorted([*learn, *valid]) == sorted(after)
    assert not set(np.concatenate([valid for _, valid in split.folds])) & set(split.folds[0][0])


def test_units_that_span_a_cut_are_counted():
    dataset = timed(0, 300, 100, group=np.arange(300) // 2)
    split = split_of(dataset)
    assert int(said(split)["removed_in_folds"].value.split()[0]) > 0 and check(split, dataset) == []


def test_each_unit_is_left_out_once():
    dataset = made(0, 60, 2)
    split = split_of(dataset, strategy="leave_one_out")
    assert split.pooled and len(split.folds) == 48 and sorted(int(valid[0]) for _, valid in split.folds) == sorted(split.train)
    groups = split_of(grouped(0), strategy="leave_one_out", test="none")
    assert len(groups.folds) == 24 and sorted(np.concatenate([valid for _, valid in groups.folds])) == list(range(240))


def test_leaving_out_thousands_is_refused():
    with pytest.raises(DataError, match=r"1040 times.*1000 is the most") as caught:
        split_of(made(0, 1300, 2), strategy="leave_one_out")
    assert "kfold" in caught.value.fix
    assert len(split_of(grouped(0, 1300, 100), strategy="leave_one_out").folds) < 100


def test_folds_and_repeats_are_what_there_is_time_for():
    """A wide table with little time: one part; more time, three folds; and a check's wish for repeats gives way."""
    rng = np.random.default_rng(0)
    wide = {f"x{i}": rng.normal(size=400) for i in range(500)}
    dataset = dataset_of(np.arange(400) % 2, **wide)

    def folds(time, asked=None):
        split = make_split(dataset, spec_of(constraints={"time": time, **({"trials": 1} if time == "none" else {})}), asked)
        return len(split.folds), {d.key: d.because for d in split.decisions}

    assert folds("none")[0] == 5 and folds("60s")[0] == 5 and folds("15s")[0] == 3 and folds("10s")[0] == 1
    wish = {"repeats": 3, "because": "few rows"}
    assert folds("none", wish)[0] == 15 and folds("60s", wish)[0] == 15 and folds("45s", wish)[0] == 10
    assert "no time" in folds("45s", wish)[1]["validation.repeats"]

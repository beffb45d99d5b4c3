"""The holdout and the strategy: disjoint, stratified, units together, forward in time; every choice and removal is told."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from automl.data.split import check, make_split
from automl.data.structure import row_groups
from automl.errors import DataError
from automl.spec.load import load
from automl.vocabulary import Decision, Role
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


def said(split):
    return {d.key.removeprefix("validation."): d for d in split.decisions}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 400), st.integers(2, 5), st.floats(0.05, 0.5))
def test_holdout_and_folds_divide_the_rows(seed, n, k, share):
    dataset = made(seed, n, k)
    split = split_of(dataset, test=share)
    assert sorted([*split.train, *split.holdout]) == list(range(n))
    assume((np.bincount(dataset.y[split.train]) != 1).all())  # a fold that scores the only row of a class cannot be fitted
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
@given(st.integers(0, 10_000), st.integers(60, 300), st.integers(2, 4), st.integers(1, 20))
def test_copies_stay_on_one_side(seed, n, k, copies):
    dataset = made(seed, n, k, copies)
    split = split_of(dataset)
    assert said(split)["copies"].value == "together"
    groups = row_groups(dataset.table)
    for left, right in [(split.train, split.holdout), *split.folds]:
        assert not set(groups[left]) & set(groups[right])


def test_copies_part_when_the_check_is_off():
    dataset = made(0, 300, 2, 60)
    split = make_split(dataset, spec_of(checks={"duplicate_rows": "off"}))
    groups = row_groups(dataset.table)
    assert set(groups[split.train]) & set(groups[split.holdout])
    assert "copies" not in said(split) and split.units is None


def test_a_table_with_few_distinct_rows_is_not_grouped():
    dataset = dataset_of(np.arange(200) % 2, a=np.arange(200) % 5)
    split = split_of(dataset)
    assert len(split.holdout) == 40 and "copies" not in said(split)


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
def test_a_rare_class_is_in_the_holdout_and_in_training(seed, rare):
    """Without a row of a class in the holdout, its area under the curve is not a number."""
    y = (np.arange(120) < rare).astype(int)
    split = make_split(dataset_of(y, a=np.random.default_rng(seed).normal(size=120)), spec_of(seed=seed))
    assert set(y[split.holdout]) == set(y[split.train]) == {0, 1}


def test_the_seed_decides():
    rng = np.random.default_rng(0)
    plain = made(1, 200, 2)
    for dataset in (plain, replace(plain, group=rng.integers(0, 30, 200))):
        first, again, other = (make_split(dataset, spec_of(seed=s)) for s in (3, 3, 4))
        assert np.array_equal(first.holdout, again.holdout) and not np.array_equal(first.holdout, other.holdout)


def test_without_a_holdout_every_row_trains():
    split = split_of(made(0, 100, 2), test="none")
    assert len(split.train) == 100 and len(split.holdout) == 0


# --- groups ---


def grouped(seed, n=240, n_groups=24, **changes):
    rng = np.random.default_rng(seed)
    return replace(made(seed, n, 2), group=rng.integers(0, n_groups, n), **changes)


def test_groups_that_are_named_are_kept_whole_and_counted():
    dataset = grouped(0)
    split = split_of(dataset)
    assert (split.strategy, said(split)["groups"].value) == ("group", 24) and "`household`" in said(named(dataset, group="household"))["strategy"].because
    assert check(split, dataset) == [] and 30 <= len(split.holdout) <= 70


def named(dataset, validation=None, **columns):
    return make_split(dataset, spec_of({"train": "t.csv", "columns": columns}, validation=validation or {}))


@pytest.mark.parametrize("strategy", ["kfold", "holdout", "repeated", "bootstrap", "leave_one_out", "group"])
def test_groups_are_whole_whatever_the_strategy(strategy):
    dataset = grouped(1)
    assert check(split_of(dataset, strategy=strategy), dataset) == []


def test_a_row_without_a_group_stands_alone():
    dataset = grouped(2)
    dataset.group[:100] = -1
    split = split_of(dataset)
    assert check(split, dataset) == [] and len(np.unique(split.units)) == 100 + len(set(dataset.group[100:]))


def test_groups_joined_by_copies_stay_together():
    """Row 0 of group 0 is a copy of row 10 of group 1: both groups are one unit."""
    rng = np.random.default_rng(0)
    a = rng.normal(size=200)
    a[10] = a[0]
    dataset = replace(dataset_of(rng.integers(0, 2, 200), a=a), group=np.arange(200) // 10)
    split = split_of(dataset)
    assert len(set(split.units[:20])) == 1 and len(set(split.units)) == 19 and check(split, dataset) == []


def test_copies_that_would_tie_all_groups_into_one_are_left_apart_and_it_is_told():
    rng = np.random.default_rng(0)
    a = rng.normal(size=300)
    a[150:] = rng.permutation(a[:150])
    dataset = replace(dataset_of(np.arange(300) % 2, a=a), group=rng.integers(0, 10, 300))
    split = split_of(dataset)
    assert said(split)["copies"].value == "not together" and len(np.unique(split.units)) == 10
    assert not set(dataset.group[split.train]) & set(dataset.group[split.holdout])


def test_one_group_cannot_be_divided():
    dataset = replace(made(0, 60, 2), group=np.zeros(60, dtype=np.int64))
    with pytest.raises(DataError, match="tied together"):
        split_of(dataset)


# --- time ---


def timed(seed, n=300, moments=100, **changes):
    rng = np.random.default_rng(seed)
    return replace(made(seed, n, 2), time=rng.integers(0, moments, n).astype(float), **changes)


def test_the_last_share_in_time_is_kept_for_the_report():
    dataset = timed(0)
    split = split_of(dataset, test=0.3)
    assert split.strategy == "time" and check(split, dataset) == []
    assert dataset.time[split.train].max() < dataset.time[split.holdout].min() and abs(len(split.holdout) - 90) <= 4
    assert len(split.train) + len(split.holdout) == 300


def test_the_cut_is_told_as_a_day_where_times_are_dates():
    day = 86400.0
    dataset = timed(0)
    dataset = replace(dataset, time=dataset.time * day + 1.7e9)
    assert "from 2024-0" in said(split_of(dataset))["test"].because
    old = replace(dataset, time=dataset.time - 1.7e9, roles=(Decision("when", Role.DATE, ""),))
    assert "from 1970-0" in said(named(old, time="when"))["test"].because
    assert "from 19" not in said(split_of(timed(0)))["test"].because and said(split_of(timed(0)))["cuts"].value.count(",") == 4


def test_rows_without_a_time_are_left_out_and_counted():
    dataset = timed(0)
    dataset.time[:30] = np.nan
    split = split_of(dataset)
    assert len(split.train) + len(split.holdout) == 270 and said(split)["without_time"].value == "30 rows left out"
    assert check(split, dataset) == []


def test_a_group_that_spans_the_cut_leaves_the_side_where_it_is_smaller():
    time = np.arange(100.0)
    group = np.arange(100)
    group[[10, 11, 95]] = 200  # two before the cut, one after
    group[[12, 96, 97]] = 201  # one before, two after
    dataset = replace(dataset_of(np.arange(100) % 2, a=np.arange(100) ** 0.5), time=time, group=group)
    split = split_of(dataset)
    assert check(split, dataset) == [] and said(split)["removed"].value == "2 rows"
    assert 95 not in split.holdout and 12 not in split.train and {10, 11} <= set(split.train) and {96, 97} <= set(split.holdout)


def test_little_left_to_score_is_told_with_the_way_out():
    group = np.where(np.arange(200) >= 195, 99, np.arange(200) % 10)
    dataset = replace(dataset_of(np.arange(200) % 2, a=np.arange(200) ** 0.5), time=np.arange(200.0), group=group)
    split = split_of(dataset)
    assert len(split.holdout) == 5 and "strategy: group" in said(split)["removed"].because


def test_groups_that_all_span_time_are_refused_with_the_way_out():
    dataset = replace(dataset_of(np.arange(200) % 2, a=np.arange(200) ** 0.5), time=np.arange(200.0), group=np.arange(200) % 10)
    with pytest.raises(DataError, match="span"):
        split_of(dataset)
    assert check(split_of(dataset, strategy="group"), dataset) == []


def test_one_moment_cannot_be_divided():
    for dataset in (replace(made(0, 60, 2), time=np.full(60, 7.0)), replace(made(0, 60, 2), time=np.where(np.arange(60) < 48, 3.0, 7.0))):
        with pytest.raises(DataError, match="of one moment"):
            split_of(dataset)


def test_a_past_of_one_class_is_refused():
    y = (np.arange(100) >= 90).astype(np.int64)
    with pytest.raises(DataError, match="of one class"):
        split_of(replace(dataset_of(y, a=np.arange(100) ** 0.5), time=np.arange(100.0)))


def test_another_strategy_may_ignore_time_and_says_so():
    dataset = timed(0)
    split = split_of(dataset, strategy="kfold")
    assert split.time is None and said(split)["time"].value == "not used"
    assert split_of(dataset, strategy="holdout").time is not None


# --- a given test table ---


def with_test(dataset, n=50):
    return replace(dataset, tested=np.arange(len(dataset.y)) >= len(dataset.y) - n)


@pytest.mark.parametrize("base", [made(0, 300, 2), made(0, 300, 2, 30), grouped(0, 300), timed(0), timed(0, group=np.arange(300) // 3)])
@pytest.mark.parametrize("strategy", ["auto", "repeated", "bootstrap"])
def test_a_given_test_table_is_the_holdout(base, strategy):
    dataset = with_test(base)
    split = split_of(dataset, strategy=strategy)
    assert split.holdout.tolist() == list(range(250, 300)) and check(split, dataset) == []


def test_training_rows_of_a_group_of_the_test_table_are_taken_out():
    dataset = with_test(grouped(0, 300, 100))
    split = split_of(dataset)
    gone = set(range(250)) - set(split.train)
    assert gone == {i for i in range(250) if dataset.group[i] in dataset.group[250:]} and said(split)["removed"].value == f"{len(gone)} rows"


def test_copies_in_the_test_table_are_left_to_the_check_of_overlap():
    dataset = with_test(made(0, 300, 2, 40))
    split = split_of(dataset)
    assert len(split.train) == 250 and said(split)["copies"].value == "together"


def test_training_rows_as_late_as_the_test_table_are_told():
    assert int(said(split_of(with_test(timed(0))))["late_rows"].value.split()[0]) > 200
    dataset = timed(0)
    assert "late_rows" not in said(split_of(replace(dataset, tested=dataset.time >= 80)))


# --- what a check asks for ---


def test_a_check_may_ask_for_time_groups_or_repetitions():
    dataset = made(0, 300, 2)
    time, group = np.arange(300.0)[::-1], np.arange(300) // 6
    forward = make_split(dataset, spec_of(), {"strategy": "time", "time": time, "because": "the target drifts"})
    assert forward.strategy == "time" and sorted(forward.holdout) == list(range(60)) and said(forward)["strategy"].because == "the target drifts"
    whole = make_split(dataset, spec_of(), {"strategy": "group", "group": group})
    assert whole.strategy == "group" and check(whole, replace(dataset, group=group)) == []
    repeated = make_split(dataset, spec_of(), {"repeats": 3, "because": "few rows"})
    assert repeated.strategy == "repeated" and len(repeated.folds) == 15 and said(repeated)["strategy"].because == "few rows"


def test_what_the_spec_says_stands_above_what_a_check_asks_for():
    dataset, time = made(0, 300, 2), np.arange(300.0)
    split = make_split(dataset, spec_of(validation={"strategy": "kfold"}), {"strategy": "time", "time": time, "repeats": 3})
    assert split.strategy == "kfold" and split.time is None and len(split.folds) == 5
    both = make_split(timed(0), spec_of(), {"strategy": "group", "group": np.arange(300), "because": "x"})
    assert both.strategy == "time"


def test_time_that_a_check_has_put_into_the_data_is_followed_with_its_reason():
    """The fixes hand on a dataset with its times filled in; undated rows, at minus infinity, are the oldest."""
    dataset = timed(0)
    dataset.time[:40] = -np.inf
    split = make_split(dataset, spec_of(), {"strategy": "time", "because": "the target drifts"})
    assert split.strategy == "time" and said(split)["strategy"].because == "the target drifts" and "without_time" not in said(split)
    assert check(split, dataset) == [] and set(range(40)) <= set(split.folds[0][0])
    again = make_split(dataset, spec_of(), {"repeats": 3, "because": "few rows"})
    assert said(again)["strategy"].because == "time orders the rows"
    dates = replace(dataset, time=dataset.time * 86400 + 1.7e9)
    assert "from 2024-0" in said(make_split(dates, spec_of()))["test"].because


def test_what_cannot_be_followed_is_told_and_the_run_goes_on():
    split = make_split(made(0, 300, 2), spec_of(), {"strategy": "time", "time": np.zeros(300), "because": "the target drifts"})
    assert split.strategy == "kfold" and "one moment" in said(split)["asked"].because and "drifts" in said(split)["asked"].because


def test_an_error_points_into_the_spec(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("data: t.csv\ntask: {type: classification, target: y}\nvalidation:\n  folds: 40\n")
    (tmp_path / "t.csv").write_text("a,y\n1,2\n")
    with pytest.raises(DataError) as caught:
        make_split(made(0, 60, 2), load(path).spec)
    assert "D320" in caught.value.text and "s.yaml:4:" in caught.value.text and "the largest possible is" in caught.value.text


def test_a_million_rows_take_seconds_not_minutes():
    """No benchmark: a loop over rows would take a minute."""
    import time as clock

    rng = np.random.default_rng(0)
    n = 300_000
    a = rng.normal(size=n)
    a[-20_000:] = a[:20_000]
    dataset = replace(dataset_of(rng.integers(0, 2, n), a=a), group=rng.integers(0, n // 4, n), time=rng.integers(0, n, n).astype(float))
    began = clock.process_time()
    for strategy in ("auto", "repeated", "bootstrap"):
        split_of(dataset, strategy=strategy)
    assert clock.process_time() - began < 20

"""What was decided is carried out: on the columns, their reading, the recipe, the rows and the split."""

from dataclasses import replace

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.act import treat
from automl.eda.finding import Change, Finding
from automl.vocabulary import Mode

from ..builders import dataset_of, spec_of


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    town = rng.integers(0, 3, 200)
    return dataset_of(rng.integers(0, 2, 200), a=rng.normal(size=200), b=rng.integers(0, 5, 200), town=(town, ("Rome", "rome", "Oslo")))


def treated(dataset, *changes, spec=None, pairs=()):
    spec = spec or spec_of()
    findings = [Finding("constant", (), Mode.FIX, "", "", "", change=c) for c in changes]
    return treat(dataset, make_split(dataset, spec), findings, spec, pairs)


def test_nothing_decided_changes_nothing(data):
    out = treated(data)
    assert out.dataset is data and not out.recipe


def test_columns_go_and_are_read_otherwise(data):
    out = treated(data, Change(drop=("b",)), Change(aliases={"town": {"rome": "Rome"}}), Change(absent={"town": ("Oslo",)}), Change(absent={"a": ("0.5",)}))
    assert [f.name for f in out.dataset.fields] == ["a", "town"] and set(out.dataset.table.columns) == {"a", "town"}
    town = out.dataset.fields[1]
    assert (town.aliases, town.absent) == ({"rome": "Rome"}, ("Oslo",))
    values, before = out.dataset.table.columns["town"], data.table.columns["town"]
    assert [values.levels[v] if v >= 0 else None for v in values.values] == [[None if before.levels[c] == "Oslo" else "Rome"][0] for c in before.values]


def test_the_recipe_collects_and_pairs_are_added_where_left_to_the_look(data):
    out = treated(data, Change(recipe={"a": {"outliers": "rank"}}), Change(recipe={"a": {"linear": False}}), pairs=[("a", "b"), ("a", "gone")])
    assert out.recipe == {"a": {"outliers": "rank", "linear": False, "interactions": ("b",)}}
    assert not treated(data, pairs=[("a", "b")], spec=spec_of(features={"interactions": "none"})).recipe


def test_rows_are_taken_out_of_training_alone(data):
    before = make_split(data, spec_of())
    out = treated(data, Change(remove=before.train[:10]))
    assert set(before.train) - set(out.split.train) == set(before.train[:10].tolist())
    assert not set(before.train[:10]) & set(np.concatenate([np.concatenate(f) for f in out.split.folds]))
    np.testing.assert_array_equal(out.split.holdout, before.holdout)


def test_entities_that_a_check_found_stay_together(data):
    out = treated(data, Change(drop=("b",), split={"strategy": "group", "column": "b", "because": "rows resemble"}))
    group = data.table.columns["b"].values
    assert not set(group[out.split.train]) & set(group[out.split.holdout])
    assert all(not set(group[learn]) & set(group[score]) for learn, score in out.split.folds) and out.dataset.group is not None


def test_time_that_a_check_found_orders_the_split(data):
    when = np.arange(200.0)
    table = replace(data.table, columns={**data.table.columns, "a": replace(data.table.columns["a"], values=when)})
    out = treated(replace(data, table=table), Change(split={"strategy": "time", "column": "a", "because": "scores fall"}))
    assert when[out.split.train].max() < when[out.split.holdout].min()


def test_folds_are_drawn_again_for_small_tables(data):
    assert len(treated(data, Change(split={"repeats": 3, "because": "few rows"})).split.folds) == 3 * len(make_split(data, spec_of()).folds)


def test_rows_that_a_fix_made_equal_do_not_stand_on_both_sides():
    rng = np.random.default_rng(0)
    n, extra = 300, 60
    a, y = rng.normal(size=n), rng.integers(0, 2, n)
    again = rng.choice(n, extra, replace=False)
    a, y = np.concatenate([a, a[again]]), np.concatenate([y, y[again]])
    tag = np.arange(n + extra) % 7  # tells the copies apart until it goes
    data = dataset_of(y, a=a, tag=tag.astype(float))
    before = make_split(data, spec_of())
    assert np.isin(a[before.holdout], a[before.train]).any()
    split = treated(data, Change(drop=("tag",))).split
    assert not np.isin(a[split.holdout], a[split.train]).any()
    assert all(not np.isin(a[valid], a[learn]).any() for learn, valid in split.folds)
    left = treated(data, Change(drop=("tag",)), spec=spec_of(checks={"duplicate_rows": "warn"})).split
    assert np.isin(a[left.holdout], a[left.train]).any()

"""All columns together: the form fitted on learning rows makes the same of any row, whatever stands beside it."""

import json

import numpy as np
import pytest
from scipy import sparse

from automl.families.base import Needs
from automl.features.fit import fit_features, fit_transform
from automl.features.recipe import CategoryOptions, DateOptions, NumberOptions, Recipe, TextOptions
from automl.inference.features import DENSE, SPARSE, Features, columns_of
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Column, Field, Table, column_of
from automl.testing.contract import FIELDS as PLAIN
from automl.testing.contract import sample

SCALED, RAW, WORDS = Needs(), Needs(scaled=False, onehot_limit=2), Needs(sparse=True)
FIELDS = (*PLAIN, Field("skew", "number"), Field("gaps", "number"), Field("rank", "category"), Field("city", "category"), Field("title", "text"))
RECIPE = Recipe(
    numbers={"skew": NumberOptions(outliers="rank"), "gaps": NumberOptions(impute="forward", scale="robust", outliers="keep")},
    categories={"rank": CategoryOptions("ordinal"), "city": CategoryOptions("target")},
    texts={"title": TextOptions("hashing", max_features=64)}, dates={"day": DateOptions(cyclic=True)},
    pairs=(("number", "skew"), ("word", "rank"), ("number", "city")),
)  # fmt: skip


def everything(n=400, seed=0):
    """Return a table with a column for every kind of step, class codes, and times."""
    table, y = sample(n, seed=seed)
    rng = np.random.default_rng(seed + 1)
    gaps = np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n))
    words = np.array(["red", "green", "blue"])
    more = {
        "skew": Column("number", rng.lognormal(0, 2, n)), "gaps": Column("number", gaps), "rank": column_of([f"r{k}" for k in rng.integers(0, 6, n)]),
        "city": column_of([None if k == 0 else f"city{k}" for k in rng.integers(0, 80, n)]),
        "title": column_of([" ".join(rng.choice(words, 3)) for _ in range(n)]),
    }  # fmt: skip
    return Table({**table.columns, **more}, n), y, rng.random(n)


def dense(x):
    return x.toarray() if sparse.issparse(x) else x


def test_every_kind_of_step_is_tried_below():
    table, y, time = everything()
    kinds = {step["kind"] for needs in (SCALED, RAW) for step in fit_features(table, FIELDS, y, needs, RECIPE, time).config["steps"]}
    assert kinds == {*DENSE, *SPARSE} - {"custom"}  # that one is tried in test_custom


@pytest.mark.parametrize("select", [None, 25])
@pytest.mark.parametrize("needs", [SCALED, RAW, WORDS], ids=["scaled", "raw", "sparse"])
def test_a_row_alone_is_what_it_is_among_others(needs, select):
    table, y, time = everything()
    features = Features(fit_features(table, FIELDS, y, needs, Recipe(**{**vars(RECIPE), "select": select}), time))
    new, _, _ = everything(60, seed=9)
    whole = dense(features.transform(new))
    for row in range(60):
        assert np.array_equal(dense(features.transform(new.take(np.array([row]))))[0], whole[row], equal_nan=True)
    backwards = np.arange(60)[::-1]
    assert np.array_equal(dense(features.transform(new.take(backwards))), whole[backwards], equal_nan=True)


@pytest.mark.parametrize("select", [None, 25])
@pytest.mark.parametrize("needs", [SCALED, RAW, WORDS], ids=["scaled", "raw", "sparse"])
def test_the_form_survives_the_disk_and_is_as_wide_as_its_names(needs, select):
    table, y, time = everything()
    form, x = fit_transform(table, FIELDS, y, needs, Recipe(**{**vars(RECIPE), "select": select}), time)
    again = Features(from_bytes(to_bytes(form), "f"))
    assert sparse.issparse(x) == again.sparse == needs.sparse
    assert np.array_equal(dense(again.transform(table)), dense(Features(form).transform(table)), equal_nan=True)
    assert x.dtype == np.float32 and x.shape == (400, len(again.names())) and len(set(again.names())) == len(again.names())
    assert again.names() == Features(form).names() and (np.isfinite(dense(x)).all() or not needs.scaled)


@pytest.mark.parametrize("needs", [SCALED, RAW, WORDS], ids=["scaled", "raw", "sparse"])
def test_only_shares_of_classes_and_carried_numbers_are_other_for_learning_rows(needs):
    table, y, time = everything()
    form, x = fit_transform(table, FIELDS, y, needs, RECIPE, time)
    features = Features(form)
    differs = (dense(x) != dense(features.transform(table))) & ~np.isnan(dense(x))
    names = {name for name, any_row in zip(features.names(), differs.any(axis=0), strict=True) if any_row}
    assert names == {"city: share of class 1"} | ({"gaps"} if needs.scaled else set())


def test_fitting_is_the_same_every_time_and_leaves_the_table_alone():
    table, y, time = everything()
    before = {name: column.values.copy() for name, column in table.columns.items()}
    (first, x), (second, again) = (fit_transform(table, FIELDS, y, SCALED, RECIPE, time) for _ in range(2))
    assert to_bytes(first) == to_bytes(second) and np.array_equal(x, again)
    assert all(np.array_equal(table.columns[name].values, values, equal_nan=values.dtype.kind == "f") for name, values in before.items())
    _, other = fit_transform(table, FIELDS, y, SCALED, Recipe(**{**vars(RECIPE), "seed": 1}), time)
    assert not np.array_equal(x, other)


def test_nothing_that_few_rows_have_is_stored():
    """A level, a term or a number of a single row must not be found in what ships."""
    table, y, time = everything(1200)
    mark = np.full(1200, False)
    mark[[3, 700]] = True
    odd = {
        "word": column_of(["SECRET" if m else "red" for m in mark]), "rank": column_of(["SECRET" if m else f"r{i % 4}" for i, m in enumerate(mark)]),
        "city": column_of(["SECRET" if m else f"c{i % 70}" for i, m in enumerate(mark)]), "text": column_of(["SECRET word" if m else "plain word" for m in mark]),
        "title": column_of(["SECRET" if m else "title" for m in mark]), "skew": Column("number", np.where(mark, 123456.75, np.random.default_rng(0).random(1200))),
    }  # fmt: skip
    for needs in (SCALED, RAW, WORDS):
        form = fit_features(Table({**table.columns, **odd}, 1200), FIELDS, y, needs, RECIPE, time)
        assert "secret" not in json.dumps(form.config).lower() and not any(np.isin(123456.75, a).any() for a in form.arrays.values())


def test_columns_are_left_out_for_scaled_families_only():
    table, y, _ = everything()
    recipe = Recipe(not_scaled=("number", "city"))
    for needs, gone in ((SCALED, {"number", "city"}), (RAW, set())):
        steps = fit_features(table, FIELDS, y, needs, recipe).config["steps"]
        assert {f.name for f in FIELDS} - {name for step in steps for name in columns_of(step)} == gone


def test_trees_take_numbers_as_they_are_whatever_is_asked_for_scaled_ones():
    table, y, time = everything()
    steps = fit_features(table, FIELDS, y, RAW, RECIPE, time).config["steps"]
    assert [s for s in steps if s.get("column") in ("number", "skew", "gaps")] == [{"kind": "raw", "column": n} for n in ("number", "skew", "gaps")]


def test_array_names_of_steps_do_not_collide():
    """A crossed pair has the name of a column that is called so."""
    n = 400
    rng = np.random.default_rng(0)
    columns = {"a": Column("coded", rng.integers(0, 40, n).astype(np.int32), tuple("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"))}
    columns |= {"b": column_of([f"b{k}" for k in rng.integers(0, 3, n)]), "a × b": column_of([f"x{k}" for k in rng.integers(0, 60, n)])}
    fields = [Field(name, "category") for name in columns]
    form = fit_features(Table(columns, n), fields, np.arange(n) % 2, SCALED, Recipe(pairs=(("a", "b"),), categories={"a × b": CategoryOptions("target")}))
    arrays = [step["array"] for step in form.config["steps"] if "array" in step]
    assert len(arrays) == len(set(arrays)) == 2 == len(form.arrays)

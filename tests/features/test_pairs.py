"""Pairs of columns: products, crossings, distances from the mean of a level."""

import numpy as np
import pytest

from automl.families.base import Needs
from automl.features.fit import fit_transform
from automl.features.recipe import Recipe
from automl.inference.features import CLIP, Features
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Column, Field, Table, column_of

SCALED, TREES = Needs(), Needs(scaled=False, onehot_limit=10)
FIELDS = (Field("a", "number"), Field("b", "number"), Field("c", "category"), Field("d", "category"))


def table(n=200, **changed):
    rng = np.random.default_rng(0)
    columns = {
        "a": Column("number", rng.normal(5, 2, n)), "b": Column("number", rng.normal(-3, 1, n)),
        "c": Column("coded", rng.integers(0, 3, n).astype(np.int32), ("x", "y", "z")), "d": Column("coded", rng.integers(0, 2, n).astype(np.int32), ("u", "v")),
    }  # fmt: skip
    return Table({**columns, **changed}, n)


def made(pair, needs, given=None, y=None):
    """Return (step, names, matrix) of the pair's own columns."""
    given = given or table()
    y = np.arange(given.n_rows) % 2 if y is None else y
    form, x = fit_transform(given, FIELDS, y, needs, Recipe(pairs=(pair,)))
    features = Features(from_bytes(to_bytes(form), "f"))
    again = features.transform(given)
    assert form.config["steps"][-1]["kind"] == "target" or np.array_equal(x, again, equal_nan=True)
    _, first, width = features.places()[-1]
    return form.config["steps"][-1], features.names()[first : first + width], again[:, first : first + width]


def test_numbers_are_multiplied():
    given = table()
    a, b = (given.columns[name].values for name in "ab")
    step, names, x = made(("a", "b"), TREES)
    assert names == ["a × b"] and step == {"kind": "product", "columns": ["a", "b"]} and np.allclose(x[:, 0], a * b, rtol=1e-6)
    _, _, x = made(("a", "b"), SCALED)
    assert np.allclose(x[:, 0], (a - a.mean()) / a.std() * (b - b.mean()) / b.std(), atol=1e-5)


def test_the_product_of_a_missing_number_is_missing_for_trees_and_nothing_for_the_others():
    values = np.append(np.arange(199.0), np.nan)
    assert np.isnan(made(("a", "b"), TREES, table(a=Column("number", values)))[2][-1, 0])
    assert made(("a", "b"), SCALED, table(a=Column("number", values)))[2][-1, 0] == 0
    big = table(a=Column("number", np.full(200, 1e300)), b=Column("number", np.append(np.full(199, 1e300), -1.0)))
    assert np.isfinite(made(("a", "b"), TREES, big)[2]).all() and np.abs(made(("a", "b"), SCALED, big)[2]).max() <= CLIP


def test_categories_are_crossed():
    given = table()
    step, names, x = made(("c", "d"), SCALED, given)
    assert step["kind"] == "onehot" and set(names) == {*(f"c × d = {left} & {right}" for left in "xyz" for right in "uv"), "c × d = (other)"}
    levels = [(given.columns["c"].levels[i], given.columns["d"].levels[j]) for i, j in zip(given.columns["c"].values, given.columns["d"].values, strict=True)]
    assert all(x[i, names.index(f"c × d = {left} & {right}")] == 1 for i, (left, right) in enumerate(levels)) and (x.sum(axis=1) == 1).all()


@pytest.mark.parametrize("needs", [SCALED, TREES])
def test_a_crossing_with_many_levels_is_shares_of_classes(needs):
    wide = Column("coded", np.arange(400, dtype=np.int32) % 60, tuple(f"l{i}" for i in range(60)))
    step, _, _ = made(("c", "d"), needs, table(400, c=wide))
    assert step["kind"] == "target" and step["columns"] == ["c", "d"]


@pytest.mark.parametrize("pair", [("a", "c"), ("c", "a")])
def test_of_a_number_its_mean_in_the_level_is_taken(pair):
    given = table()
    a, c = given.columns["a"].values, given.columns["c"].values
    expected = a - np.array([a[c == k].mean() for k in range(3)])[c]
    _, names, x = made(pair, TREES, given)
    assert names == ["a within c"] and np.allclose(x[:, 0], expected, atol=1e-5)
    _, _, x = made(pair, SCALED, given)
    assert np.allclose(x[:, 0], expected / expected.std(), atol=1e-5)


def test_in_rare_unseen_and_missing_levels_the_mean_of_all_rows_is_taken():
    words = ["often"] * 195 + ["rare"] * 4 + [None]
    given = table(c=column_of(words))
    a = given.columns["a"].values
    step, _, x = made(("a", "c"), TREES, given)
    assert step["levels"] == ["often"] and np.allclose(x[195:, 0], a[195:] - a.mean(), atol=1e-5)
    missing = table(a=Column("number", np.append(np.arange(199.0), np.nan)))
    assert np.isnan(made(("a", "c"), TREES, missing)[2][-1, 0]) and made(("a", "c"), SCALED, missing)[2][-1, 0] == pytest.approx(0, abs=1e-5)

"""Signs of matrix columns: what is marked must rise with the number, and nothing else may be."""

import numpy as np
import pytest

from automl.families.base import Needs
from automl.features.fit import fit_features, fit_transform
from automl.features.monotone import signs
from automl.features.recipe import NumberOptions, Recipe
from automl.inference.features import Features
from automl.inference.table import Column, Field, Table

FIELDS = (Field("size", "number"), Field("age", "number"), Field("word", "category"), Field("day", "date"))
RAW, SCALED = Needs(scaled=False, onehot_limit=10), Needs(scaled=True)


def table(n=300, seed=0):
    rng = np.random.default_rng(seed)
    size = rng.exponential(size=n)
    size[::7] = np.nan
    columns = {
        "size": Column("number", size), "age": Column("number", rng.normal(40, 9, n)),
        "word": Column("coded", rng.integers(0, 3, n).astype(np.int32), ("red", "green", "blue")), "day": Column("date", 1.7e9 + 86400.0 * rng.integers(0, 700, n)),
    }  # fmt: skip
    return Table(columns, n), (rng.random(n) < 0.4).astype(np.int64)


def form_of(needs, **recipe):
    data, y = table()
    return fit_features(data, FIELDS, y, needs, Recipe(**recipe))


@pytest.mark.parametrize("needs", [RAW, SCALED], ids=["raw", "scaled"])
@pytest.mark.parametrize("outliers", ["clip", "rank"])
def test_what_is_marked_rises_with_the_number_and_the_rest_stands_still(needs, outliers):
    form = form_of(needs, numbers={"size": NumberOptions(outliers=outliers)}, pairs=(("size", "word"),))
    found = signs(form, {"size": -1})
    features = Features(form)
    assert len(found) == len(features.names()) and {name for name, sign in zip(features.names(), found, strict=True) if sign} == {"size", "size within word"}
    one, _ = table(1, seed=5)
    moved = Table({name: Column(c.kind, np.repeat(c.values, 200), c.levels) for name, c in one.columns.items()}, 200)
    moved.columns["size"].values[:] = np.linspace(-5, 30, 200)
    x = features.transform(moved)
    for at, sign in enumerate(found):
        change = np.diff(x[:, at])
        assert (change >= 0).all() and change.max() > 0 if sign == -1 else (change == 0).all()


def test_directions_are_kept_and_nothing_wanted_is_nothing_said():
    found = signs(form_of(RAW), {"size": 1, "age": -1})
    assert found[:2] == (1, -1) and not any(found[2:]) and signs(form_of(RAW), {}) == ()


def test_a_column_that_says_where_values_are_missing_is_free():
    form = form_of(SCALED)
    by_name = dict(zip(Features(form).names(), signs(form, {"size": 1}), strict=True))
    assert by_name["size"] == 1 and by_name["size is missing"] == 0


def test_columns_that_are_left_out_take_their_signs_with_them():
    data, y = table()
    for limit in range(1, 8):
        form, x = fit_transform(data, FIELDS, y, RAW, Recipe(select=limit))
        names = Features(form).names()
        found = signs(form, {"age": 1})
        assert len(found) == x.shape[1] == len(names) and [n for n, s in zip(names, found, strict=True) if s] == [n for n in names if n == "age"]


def test_a_step_that_loses_the_order_is_refused():
    form = form_of(RAW, pairs=(("size", "age"),))
    with pytest.raises(ValueError, match="order of `age` is lost in a step of kind product"):
        signs(form, {"age": 1})
    with pytest.raises(ValueError, match="`word` is lost"):
        signs(form, {"word": 1})

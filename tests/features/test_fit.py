"""What is fitted on training rows, against numpy and scikit-learn."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import chi2

from automl.families.base import Needs
from automl.features.categories import RARE
from automl.features.fit import fit_features
from automl.features.recipe import CategoryOptions, Recipe
from automl.inference.features import Features
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Column, Field, Table, column_of
from automl.testing.contract import FIELDS, sample

SCALED, RAW = Needs(scaled=True), Needs(scaled=False, onehot_limit=2)


def fitted(column, kind, needs=SCALED, y=None, **rest):
    """Return the last step of one column's form, and the form."""
    y = np.arange(len(column.values)) % 2 if y is None else y
    form = fit_features(Table({"a": column}, len(y)), [Field("a", kind)], y, needs, **rest)
    return form.config["steps"][-1], form


def test_numbers_are_filled_by_their_median_and_scaled_to_unit_spread():
    step, form = fitted(Column("number", np.array([1.0, 2.0, 9.0, np.nan, np.inf])), "number")
    assert (step["fill"], step["centre"], step["indicator"]) == (2.0, 4.0, True)
    assert step["scale"] == pytest.approx(np.std([1, 2, 9]))
    step, _ = fitted(Column("number", np.arange(10.0)), "number")
    x = Features(form).transform(Table({"a": Column("number", np.array([1.0, 2.0, 9.0]))}, 3))
    assert step["indicator"] is False and x[:, 0].mean() == pytest.approx(0, abs=1e-6) and x[:, 0].std() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("values", [[np.nan] * 4, [3.0] * 4, [1e9 + 0.0, 1e9 + 1e-7] * 2, [0.0] * 4])
def test_numbers_without_spread_are_not_blown_up(values):
    step, form = fitted(Column("number", np.array(values)), "number")
    assert step["scale"] == 1.0
    assert np.abs(Features(form).transform(Table({"a": Column("number", np.array(values))}, 4))[:, 0]).max() < 1e-6


@pytest.mark.parametrize("top", [1e200, np.finfo(float).max])
def test_enormous_numbers_give_a_form_that_can_be_stored(top):
    column = Column("number", np.array([1.0, 2.0, 3.0, top] * 5))
    _, form = fitted(column, "number")
    x = Features(from_bytes(to_bytes(form), "f")).transform(Table({"a": column}, 20))
    assert np.isfinite(x).all()


def test_trees_take_numbers_as_they_are():
    assert fitted(Column("number", np.arange(4.0)), "number", RAW)[0] == {"kind": "raw", "column": "a"}


def test_dates_are_scaled_only_where_asked():
    column = Column("date", np.array([0.0, 86400.0 * 400, np.nan]))
    assert fitted(column, "date", RAW)[0] == {"kind": "date", "column": "a", "parts": ["year", "month", "day", "weekday", "days"], "cyclic": []}
    step, form = fitted(column, "date")
    assert len(step["fill"]) == len(step["centre"]) == len(step["scale"]) == 5 and step["cyclic"] == ["month", "weekday"]
    assert np.isfinite(Features(form).transform(Table({"a": column}, 3))).all()


def test_frequent_levels_get_a_column_of_their_own_and_rare_ones_share():
    words = ["often"] * 9 + ["some"] * RARE + ["rare"] * (RARE - 1) + [None] * 9
    assert fitted(column_of(words), "category")[0] == {"kind": "onehot", "column": "a", "levels": ["often", "some"]}
    assert fitted(column_of(["b", "a", None]), "category")[0]["levels"] == []
    rare = Recipe(categories={"a": CategoryOptions(rare=0.25)})
    assert fitted(column_of(words), "category", recipe=rare)[0]["levels"] == ["often"]
    tiny = Recipe(categories={"a": CategoryOptions(rare=0.01)})
    assert fitted(column_of(words), "category", recipe=tiny)[0]["levels"] == ["often", "some"]


def test_some_levels_become_an_order_by_frequency_for_trees():
    step, _ = fitted(column_of(["b"] * 6 + ["a"] * 6 + ["c"] * 7 + ["d"] * 4), "category", RAW)
    assert step == {"kind": "ordinal", "column": "a", "levels": ["c", "a", "b"]}


def test_levels_that_training_rows_do_not_have_are_not_learned():
    column = Column("coded", np.zeros(10, np.int32), ("seen", "elsewhere"))
    assert fitted(column, "category")[0]["levels"] == ["seen"]


TEXTS = ["good food here", "bad food here", "good place", "bad place", "good good", "the bad"] * 3


def test_rarity_of_terms_is_scikit_learns():
    step, form = fitted(column_of(TEXTS), "text")
    library = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(TEXTS)
    assert sorted(step["terms"]) == sorted(library.vocabulary_)
    expected = [library.idf_[library.vocabulary_[t]] for t in step["terms"]]
    assert np.allclose(form.arrays["idf.a"], expected, atol=1e-6)


def test_terms_kept_are_those_that_tell_most_about_the_class():
    y = np.tile([1, 0, 1, 0, 1, 0], 3)
    step, _ = fitted(column_of(TEXTS), "text", Needs(terms=2), y)
    library = TfidfVectorizer(ngram_range=(1, 2)).fit(TEXTS)
    present = (library.transform(TEXTS) > 0).astype(float)
    best = library.get_feature_names_out()[np.argsort(-chi2(present, y)[0])[:2]]
    assert set(step["terms"]) == set(best) == {"good", "bad"}


def test_terms_of_one_row_and_texts_without_words_are_left_out():
    step, _ = fitted(column_of(["alpha beta", "alpha gamma", None, "!"]), "text")
    assert step["terms"] == ["alpha"]
    step, form = fitted(column_of(["!", "-", None, ""]), "text")
    assert step["terms"] == [] and form.arrays["idf.a"].shape == (0,)


def test_a_text_that_repeats_counts_once_per_row():
    twice = column_of(["alpha beta", "alpha beta", "gamma"])
    step, form = fitted(twice, "text")
    assert set(step["terms"]) == {"alpha", "beta", "alpha beta"}
    assert np.allclose(form.arrays["idf.a"], np.log(4 / 3) + 1)


@pytest.mark.parametrize("needs", [SCALED, RAW, Needs(sparse=True)])
def test_the_form_survives_the_disk_and_takes_any_rows(needs):
    table, y = sample(120)
    form = fit_features(table, FIELDS, y, needs)
    again = from_bytes(to_bytes(form), "f")
    x, same = Features(form).transform(table), Features(again).transform(table)
    assert not isinstance(x, np.ndarray) if needs.sparse else np.array_equal(x, same, equal_nan=True)
    rows = np.arange(7, 12)
    some, dense = Features(again).transform(table.take(rows)), x[rows]
    if needs.sparse:
        some, dense = some.toarray(), dense.toarray()
    assert np.array_equal(some, dense, equal_nan=True)
    assert np.isfinite(dense).all() or not needs.scaled

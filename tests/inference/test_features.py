"""Feature steps as data: against pandas and scikit-learn, and never wider or narrower than their names."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from automl.inference.features import CLIP, DATE_PARTS, Features, date_parts, tokens
from automl.inference.forms import Form
from automl.inference.table import Column, Table, column_of


def transformed(step, column, arrays=None, in_csr=False):
    features = Features(Form("features", {"steps": [{"column": "a", **step}], "sparse": in_csr}, arrays or {}))
    x = features.transform(Table({"a": column}, len(column.values)))
    assert x.dtype == np.float32 and x.shape == (len(column.values), len(features.names()))
    return x


@settings(deadline=None)
@given(st.lists(st.integers(-4_000_000_000, 8_000_000_000), min_size=1, max_size=20))
def test_parts_of_dates_are_those_of_pandas(seconds):
    stamps = pd.to_datetime(pd.Series(seconds), unit="s")
    parts = dict(zip(DATE_PARTS, date_parts(np.array(seconds, np.float64)), strict=True))
    for name in ("year", "month", "day", "weekday", "hour"):
        assert parts[name].tolist() == getattr(stamps.dt, name).tolist(), name
    assert parts["days"].tolist() == [s // 86400 for s in seconds]


def test_a_fraction_of_a_second_before_midnight_is_the_day_before():
    for seconds, day in ((-0.5, "1969-12-31 23:59"), (-86400.25, "1969-12-30 23:59"), (86399.5, "1970-01-01 23:59")):
        stamp, parts = pd.Timestamp(day), [p[0] for p in date_parts(np.array([seconds]))]
        assert parts[:5] == [stamp.year, stamp.month, stamp.day, stamp.weekday(), stamp.hour]


def test_a_missing_date_has_no_parts():
    assert np.isnan(date_parts(np.array([np.nan]))).all()
    x = transformed({"kind": "date"}, Column("date", np.array([np.nan, 0.0])))
    assert np.isnan(x[0]).all() and x[1].tolist() == [1970, 1, 1, 3, 0, 0]


def test_parts_of_dates_are_scaled_and_filled():
    step = {"kind": "date", "fill": [2000] * 6, "centre": [1000] * 6, "scale": [500] * 6}
    x = transformed(step, Column("date", np.array([np.nan, 0.0])))
    assert x[0].tolist() == [2.0] * 6 and x[1, 0] == pytest.approx((1970 - 1000) / 500)


def test_numbers_are_filled_scaled_clipped_and_flagged():
    step = {"kind": "number", "fill": 4.0, "centre": 2.0, "scale": 2.0, "indicator": True}
    x = transformed(step, Column("number", np.array([np.nan, 2.0, 1e9, -np.inf, 3.0])))
    assert x.tolist() == [[1, 1], [0, 0], [CLIP, 0], [1, 1], [0.5, 0]]
    assert transformed({**step, "indicator": False}, Column("number", np.array([1.0]))).tolist() == [[-0.5]]


def test_raw_numbers_keep_what_is_missing():
    x = transformed({"kind": "raw"}, Column("number", np.array([1.5, np.nan, np.inf])))
    assert np.array_equal(x, [[1.5], [np.nan], [np.nan]], equal_nan=True)


def test_raw_numbers_beyond_float32_do_not_become_infinite():
    assert not np.isinf(transformed({"kind": "raw"}, Column("number", np.array([1e39, -1e300, 1.0])))).any()


def test_known_levels_have_their_column_and_the_others_share_one():
    x = transformed({"kind": "onehot", "levels": ["red", "blue"]}, column_of(["blue", "red", "new", None, "red"]))
    assert x.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1], [1, 0, 0]]


def test_levels_in_order_unseen_after_all_missing_as_nan():
    x = transformed({"kind": "ordinal", "levels": ["red", "blue"]}, column_of(["blue", "red", "new", None]))
    assert np.array_equal(x, [[1], [0], [2], [np.nan]], equal_nan=True)


word = st.text("abc é-_1\n", max_size=12)


@given(word, st.sampled_from([(1, 1), (1, 2), (2, 2), (1, 3)]))
def test_tokens_are_those_of_scikit_learn(text, ngrams):
    assert sorted(tokens(text, ngrams)) == sorted(TfidfVectorizer(ngram_range=ngrams).build_analyzer()(text))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("ab AB é", max_size=15), min_size=1, max_size=12), st.booleans(), st.data())
def test_texts_are_those_of_scikit_learn(texts, in_csr, data):
    every = sorted({t for text in texts for t in tokens(text, (1, 2))})
    terms = data.draw(st.lists(st.sampled_from(every), unique=True, min_size=1)) if every else ["none"]
    library = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), vocabulary=terms)
    expected = library.fit_transform(texts).toarray()
    step = {"kind": "tfidf", "ngrams": [1, 2], "terms": terms}
    found = transformed(step, column_of([*texts, None]), {"idf.a": library.idf_.astype(np.float32)}, in_csr)
    assert sparse.issparse(found) is in_csr
    found = found.toarray() if in_csr else found
    assert np.allclose(found[:-1], expected, atol=1e-6) and not found[-1].any()


def test_a_word_said_often_counts_by_its_logarithm():
    texts = ["good good good bad", "bad good", "good"]
    library = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(texts)
    terms = sorted(library.vocabulary_, key=library.vocabulary_.get)
    found = transformed({"kind": "tfidf", "ngrams": [1, 2], "terms": terms}, column_of(texts), {"idf.a": library.idf_.astype(np.float32)})
    assert np.allclose(found, library.transform(texts).toarray(), atol=1e-6)


def test_a_text_column_without_terms_has_no_columns():
    step = {"kind": "tfidf", "ngrams": [1, 2], "terms": []}
    assert transformed(step, column_of(["x y", None]), {"idf.a": np.zeros(0, np.float32)}).shape == (2, 0)


def test_several_steps_stand_side_by_side_and_are_named():
    steps = [
        {"kind": "tfidf", "column": "t", "ngrams": [1, 1], "terms": ["good", "bad"]}, {"kind": "raw", "column": "n"},
        {"kind": "number", "column": "n", "fill": 0.0, "centre": 0.0, "scale": 1.0, "indicator": True},
        {"kind": "onehot", "column": "c", "levels": ["x"]}, {"kind": "ordinal", "column": "c", "levels": ["x"]}, {"kind": "date", "column": "d"},
    ]  # fmt: skip
    features = Features(Form("features", {"steps": steps, "sparse": True}, {"idf.t": np.ones(2, np.float32)}))
    columns = {"t": column_of(["good", "bad"]), "n": column_of([1, None]), "c": column_of(["x", "y"]), "d": Column("date", np.zeros(2))}
    x = features.transform(Table(columns, 2))
    assert sparse.issparse(x) and x.shape == (2, 14)
    assert sorted(features.names()) == sorted(
        ["t: good", "t: bad", "n", "n", "n is missing", "c = x", "c = (other)", "c", *(f"d {part}" for part in DATE_PARTS)]
    )


def test_a_name_belongs_to_the_column_it_stands_over():
    steps = [{"kind": "tfidf", "column": "t", "ngrams": [1, 1], "terms": ["good"]}, {"kind": "raw", "column": "n"}]
    features = Features(Form("features", {"steps": steps, "sparse": False}, {"idf.t": np.ones(1, np.float32)}))
    x = features.transform(Table({"t": column_of(["good"]), "n": column_of([7])}, 1))
    assert dict(zip(features.names(), x[0], strict=True)) == {"n": 7.0, "t: good": 1.0}


def test_no_steps_give_a_matrix_without_columns():
    assert Features(Form("features", {"steps": [], "sparse": False})).transform(Table({}, 3)).shape == (3, 0)

"""A feature form as a whole: steps side by side, named, in order, and some columns left out."""

import numpy as np
import pytest
from scipy import sparse

from automl.inference.features import DATE_PARTS, DENSE, Features, columns_of
from automl.inference.forms import Form
from automl.inference.table import Column, Table, column_of


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


STEPS = [
    {"kind": "tfidf", "column": "t", "ngrams": [1, 1], "terms": ["good", "bad"]}, {"kind": "raw", "column": "n"},
    {"kind": "onehot", "column": "c", "levels": ["x"]}, {"kind": "hash", "column": "t", "ngrams": [1, 1], "buckets": 4},
]  # fmt: skip
TABLE = Table({"t": column_of(["good", "bad bad"]), "n": column_of([7, 8]), "c": column_of(["x", "y"])}, 2)


def features_of(sparse_matrix, **arrays):
    return Features(Form("features", {"steps": STEPS, "sparse": sparse_matrix}, {"idf.t": np.ones(2, np.float32), **arrays}))


@pytest.mark.parametrize("in_csr", [False, True])
def test_some_columns_may_be_left_out(in_csr):
    whole, some = features_of(in_csr), features_of(in_csr, select=np.array([0, 2, 4], np.int32))
    x, kept = whole.transform(TABLE), some.transform(TABLE)
    assert sparse.issparse(kept) is in_csr and some.names() == ["n", "c = (other)", "t: bad"] == [whole.names()[i] for i in (0, 2, 4)]
    assert np.array_equal(x.toarray()[:, [0, 2, 4]] if in_csr else x[:, [0, 2, 4]], kept.toarray() if in_csr else kept)
    assert kept.dtype == np.float32


def test_words_stand_last_and_places_say_where():
    assert features_of(True).places() == [(1, 0, 1), (2, 1, 2), (0, 3, 2), (3, 5, 4)]
    assert (features_of(True).n_dense, features_of(True).n_columns) == (3, 9)


def test_learning_rows_may_have_values_of_their_own():
    given = {1: np.array([[3.0], [4.0]]), 2: np.array([[0.5, 0.25]] * 2)}
    x = features_of(False).transform(TABLE, given)
    assert x[:, 0].tolist() == [3, 4] and x[:, 1:3].tolist() == [[0.5, 0.25]] * 2 and np.array_equal(x[:, 3:], features_of(False).transform(TABLE)[:, 3:])


def test_csr_without_words_is_dense():
    form = Form("features", {"steps": STEPS[1:2], "sparse": True})
    assert not Features(form).sparse and isinstance(Features(form).transform(TABLE), np.ndarray)


def test_the_columns_a_step_reads():
    assert columns_of({"kind": "raw", "column": "n"}) == ["n"] and columns_of({"kind": "product", "columns": ["a", "b"]}) == ["a", "b"]


def test_a_step_of_another_version_is_refused():
    with pytest.raises(KeyError):
        Features(Form("features", {"steps": [{"kind": "unheard of", "column": "n"}], "sparse": False}))
    assert set(DENSE) & {"number", "raw", "onehot", "ordinal", "date"}


def test_few_rows_are_written_as_many_are():
    steps = [{"kind": "raw", "column": "a"}, {"kind": "ordinal", "column": "c", "levels": ["x", "y", "z"]}, {"kind": "raw", "column": "b"}]
    rng = np.random.default_rng(0)
    wild = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 3.5])
    codes = rng.integers(-1, 4, 60).astype(np.int32)
    table = Table(
        {"a": Column("number", rng.choice(wild, 60)), "b": Column("number", rng.normal(size=60)), "c": Column("coded", codes, ("z", "q", "y", "x"))}, 60
    )
    features = Features(Form("features", {"steps": steps, "sparse": False}, {}))
    whole = features.transform(table)
    assert np.array_equal(np.concatenate([features.transform(table.part(i, i + 1)) for i in range(60)]), whole, equal_nan=True)

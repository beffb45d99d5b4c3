"""Tables under one another."""

import numpy as np
import pytest

from automl.data.sources.stack import as_text, mixed, same_columns, stack
from automl.errors import DataError
from automl.inference.table import Column, Table

from .helpers import cells


def number(*values):
    return Column("number", np.array(values, dtype=float))


def coded(*values):
    levels = tuple(dict.fromkeys(v for v in values if v is not None))
    return Column("coded", np.array([-1 if v is None else levels.index(v) for v in values], dtype=np.int32), levels)


def tables(*columns):
    return [Table({"c": c}, len(c.values)) for c in columns]


def test_numbers_stay_numbers_and_levels_meet():
    assert stack(tables(number(1, np.nan), number(3))).columns["c"].values[[0, 2]].tolist() == [1, 3]
    joined = stack(tables(coded("x", None), coded("y", "x"))).columns["c"]
    assert cells(joined) == ["x", None, "y", "x"] and joined.levels == ("x", "y") and joined.values.dtype == np.int32


def test_numbers_meet_text_as_text():
    assert cells(stack(tables(number(1, np.nan, 2.5), coded("x"))).columns["c"]) == ["1", None, "2.5", "x"]
    dates = Column("date", np.array([0.0, 86400.0, np.nan]))
    assert cells(stack(tables(dates, coded("x"))).columns["c"]) == ["1970-01-01", "1970-01-02", None, "x"]
    assert cells(as_text(Column("date", np.array([0.5])))) == ["1970-01-01T00:00:00.500"]
    assert cells(as_text(number(np.inf, -0.0))) == ["inf", "0"] or cells(as_text(number(np.inf, -0.0))) == ["inf", "-0"]


def test_a_column_without_a_value_takes_the_kind_of_the_others():
    joined = stack(tables(coded(None, None), number(1))).columns["c"]
    assert joined.kind == "number" and np.isnan(joined.values[:2]).all() and joined.values[2] == 1
    assert mixed(tables(coded(None), number(1))) == [] and mixed(tables(coded("x"), number(1))) == ["c"]


def test_columns_that_some_tables_lack_are_missing_there():
    joined = stack([Table({"a": number(1)}, 1), Table({"b": coded("x"), "a": number(2)}, 1), Table({}, 2)])
    assert list(joined.columns) == ["a", "b"] and joined.n_rows == 4
    assert cells(joined.columns["b"]) == [None, "x", None, None] and np.isnan(joined.columns["a"].values[2:]).all()


def test_one_table_is_itself():
    one = tables(number(1))
    assert stack(one) is one[0]


@pytest.mark.parametrize(("names", "words"), [(["a"], "missing: `b`"), (["a", "b", "c"], "extra: `c`"), (["a", "B"], "missing: `b`; extra: `B`")])
def test_a_file_with_other_columns_is_refused_by_name(names, words):
    with pytest.raises(DataError) as caught:
        same_columns(["a", "b"], "first.csv", names, "second.csv")
    assert words in caught.value.problem and "second.csv has other columns than first.csv" in caught.value.problem
    same_columns(["a", "b"], "first.csv", ["b", "a"], "second.csv")

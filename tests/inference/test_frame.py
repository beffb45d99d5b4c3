"""A pandas frame becomes a table: every type a column may have, in its cheapest way, with the same result."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from automl.errors import DataError
from automl.inference.frame import table_of_frame
from automl.inference.table import Field, Table, column_of, conform


def cells(column):
    return [None if code < 0 else column.levels[code] for code in column.values]


@pytest.mark.parametrize(
    ("series", "kind", "values"),
    [
        (pd.Series([1, 2]), "number", [1, 2]),
        (pd.Series([1, None], dtype="Int64"), "number", [1, np.nan]),
        (pd.Series([1.5, None]), "number", [1.5, np.nan]),
        (pd.Series([True, False]), "coded", ["True", "False"]),
        (pd.Series([True, None], dtype="boolean"), "coded", ["True", None]),
        (pd.Series(["x", None], dtype=object), "coded", ["x", None]),
        (pd.Series(["x", None], dtype="string"), "coded", ["x", None]),
        (pd.Series([3, None, 3], dtype="category"), "coded", ["3", None, "3"]),
        (pd.Series([1, "x", 1.0, None], dtype=object), "coded", ["1", "x", "1", None]),
        (pd.Series(pd.to_datetime(["2024-01-31", None])), "date", [1706659200.0, np.nan]),
        (pd.Series(pd.to_datetime(["2024-01-31 02:00", None])).dt.tz_localize("Europe/Kyiv"), "date", [1706659200.0, np.nan]),
        (pd.Series(pd.to_datetime(["2024-01-31"])).astype("timestamp[us][pyarrow]"), "date", [1706659200.0]),
        (pd.Series(pd.to_datetime(["2024-01-31"])).astype("date32[pyarrow]"), "date", [1706659200.0]),
    ],
)
def test_columns_of_a_frame(series, kind, values):
    column = table_of_frame(pd.DataFrame({7: series})).columns["7"]
    if kind == "date":
        column = conform(Table({"7": column}, len(series)), [Field("7", "date")]).columns["7"]
    assert column.kind == kind
    assert cells(column) == values if kind == "coded" else np.array_equal(column.values, values, equal_nan=True)


@pytest.mark.parametrize("dtype", [object, "str", "string[python]", "string[pyarrow]", "category", pd.ArrowDtype(pa.string())], ids=str)
def test_texts_have_their_levels_in_order_of_appearance_however_they_are_stored(dtype):
    values = ["b", "", None, "é", "b", "a", None]
    frame = pd.DataFrame({"a": pd.Series(values, dtype=dtype)})
    for given, expected in ((frame, values), (frame.iloc[3:], values[3:]), (pd.concat([frame, frame]), values * 2), (frame[:0], [])):
        column = table_of_frame(given).columns["a"]
        assert column.values.dtype == np.int32 and cells(column) == expected
        assert column.levels == column_of(expected).levels or dtype == "category"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.uint64, "Int64", "Float32", "int64[pyarrow]", "double[pyarrow]"], ids=str)
def test_numbers_become_double_and_the_frame_stays_as_it_is(dtype):
    frame = pd.DataFrame({"a": pd.Series([1, 0, 7], dtype=dtype)})
    values = table_of_frame(frame).columns["a"].values
    assert values.dtype == np.float64 and values.tolist() == [1, 0, 7]
    if values.flags.writeable:
        values[0] = 5
    assert frame["a"].tolist() == [1, 0, 7]


def test_two_columns_of_one_name_are_refused():
    with pytest.raises(DataError, match="`a` occurs twice"):
        table_of_frame(pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]))
    with pytest.raises(DataError, match="`1` occurs twice"):
        table_of_frame(pd.DataFrame([[1, 2]], columns=[1, "1"]), ["1"])


def test_labels_may_be_anything():
    frame = pd.DataFrame([[1, "x", 2.5, "y"]], columns=[7, True, ("a", "b"), None])
    assert list(table_of_frame(frame).columns) == ["7", "True", "('a', 'b')", "None"]
    assert cells(table_of_frame(frame).columns["None"]) == ["y"]


def test_only_what_is_needed_is_read_unless_something_is_missing():
    frame = pd.DataFrame({"b": [1], "a": ["x"], "more": ["y"]})
    assert list(table_of_frame(frame, ["a", "b"]).columns) == ["b", "a"]
    assert list(table_of_frame(frame, ["a", "mor"]).columns) == ["b", "a", "more"]
    assert table_of_frame(frame, []).n_rows == 1


def test_few_texts_are_read_as_many_are():
    frame = pd.DataFrame({"a": pd.array(["x", None, "y", "x", "", "z", "nan", None, "w", "y", "x"], dtype="str")})
    many = table_of_frame(frame).columns["a"]
    for start in range(len(frame)):
        few = table_of_frame(frame.iloc[start : start + 3]).columns["a"]
        texts = [None if code < 0 else few.levels[code] for code in few.values]
        assert few.kind == "coded" and texts == [None if code < 0 else many.levels[code] for code in many.values[start : start + 3]]

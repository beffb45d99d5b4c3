"""A value means the same however it comes in: as a csv cell, in a frame, in a mapping."""

import json
import math
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from automl.errors import DataError
from automl.inference.frame import table_of_frame
from automl.inference.table import (
    Column,
    Field,
    Table,
    canonical,
    column_of,
    conform,
    numbers_of,
    parse_number,
    recode,
    seconds_of,
    spelling,
    spread,
    table_of_row,
)


def cells(column):
    return [None if code < 0 else column.levels[code] for code in column.values]


def conformed(values, field):
    return conform(Table({"a": column_of(values)}, len(values)), [field]).columns["a"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (math.nan, None),
        (np.float32("nan"), None),
        (1, "1"),
        (1.0, "1"),
        (-0.0, "0"),
        (1.5, "1.5"),
        ("1.0", "1.0"),
        (True, "True"),
        (1e20, "1e+20"),
    ],
)
def test_the_text_of_a_value(value, text):
    assert canonical(value) == text


@given(st.floats(allow_nan=False))
def test_the_text_of_a_number_reads_as_the_number(value):
    assert parse_number(canonical(value)) == value


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        (" 1.5 ", ".", 1.5),
        ("1e3", ".", 1000),
        ("1,5", ",", 1.5),
        ("1,5", ".", None),
        ("1_000", ".", None),
        ("1.234,5", ",", None),
        ("x", ".", None),
        ("", ".", None),
    ],
)
def test_numbers_in_text(text, decimal, number):
    found = parse_number(text, decimal)
    assert math.isnan(found) if number is None else found == number
    assert np.array_equal(numbers_of([text], decimal), [found], equal_nan=True)


@pytest.mark.parametrize("text", ["2024-01-31", "2024/1/31", "2024-01-31T05:06:07", "2024-01-31 05:06:07+02:00", "1969-12-31 23:59", "31.01.2024"])
def test_dates_are_seconds_in_utc(text):
    stamp = pd.Timestamp(text) if text[2] != "." else pd.Timestamp("2024-01-31")
    assert seconds_of([text])[0] == stamp.timestamp()


def test_what_is_no_date_is_missing():
    found = seconds_of(["2024-01-01", "soon", "2024-13-45"])
    assert np.isfinite(found).tolist() == [True, False, False] and len(seconds_of([])) == 0


def test_a_day_first_column_reads_one_way():
    days = ["13/02/2024", "02/03/2024"]
    assert seconds_of(days, day_first=True).tolist() == [pd.Timestamp("2024-02-13").timestamp(), pd.Timestamp("2024-03-02").timestamp()]


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8), st.data())
def test_recoding_keeps_the_cells(levels, data):
    codes = data.draw(st.lists(st.integers(-1, len(levels) - 1), max_size=20))
    column = recode(levels, np.array(codes, dtype=np.int32))
    assert cells(column) == [None if c < 0 else levels[c] for c in codes]
    assert len(set(column.levels)) == len(column.levels) and column.values.dtype == np.int32


@given(st.lists(st.integers(-1, 5), min_size=1, max_size=30), st.data())
def test_taking_rows_keeps_their_cells(codes, data):
    column = Column("coded", np.array(codes, np.int32), tuple("uvwxyz"))
    rows = data.draw(st.lists(st.integers(0, len(codes) - 1), max_size=10))
    taken = Table({"a": column}, len(codes)).take(np.array(rows, np.int64))
    assert cells(taken.columns["a"]) == [cells(column)[i] for i in rows] and taken.n_rows == len(rows)
    assert len(taken.columns["a"].levels) <= max(6, len(rows))


def test_taking_few_rows_drops_the_levels_that_are_gone():
    column = Column("coded", np.arange(100, dtype=np.int32), tuple(f"text {i}" for i in range(100)))
    assert column.take(np.array([7, 3])).levels == ("text 3", "text 7")


def test_spreading_gives_nan_for_missing():
    assert np.array_equal(spread(np.array([1.0, 2.0]), np.array([1, -1, 0], np.int32)), [2, np.nan, 1], equal_nan=True)


def test_conform_orders_and_drops_columns():
    table = Table({"b": column_of(["x"]), "a": column_of([1]), "c": column_of([2])}, 1)
    assert list(conform(table, [Field("a", "number"), Field("b", "category")]).columns) == ["a", "b"]


def test_a_missing_column_is_named_with_its_neighbour():
    table = Table({"Size": column_of([1])}, 1)
    with pytest.raises(DataError, match="columns `size`, `q` are missing") as caught:
        conform(table, [Field("size", "number"), Field("q", "number")])
    assert caught.value.fix == "did you mean `Size`?"


def test_a_cell_that_is_no_number_is_named_with_its_row():
    with pytest.raises(DataError, match="'much' is not a number") as caught:
        conformed(["1", None, "much", "more"], Field("a", "number"))
    assert caught.value.where == "column `a`, data row 3"


def test_numbers_come_from_text_or_numbers():
    assert np.array_equal(conformed(["1", None, "2.5", "nan"], Field("a", "number")).values, [1, np.nan, 2.5, np.nan], equal_nan=True)
    assert np.array_equal(conformed(["1,5", None], Field("a", "number", decimal=",")).values, [1.5, np.nan], equal_nan=True)
    assert np.array_equal(conformed([1, None], Field("a", "number")).values, [1, np.nan], equal_nan=True)


@pytest.mark.parametrize("values", [["1", "2.50", None], [1, 2.5, None], ["1.0", 2.5, None]])
def test_categories_written_as_numbers_are_one_level_in_every_form(values):
    assert cells(conformed(values, Field("a", "category", numeric_levels=True))) == ["1", "2.5", None]


@pytest.mark.parametrize("values", [["1,0", "2,50", None], [1, 2.5, None]])
def test_categories_written_with_a_decimal_comma_are_one_level_in_every_form(values):
    assert cells(conformed(values, Field("a", "category", numeric_levels=True, decimal=","))) == ["1", "2.5", None]


def test_categories_that_are_texts_stay_as_written():
    assert cells(conformed(["01", "1", None], Field("a", "category"))) == ["01", "1", None]


def test_dates_from_text_and_from_stamps_agree():
    frame = table_of_frame(pd.DataFrame({"a": pd.to_datetime(["2024-01-31", None])}))
    text = conformed(["2024-01-31", None], Field("a", "date"))
    assert np.array_equal(conform(frame, [Field("a", "date")]).columns["a"].values, text.values, equal_nan=True)


def test_a_row_is_a_table_of_one():
    table = table_of_row({"a": 1, "b": "x", "c": None, "d": np.int64(3), "e": True})
    assert table.n_rows == 1 and {n: c.kind for n, c in table.columns.items()} == {"a": "number", "b": "coded", "c": "number", "d": "number", "e": "coded"}
    assert cells(table.columns["e"]) == ["True"] and np.isnan(table.columns["c"].values[0])


@pytest.mark.parametrize("nothing", [None, math.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("kind", ["number", "category", "text", "date"])
def test_every_way_to_say_missing_is_missing(nothing, kind):
    column = conformed([nothing], Field("a", kind))
    assert column.values[0] == -1 if column.kind == "coded" else np.isnan(column.values[0])


def test_levels_are_taken_for_others_after_their_spelling_was_settled():
    assert cells(conformed(["NYC", "New York", "LA", None], Field("a", "category", aliases={"NYC": "New York"}))) == ["New York", "New York", "LA", None]
    assert cells(conformed(["1.0", "2", "3"], Field("a", "category", numeric_levels=True, aliases={"1": "2"}))) == ["2", "2", "3"]
    assert cells(conformed(["TRUE", "no"], Field("a", "category", aliases={"no": "False"}))) == ["True", "False"]
    assert cells(conformed(["n/k", "fine day"], Field("a", "text", aliases={"n/k": "unknown"}, absent=("unknown",)))) == [None, "fine day"]


@pytest.mark.parametrize(
    ("values", "field", "expected"),
    [
        (["?", " ? ", "x", "unknown", None], Field("a", "category", absent=("?", "unknown")), [None, None, "x", None, None]),
        (["-999", "-999.0", "3"], Field("a", "category", numeric_levels=True, absent=("-999",)), [None, None, "3"]),
        ([-999, 3.0, None], Field("a", "category", numeric_levels=True, absent=("-999.0",)), [None, "3", None]),
        ([-999, 3], Field("a", "text", absent=("-999",)), [None, "3"]),
    ],
)
def test_levels_that_mean_missing_are_missing(values, field, expected):
    column = conformed(values, field)
    assert cells(column) == expected and set(column.levels) == {e for e in expected if e is not None}


@pytest.mark.parametrize("values", [[-999, 1.5, 9999, None], ["-999", "1.5", "9999.0", None], ["-999.00", "1.5", "9999", ""], [" -999", "1.5", "n/a", "none"]])
def test_numbers_that_mean_missing_are_missing_in_every_form(values):
    field = Field("a", "number", absent=("-999", "9999", "n/a", "none", ""))
    assert np.array_equal(conformed(values, field).values, [np.nan, 1.5, np.nan, np.nan], equal_nan=True)


def test_words_among_numbers_are_an_error_unless_the_schema_is_lenient():
    with pytest.raises(DataError, match="'many' is not a number"):
        conformed(["1", "many"], Field("a", "number"))
    assert np.array_equal(conformed(["1", "many", None], Field("a", "number", lenient=True)).values, [1, np.nan, np.nan], equal_nan=True)
    with pytest.raises(DataError, match="'many' is not a number"):
        conformed(["?", "many"], Field("a", "number", absent=("?",)))


def test_infinite_numbers_stay_as_they_are():
    field = Field("a", "number", absent=("-999",), lenient=True)
    assert conformed([math.inf, -math.inf], field).values.tolist() == conformed(["inf", "-inf"], field).values.tolist() == [math.inf, -math.inf]


@pytest.mark.parametrize("absent", ["1900-01-01", "01.01.1900"])
def test_dates_that_mean_missing_are_missing_in_every_form(absent):
    field = Field("a", "date", absent=(absent, "never"))
    stamps = conform(table_of_frame(pd.DataFrame({"a": pd.to_datetime(["1900-01-01", "2024-01-31"])})), [field]).columns["a"].values
    text = conformed(["1900-01-01", "2024-01-31", "never"], field).values
    assert np.array_equal(stamps, text[:2], equal_nan=True) and np.isnan(text).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (["a", "b", "?", None], Field("x", "category", aliases={"a": "b"}, absent=("?",))), (["1.0", "2", "-9"], Field("x", "category", True, absent=("-9",))),
        (["1", "-9", "w"], Field("x", "number", absent=("-9",), lenient=True)), (["2024-01-31", "1900-01-01"], Field("x", "date", absent=("1900-01-01",))),
    ],
)  # fmt: skip
def test_what_was_cleaned_stays_as_it_is(values, field):
    once = conform(Table({"x": column_of(values)}, len(values)), [field])
    twice = conform(once, [field]).columns["x"]
    assert twice.levels == once.columns["x"].levels and np.array_equal(twice.values, once.columns["x"].values, equal_nan=twice.kind != "coded")


def test_a_field_survives_json_and_older_ones_are_read():
    field = Field("a", "category", True, ",", True, {"x": "y"}, ("?", "-9"), True)
    assert Field.from_dict(json.loads(json.dumps(asdict(field)))) == field
    assert Field.from_dict({"name": "a", "kind": "number", "numeric_levels": False, "decimal": ".", "day_first": False}) == Field("a", "number")
    with pytest.raises(TypeError):
        Field.from_dict({"name": "a", "kind": "number", "unknown": 1})


def test_aliases_hold_for_every_spelling():
    field = Field("town", "category", aliases={"sao paulo": "São Paulo", "NYC": "New York"})
    column = conform(Table({"town": column_of(["SAO  Paulo", "São Paulo", "são paulo ", "NYC", "Rome", None])}, 6), [field]).columns["town"]
    assert [column.levels[c] if c >= 0 else None for c in column.values] == ["São Paulo"] * 3 + ["New York", "Rome", None]
    assert spelling("  Ärger   im BÜRO ") == "arger im buro"


def test_part_of_a_table_is_what_taking_these_rows_gives():
    levels = tuple(f"v{i}" for i in range(6))
    table = Table({"a": Column("number", np.arange(9.0)), "b": Column("coded", np.array([0, 1, 2, 3, 4, 5, -1, 0, 2], np.int32), levels)}, 9)
    for start, stop in ((0, 9), (2, 9), (5, 8), (4, 4)):
        part, taken = table.part(start, stop), table.take(np.arange(start, stop))
        assert part.n_rows == taken.n_rows and part.columns["a"].values.tolist() == taken.columns["a"].values.tolist()
        assert part.columns["b"].levels == taken.columns["b"].levels and part.columns["b"].values.tolist() == taken.columns["b"].values.tolist()


@pytest.mark.parametrize("value", [1, 2.5, "x", "", None, True, np.float32(3), np.int64(4), float("nan"), "nan"], ids=repr)
def test_a_cell_is_what_a_column_of_it_is(value):
    cell, column = table_of_row({"a": value}).columns["a"], column_of([value])
    assert cell.kind == column.kind and cell.levels == column.levels and cell.values.dtype == column.values.dtype
    assert np.array_equal(cell.values, column.values, equal_nan=cell.kind == "number")

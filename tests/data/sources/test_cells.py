"""Texts that mean missing, and numbers that are written another way."""

import pyarrow as pa
import pytest

from automl.data.sources.cells import Cells, coded
from automl.spec.sections.data import Csv

from .helpers import cells, coded_note, read


def column_notes(tmp_path, values, options=None, mark=";"):
    return read(tmp_path, f"a{mark}b\n" + "".join(f"{v}{mark}1\n" for v in values), options)


def test_words_of_the_rule_among_words_are_told_with_their_count_and_the_key(tmp_path):
    raw = column_notes(tmp_path, ["DE", "NA", "FR", "NA", "US"])
    note = coded_note(raw.notes, "W306")
    assert "`NA` (2 cells) in `a`" in note and "data.csv.missing" in note
    assert cells(raw.table.columns["a"])[1] is None
    assert "`None`" in coded_note(column_notes(tmp_path, ["Smith", "None", "Müller-Lüdenscheidt", "de Vries"]).notes, "W306")


@pytest.mark.parametrize("values", [["1", "NA", "2"], ["DE", "", "FR"], ["a1", "NA", "b2"], ["NA", "NA"], ["DE", "N/A"]])
def test_the_rule_is_not_told_where_it_cannot_mislead(tmp_path, values):
    assert not [n for n in column_notes(tmp_path, values).notes if "W306" in n]


def test_with_the_key_they_are_values(tmp_path):
    raw = column_notes(tmp_path, ["DE", "NA", ""], Csv(missing=[""]))
    assert cells(raw.table.columns["a"]) == ["DE", "NA", None] and not [n for n in raw.notes if "W306" in n]


@pytest.mark.parametrize("values", [["1,5", "2,25", "3"], ["1.234,56", "12,1", "7,0"], ["-1,5", " 2,5 ", "0,1"]])
def test_decimal_commas_are_told_with_the_key(tmp_path, values):
    note = coded_note(column_notes(tmp_path, values * 5).notes, "W305")
    assert "`a`" in note and "data.csv.decimal" in note and "decimal comma" in note


@pytest.mark.parametrize("values", [["1,234", "12,000,000"], ["1,234.50", "999", "3"]])
def test_grouped_digits_are_told_apart(tmp_path, values):
    assert "grouped digits" in coded_note(column_notes(tmp_path, values * 5).notes, "W305")


@pytest.mark.parametrize("values", [["1.5", "2.5"], ["a,b", "c,d"], ["1,5", "x", "y", "z"], ["2024-01-01", "2024-01-02"]])
def test_other_columns_are_not(tmp_path, values):
    assert not [n for n in column_notes(tmp_path, values * 5).notes if "W305" in n]


def test_with_the_decimal_comma_points_group(tmp_path):
    raw = column_notes(tmp_path, ["1.234,5", "7", "1.000.000"], Csv(decimal=","))
    assert cells(raw.table.columns["a"]) == ["1234,5", "7", "1000000"] and len(raw.notes) == 1
    raw = column_notes(tmp_path, ["1.234,5", "v1.2", "1.000"], Csv(decimal=","))
    assert cells(raw.table.columns["a"]) == ["1.234,5", "v1.2", "1.000"]


def test_whole_numbers_that_are_too_long(tmp_path):
    raw = column_notes(tmp_path, [str(2**63 + i) for i in range(20)])
    assert "`a`" in coded_note(raw.notes, "W304") and cells(raw.table.columns["a"])[0] == str(2**63)
    assert not [n for n in column_notes(tmp_path, ["123456789012"] * 5 + ["x" * 30]).notes if "W304" in n]


def test_a_column_that_comes_in_parts_is_counted_as_one():
    found = Cells(["NA"], ".")
    for texts in (["x", "NA"], ["NA", "y"]):
        column = found.settled("c", coded(pa.chunked_array([texts])))
    found.look("c", column)
    assert "(2 cells)" in found.notes()[0]


def test_null_is_missing_and_booleans_are_words():
    assert cells(coded(pa.chunked_array([["x", None], ["x"]]))) == ["x", None, "x"]
    assert cells(coded(pa.chunked_array([[True, None]]))) == ["True", None]
    assert cells(coded(pa.chunked_array([], type=pa.string()))) == []

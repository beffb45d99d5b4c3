"""JSON lines: the union of keys, exact faults, and the same columns whichever way they are read."""

import json

import numpy as np
import pytest

from automl.data.sources import lines
from automl.data.sources.lines import read_lines

from .helpers import cells, coded_note, read, refused


def written(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_columns_are_the_union_of_the_keys(tmp_path):
    table = read(tmp_path, written({"a": 1, "b": "x"}, {"b": None, "c": True}, {"a": 2.5}), name="t.jsonl").table
    assert list(table.columns) == ["a", "b", "c"] and table.n_rows == 3
    assert cells(table.columns["b"]) == ["x", None, None] and cells(table.columns["c"]) == [None, "True", None]
    assert np.array_equal(table.columns["a"].values, [1, np.nan, 2.5], equal_nan=True)


def test_texts_that_look_like_dates_or_nothing_stay_texts(tmp_path):
    table = read(tmp_path, written({"d": "2024-01-01", "e": "", "n": "NA"}), name="t.jsonl").table
    assert [cells(table.columns[c]) for c in "den"] == [["2024-01-01"], [""], ["NA"]]


ROWS = [{"a": i, "b": f"x{i % 3}", "c": i % 2 == 0, "d": None if i % 5 else i / 3, "e": f"2024-01-{i % 28 + 1:02}"} for i in range(50)]


def test_both_ways_of_reading_agree(monkeypatch):
    data = written(*ROWS).encode()
    fast = read_lines(data, "t")[0]
    monkeypatch.setattr(lines, "_fast", lambda data: None)
    slow = read_lines(data, "t")[0]
    assert list(fast.columns) == list(slow.columns)
    for name, column in fast.columns.items():
        assert column.kind == slow.columns[name].kind and column.levels == slow.columns[name].levels
        assert np.array_equal(column.values, slow.columns[name].values, equal_nan=True), name


def test_columns_of_several_types_and_numbers_without_end(tmp_path):
    table = read(tmp_path, written({"a": 1, "n": 2**70}, {"a": "x", "n": 1}, {"a": True}, {"a": 2.0}), name="t.jsonl").table
    assert cells(table.columns["a"]) == ["1", "x", "True", "2"] and table.columns["n"].values[0] == 2.0**70


def test_lists_and_objects_are_left_out_with_a_note(tmp_path):
    raw = read(tmp_path, written({"a": 1, "tags": [1], "o": {"x": 1}}, {"a": 2}), name="t.jsonl")
    assert list(raw.table.columns) == ["a"] and len([n for n in raw.notes if "W307" in n]) == 2
    raw = read(tmp_path, written({"a": 1, "m": [1]}, {"a": 2, "m": "x"}), name="t.jsonl")
    assert cells(raw.table.columns["m"]) == [None, "x"] and "1 cells" in coded_note(raw.notes, "W307")


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        ('{"a": 1}\n{"a": \n', "line 2", "no JSON object"),
        ('{"a": 1}\n\n[1, 2]\n', "line 3", "no JSON object"),
        ('{"a": 1}\n7\n', "line 2", "no JSON object"),
        ('{"a": 1, "a": 2}\n', "line 1", "`a` occurs twice"),
        ('[{"a": 1},\n {"a": 2}]\n', "line 1", "no JSON object"),
        ('{"a": 1}\n{"a": ' + "[" * 100_000 + "\n", "line 2", "nested too deep"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "line 2", "not UTF-8"),
    ],
)
def test_a_fault_is_named_by_its_line(tmp_path, content, where, words):
    fault = refused(tmp_path, content, name="t.jsonl")
    assert fault.where == f"t.jsonl, {where}" and words in fault.problem


def test_a_file_without_columns(tmp_path):
    assert "no column" in refused(tmp_path, written({"tags": [1]}), name="t.jsonl").problem


def test_a_mark_and_windows_ends_do_no_harm(tmp_path):
    assert read(tmp_path, b"\xef\xbb\xbf" + b'{"a": 1}\r\n\r\n{"a": 2}', name="t.jsonl").table.n_rows == 2

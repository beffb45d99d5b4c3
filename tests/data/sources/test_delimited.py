"""Csv to raw columns: what the dialect may be, which cells are missing, and how a fault is told."""

import csv
import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.sources.delimited import Quotes, header_bytes, read_delimited
from automl.data.sources.raw import MISSING
from automl.errors import DataError
from automl.spec.sections.data import Csv

from .helpers import cells, coded_note, read, refused


def test_cells_stay_text(tmp_path):
    raw = read(tmp_path, "a,b\n1.0,x\n01,y\n")
    assert cells(raw.table.columns["a"]) == ["1.0", "01"] and cells(raw.table.columns["b"]) == ["x", "y"]
    assert raw.table.n_rows == 2 and raw.notes == ()


@pytest.mark.parametrize("word", MISSING)
def test_the_usual_texts_mean_missing_quoted_or_not(tmp_path, word):
    column = read(tmp_path, f'a,b\n{word},1\n"{word}",1\nx,1\n').table.columns["a"]
    assert cells(column) == [None, None, "x"] and column.levels == ("x",)


def test_texts_given_as_missing_replace_the_usual_ones(tmp_path):
    column = read(tmp_path, "a,b\n?,1\nNA,1\n", Csv(missing=["?"])).table.columns["a"]
    assert cells(column) == [None, "NA"]


def test_quoted_newlines_separators_and_quotes(tmp_path):
    column = read(tmp_path, 'a,b\n"one\ntwo, ""three""",1\nx,2\n').table.columns["a"]
    assert cells(column) == ['one\ntwo, "three"', "x"]


@pytest.mark.parametrize("last", ["", "end"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "mixed"])
def test_line_ends_do_not_matter(tmp_path, end, last):
    lines = ["a,b", *(f"{i},x{i}" for i in range(2000))]
    ends = ["\n", "\r\n", "\r"] if end == "mixed" else [end]
    text = "".join(line + ends[i % len(ends)] for i, line in enumerate(lines))
    table = read(tmp_path, text if last else text.rstrip("\r\n")).table
    assert list(table.columns) == ["a", "b"] and cells(table.columns["b"]) == [f"x{i}" for i in range(2000)]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_the_separator_is_found_and_noted(tmp_path, mark):
    raw = read(tmp_path, f"a{mark}b\n1,5{mark}x\n")
    assert cells(raw.table.columns["a"]) == ["1,5"] and repr(mark) in raw.notes[0]


@pytest.mark.parametrize("mark", [",", "§", " "])
def test_a_separator_that_was_given_is_not_guessed(tmp_path, mark):
    raw = read(tmp_path, f"a;b{mark}c\n1;2{mark}3\n", Csv(separator=mark))
    assert list(raw.table.columns) == ["a;b", "c"] and cells(raw.table.columns["c"]) == ["3"] and raw.notes == ()


def test_without_header_every_line_is_a_row(tmp_path):
    table = read(tmp_path, "1,x\n2,y\n", Csv(header=False)).table
    assert list(table.columns) == ["c1", "c2"] and cells(table.columns["c1"]) == ["1", "2"]
    assert "the first row has 2 values" in refused(tmp_path, "1,x\n2,y,z\n3,w\n", Csv(header=False)).problem


@pytest.mark.parametrize(("encoding", "option"), [
    ("utf-8-sig", None), ("cp1252", "cp1252"), ("utf-16", "utf-16"), ("utf-8-sig", "utf-8"), ("utf-16", None), ("utf-32", None), ("utf-16-be", "utf-16-be"),
])  # fmt: skip
def test_encodings(tmp_path, encoding, option):
    raw = read(tmp_path, "ä,b\nö,1\n".encode(encoding), Csv(encoding=option))
    assert list(raw.table.columns) == ["ä", "b"] and cells(raw.table.columns["ä"]) == ["ö"]
    assert (raw.notes != ()) == (option is None and encoding != "utf-8-sig")


def test_big_endian_with_its_mark(tmp_path):
    raw = read(tmp_path, b"\xfe\xff" + "a,b\nö,1\n".encode("utf-16-be"))
    assert cells(raw.table.columns["a"]) == ["ö"] and "utf-16-be" in raw.notes[0]


def test_an_encoding_that_makes_two_letters_of_one_is_told(tmp_path):
    assert "valid UTF-8" in coded_note(read(tmp_path, "a,b\nö,1\n", Csv(encoding="cp1252")).notes, "W304")
    assert read(tmp_path, "a,b\no,1\n", Csv(encoding="cp1252")).notes == ()


@pytest.mark.parametrize(("content", "where", "byte"), [
    (b"a,b\n1,2\n\xe9,1\n", "line 3", 8), (b"a,b\r1,2\r\xe9,1\r", "line 3", 8), (b"\xe9,b\n1,2\n", "line 1", 0), (b"\xef\xbb\xbfa,b\n\xe9,2\n", "line 2", 7),
])  # fmt: skip
def test_a_byte_that_is_not_utf8_is_named_with_its_place_and_the_key(tmp_path, content, where, byte):
    fault = refused(tmp_path, content)
    assert fault.where == f"t.csv, {where}" and fault.problem == f"byte {byte} is not UTF-8" and "data.csv.encoding" in fault.fix


def test_nul_bytes_are_counted_and_placed(tmp_path):
    fault = refused(tmp_path, b"a,b\n1,2\n3,x\0y\n\0,1\n")
    assert "2 NUL bytes" in fault.problem and fault.where == "t.csv, line 3"
    assert "utf-16-le" in refused(tmp_path, "a,b\n1,2\n".encode("utf-16-le")).fix


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3", "this row has 3 values"),
        ('a,b\n"x\ny",2\n1,2,3\n', "line 4", "this row has 3 values"),
        ('a,b\r\n"x\r\ny",2\r\n\r\n1,2,3\r\n', "line 5", "this row has 3 values"),
        ("a,b\n" + "1,2\n" * 300_000 + "1,2,3\n", "line 300002", "the header has 2 names"),
        ("a,b\n" + "1,2,3\n" * 30, "line 2", "every row has 3 values"),
        ("a,b\n1,2,\n1,2\n", "line 2", "this row has 3 values"),
        ("a,b\n" + "x" * 200_000 + ",1\n1,2,3\n", "line 3", "this row has 3 values"),
    ],
)
def test_a_row_that_is_too_long_is_named_by_its_physical_line(tmp_path, content, where, words):
    fault = refused(tmp_path, content)
    assert fault.where == f"t.csv, {where}" and words in fault.problem


def test_rows_that_are_too_short_are_filled_counted_and_placed(tmp_path):
    raw = read(tmp_path, 'a,b,c\n1,"x\ny",z\n2\n3,4\n5,6,7\n')
    assert cells(raw.table.columns["b"]) == ["x\ny", None, "4", "6"] and cells(raw.table.columns["c"]) == ["z", None, None, "7"]
    note = coded_note(raw.notes, "W301")
    assert "2 rows have fewer values than the 3 names, the first on line 4" in note


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ('a,b\n1,x\n2,"y\n3,z\n4,w\n', "line 3"),
        ('a,b\n1,x\n"2,y\n3,z\n', "line 3"),
        ('a,b\n1,x\n2,"y', "line 3"),
        ('a,b\n1,x\n2,"y\n', "line 3"),
        ('a,b\n1,"abc\n2,y\n3,"ok"\n4,z\n', "line 2"),
        ('a,b\n"l\n1",x\n2,"y\n\n3,z', "line 4"),
        ('a,b\n1,"x"\n2,y "z"\n3,"w\n', "line 4"),
        ('a,"b\n' + "3,4\n" * 50_000, "line 1"),
        ('"a,b\n1,2\n', "line 1"),
    ],
)
def test_a_quote_that_stays_open_is_named_by_the_line_where_it_opens(tmp_path, content, where):
    fault = refused(tmp_path, content)
    assert fault.where == f"t.csv, {where}" and "quote" in fault.problem + fault.fix


def test_quotes_inside_a_field_and_text_behind_a_closing_one_do_no_harm(tmp_path):
    raw = read(tmp_path, 'a,b\n5" pipe,x\n"y" z,"w"\n')
    assert cells(raw.table.columns["a"]) == ['5" pipe', "y z"] and cells(raw.table.columns["b"]) == ["x", "w"]


def test_blank_lines_are_no_rows(tmp_path):
    assert read(tmp_path, "a,b\n\n1,2\n\r\n3,4\n\n\n").table.n_rows == 2


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [("", None, "no header"), ("\n\na,b\n1,2\n", None, "no header"), ("a,b\n", None, "no rows"), ("a,b", None, "no rows"), ("\n", None, "no header")],
)
def test_a_file_without_a_table_says_so(tmp_path, content, options, words):
    assert words in refused(tmp_path, content, options).problem


def test_a_cell_that_is_longer_than_what_is_read_at_a_time(tmp_path):
    raw = read(tmp_path, 'a,b\n"' + "x\n" * 3_000_000 + '",1\ny,2\n')
    assert [len(c) for c in cells(raw.table.columns["a"])] == [6_000_000, 1]


def test_a_very_wide_header(tmp_path):
    names = [f"column{i}" for i in range(30_000)]
    raw = read(tmp_path, ",".join(names) + "\n" + (",".join("1" for _ in names) + "\n") * 3)
    assert list(raw.table.columns) == names and raw.table.n_rows == 3


def test_a_long_table_keeps_one_code_for_a_level_over_all_blocks(tmp_path):
    values = [f"v{i % 7}-{'x' * 40}" for i in range(300_000)]
    column = read(tmp_path, "a,b\n" + "".join(f"{v},{i}\n" for i, v in enumerate(values))).table.columns["a"]
    assert len(column.levels) == 7 and cells(column) == values and column.values.dtype == np.int32


FIELD = st.text(alphabet=st.sampled_from(list('ab1,";\n\r \té')), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(FIELD, min_size=2, max_size=2), min_size=1, max_size=8),
    st.sampled_from([("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]),
)
def test_what_python_writes_is_read_back(rows, way):
    out = io.StringIO()
    csv.writer(out, lineterminator=way[0], quoting=way[1]).writerows([["p", "q"], *rows])
    table = read_delimited(out.getvalue().encode(), "t", Csv(separator=",", missing=["nothing"]))[0]
    assert [list(r) for r in zip(cells(table.columns["p"]), cells(table.columns["q"]), strict=True)] == rows


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list('a,"\n\r')), max_size=30))
def test_any_text_is_read_as_python_reads_it_or_refused(text):
    body = "p,q\n" + text
    try:
        table = read_delimited(body.encode(), "t", Csv(separator=",", missing=["nothing"]))[0]
    except DataError as fault:
        assert "line" in fault.where or "no rows" in fault.problem
        return
    expected = [r + [""] * (2 - len(r)) for r in csv.reader(io.StringIO(body, newline="")) if r][1:]
    assert [list(r) for r in zip(cells(table.columns["p"]), cells(table.columns["q"]), strict=True)] == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_quotes_are_judged_alike_in_blocks_of_any_size(size):
    rng = random.Random(0)
    for _ in range(300):
        data = "".join(rng.choice('a,"\n') for _ in range(rng.randrange(1, 25))).encode()
        whole = Quotes(",").feed(data).clean()
        parts = Quotes(",")
        for start in range(0, len(data), size):
            parts.feed(data[start : start + size])
        assert parts.clean() == whole, data


@pytest.mark.parametrize(("text", "clean"), [
    ('a,"b"\n', True), ('"a","b"', True), ('"a ""q"" b",c', True), ('""', True), ('a"b', False), ('"a', False), ('"a"b', False), ('""a', False), ('"""a"""', True),
])  # fmt: skip
def test_well_placed_quotes(text, clean):
    assert Quotes(",").feed(text.encode()).clean() == clean


def test_the_bytes_of_a_header():
    assert [header_bytes(b"a\r\nb\rc\nd", n) for n in range(5)] == [0, 3, 5, 7, 8]

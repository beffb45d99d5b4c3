"""Files to raw columns: what the csv dialect may be, which cells are missing, and how a fault is told."""

import gzip
import hashlib
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl.data.sources import MISSING, from_arrow, read_builtin, read_file
from automl.errors import DataError
from automl.spec.sections.data import Csv


def read(tmp_path, content, options=None, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, options)


def cells(column):
    return [None if code < 0 else column.levels[code] for code in column.values]


def refused(tmp_path, content, options=None, name="t.csv"):
    with pytest.raises(DataError) as caught:
        read(tmp_path, content, options, name)
    return caught.value


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


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_do_not_matter(tmp_path, end):
    table = read(tmp_path, end.join(["a,b", "1,x", "2,y"])).table
    assert cells(table.columns["b"]) == ["x", "y"] and list(table.columns) == ["a", "b"]


def test_bare_carriage_returns_are_read_or_refused_in_words(tmp_path):
    try:
        table = read(tmp_path, "a,b\r1,x\r2,y\r").table
    except DataError:
        return
    assert cells(table.columns["b"]) == ["x", "y"]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_the_separator_is_found_from_the_header_and_noted(tmp_path, mark):
    raw = read(tmp_path, f"a{mark}b\n1,5{mark}x\n")
    assert cells(raw.table.columns["a"]) == ["1,5"] and repr(mark) in raw.notes[0]


def test_a_separator_that_was_given_is_not_guessed(tmp_path):
    raw = read(tmp_path, "a;b,c\n1;2,3\n", Csv(separator=","))
    assert list(raw.table.columns) == ["a;b", "c"] and raw.notes == ()


def test_without_header_every_line_is_a_row(tmp_path):
    table = read(tmp_path, "1,x\n2,y\n", Csv(header=False)).table
    assert list(table.columns) == ["c1", "c2"] and cells(table.columns["c1"]) == ["1", "2"]


def test_names_are_stripped_and_an_empty_one_is_filled(tmp_path):
    raw = read(tmp_path, ",b , c\n1,2,3\n")
    assert list(raw.table.columns) == ["column_1", "b", "c"] and "column_1" in raw.notes[0]


def test_gzip_reads_as_the_file_it_holds_and_the_digest_is_of_the_bytes(tmp_path):
    packed = gzip.compress(b"a,b\n1,x\n")
    raw = read(tmp_path, packed, name="t.csv.gz")
    assert cells(raw.table.columns["b"]) == ["x"] and raw.sha256 == hashlib.sha256(packed).hexdigest()


def test_a_gzip_damaged_inside_is_refused(tmp_path):
    packed = bytearray(gzip.compress(b"".join(b"%d,yes\n" % i for i in range(3000)), mtime=0))
    packed[20] ^= 0xFF
    packed[len(packed) // 2] ^= 0xFF
    assert "gzip" in refused(tmp_path, bytes(packed), name="t.csv.gz").problem


@pytest.mark.parametrize(("encoding", "option"), [("utf-8-sig", None), ("cp1252", "cp1252"), ("utf-16", "utf-16"), ("utf-8-sig", "utf-8")])
def test_encodings(tmp_path, encoding, option):
    table = read(tmp_path, "ä,b\nö,1\n".encode(encoding), Csv(encoding=option)).table
    assert list(table.columns) == ["ä", "b"] and cells(table.columns["ä"]) == ["ö"]


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("a,b\n1,2\n1,2,3\n", "line 3"),
        ('a,b\n"x\ny",2\n1\n', "line 4"),
        ("a,b\n" + "1,2\n" * 300_000 + "1,2,3\n", "line 300002"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_its_physical_line(tmp_path, content, where):
    fault = refused(tmp_path, content)
    assert fault.where.endswith(where) and "the header has 2 names" in fault.problem


def test_a_bad_row_behind_a_very_long_cell_is_still_told_in_words(tmp_path):
    assert "t.csv" in refused(tmp_path, "a,b\n" + "x" * 200_000 + ",1\n1,2,3\n").where


def test_a_header_with_an_open_quote_is_told_in_words(tmp_path):
    assert "t.csv" in refused(tmp_path, 'a,"b\n' + "3,4\n" * 50_000).where


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("", None, "no header"),
        ("\n\na,b\n1,2\n", None, "no header"),
        ("a,b\n", None, "no rows"),
        ("a,a\n1,2\n", None, "occurs twice"),
        (b"a,b\n\xff,1\n", None, "not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), None, "UTF-16"),
        (b"PK\x03\x04", None, "zip or Excel"),
        (b"PAR1xxxx", None, "parquet"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, content, options, words):
    assert words in refused(tmp_path, content, options).problem


def test_a_byte_that_is_not_utf8_is_named_with_its_line(tmp_path):
    assert refused(tmp_path, b"a,b\n1,2\n\xe9,1\n").where == "t.csv, line 3"


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "train.csv").write_text("a")
    with pytest.raises(DataError, match=r"did you mean train\.csv"):
        read_file(tmp_path / "trian.csv")


def test_parquet_keeps_its_types(tmp_path):
    frame = pd.DataFrame({
        "whole": pd.array([1, None], dtype="Int64"), "real": [1.5, np.nan], "flag": pd.array([True, None], dtype="boolean"), "text": ["x", None],
        "day": pd.to_datetime(["2024-01-01", None]), "zoned": pd.to_datetime(["2024-01-01 12:00", None]).tz_localize("America/New_York"),
        "level": pd.Categorical(["b", None], categories=["a", "b"]),
    })  # fmt: skip
    frame.to_parquet(tmp_path / "t.parquet")
    columns = read_file(tmp_path / "t.parquet").table.columns
    assert {name: column.kind for name, column in columns.items()} == {
        "whole": "number", "real": "number", "flag": "coded", "text": "coded", "day": "date", "zoned": "date", "level": "coded",
    }  # fmt: skip
    assert cells(columns["flag"]) == ["True", None] and cells(columns["level"]) == ["b", None]
    assert columns["day"].values[0] == pd.Timestamp("2024-01-01").timestamp()
    assert columns["zoned"].values[0] == pd.Timestamp("2024-01-01 17:00").timestamp()
    for name in ("whole", "real", "day", "zoned"):
        assert np.isnan(columns[name].values[1]), name


def test_dates_decimals_missing_and_coded_columns_of_arrow():
    days, money = pa.array([19723, None], pa.date32()), pa.array([1, None], pa.decimal128(9, 2))
    coded, narrow = pa.array([3, None]).dictionary_encode(), pa.array([1.5, 2], pa.float32())
    columns = from_arrow(pa.table({"d": days, "m": money, "n": pa.nulls(2), "c": coded, "v": narrow})).columns
    assert columns["d"].values[0] == pd.Timestamp("2024-01-01").timestamp() and np.isnan(columns["d"].values[1])
    assert columns["m"].values[0] == 1.0 and cells(columns["n"]) == [None, None] and cells(columns["c"]) == ["3", None]
    assert columns["v"].values.dtype == np.float64


def test_whole_numbers_beyond_what_a_double_holds_exactly_are_read():
    column = from_arrow(pa.table({"id": pa.array([2**60 + 1, None], pa.int64())})).columns["id"]
    assert column.values[0] == float(2**60) and np.isnan(column.values[1])


def test_nested_columns_are_refused_by_name():
    with pytest.raises(DataError, match="column `tags`"):
        from_arrow(pa.table({"tags": [[1, 2]]}))


def test_a_parquet_damaged_inside_is_refused(tmp_path):
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": list(range(5000)), "b": [str(i) for i in range(5000)]}), buffer)
    content = bytearray(buffer.getvalue())
    for at in range(1000, 1040):
        content[at] ^= 0xFF
    assert "parquet" in refused(tmp_path, bytes(content), name="t.parquet").problem


@pytest.mark.parametrize(("name", "rows", "classes"), [("iris", 150, 3), ("breast_cancer", 569, 2)])
def test_bundled_tables_bring_their_target(name, rows, classes):
    raw, target = read_builtin(name)
    assert raw.table.n_rows == rows and len(raw.table.columns[target].levels) == classes
    assert all(" " not in n for n in raw.table.columns)

"""Typed tables: every type becomes a column or is left out with a note; none ends in a traceback."""

import datetime as dt
import decimal
import io
import uuid

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl.data.sources import from_arrow
from automl.errors import DataError

from .helpers import cells, coded_note, read, refused


def parquet(table):
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def feather(table, stream=False, compression="lz4", chunk=2):
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=chunk)
    return sink.getvalue().to_pybytes()


SMALL = pa.table({"a": [1, 2, None], "b": ["x", None, "y"]})


@pytest.mark.parametrize(("name", "content"), [
    ("t.parquet", parquet(SMALL)), ("t.feather", feather(SMALL)), ("t.arrow", feather(SMALL, stream=True)), ("t", feather(SMALL, compression=None)),
])  # fmt: skip
def test_parquet_feather_and_streams(tmp_path, name, content):
    table = read(tmp_path, content, name=name).table
    assert cells(table.columns["b"]) == ["x", None, "y"] and table.columns["a"].values[:2].tolist() == [1.0, 2.0] and np.isnan(table.columns["a"].values[2])


@pytest.mark.parametrize(("name", "content"), [
    ("t.parquet", parquet(SMALL)), ("t.feather", feather(SMALL)), ("t.arrow", feather(SMALL, stream=True)), ("u.parquet", b"PAR1xxxx"),
])  # fmt: skip
@pytest.mark.parametrize("cut", [3, 20])
def test_a_file_that_was_cut_is_incomplete(tmp_path, name, content, cut):
    assert "incomplete" in refused(tmp_path, content[:-cut] if len(content) > 30 else content, name=name).problem


def test_a_parquet_damaged_inside_is_refused(tmp_path):
    content = bytearray(parquet(pa.table({"a": list(range(5000)), "b": [str(i) for i in range(5000)]})))
    for at in range(1000, 1040):
        content[at] ^= 0xFF
    assert "parquet" in refused(tmp_path, bytes(content), name="t.parquet").problem


def test_parquet_keeps_its_types(tmp_path):
    frame = pd.DataFrame({
        "whole": pd.array([1, None], dtype="Int64"), "real": [1.5, np.nan], "flag": pd.array([True, None], dtype="boolean"), "text": ["x", None],
        "day": pd.to_datetime(["2024-01-01", None]), "zoned": pd.to_datetime(["2024-01-01 12:00", None]).tz_localize("America/New_York"),
        "level": pd.Categorical(["b", None], categories=["a", "b"]),
    })  # fmt: skip
    columns = read(tmp_path, parquet(pa.Table.from_pandas(frame)), name="t.parquet").table.columns
    assert {name: column.kind for name, column in columns.items()} == {
        "whole": "number", "real": "number", "flag": "coded", "text": "coded", "day": "date", "zoned": "date", "level": "coded",
    }  # fmt: skip
    assert cells(columns["flag"]) == ["True", None] and cells(columns["level"]) == ["b", None]
    assert columns["day"].values[0] == pd.Timestamp("2024-01-01").timestamp()
    assert columns["zoned"].values[0] == pd.Timestamp("2024-01-01 17:00").timestamp()
    for name in ("whole", "real", "day", "zoned"):
        assert np.isnan(columns[name].values[1]), name


def test_dates_decimals_missing_and_coded_columns():
    days, money = pa.array([19723, None], pa.date32()), pa.array([1, None], pa.decimal128(9, 2))
    coded, narrow = pa.array([3, None]).dictionary_encode(), pa.array([1.5, 2], pa.float32())
    columns = from_arrow(pa.table({"d": days, "m": money, "n": pa.nulls(2), "c": coded, "v": narrow})).columns
    assert columns["d"].values[0] == pd.Timestamp("2024-01-01").timestamp() and np.isnan(columns["d"].values[1])
    assert columns["m"].values[0] == 1.0 and cells(columns["n"]) == [None, None] and cells(columns["c"]) == ["3", None]
    assert columns["v"].values.dtype == np.float64


STRANGE = {
    "tags": [[1], None], "point": [{"x": 1}, None], "pairs": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int8())),
    "raw": pa.array([b"\xff\xfe", None]), "fixed": pa.array([b"\xff\xfe", None], pa.binary(2)), "nul": pa.array([b"\0\1", None]),
}  # fmt: skip
CONVERTED = {
    "u64": (pa.array([2**64 - 1, None], pa.uint64()), float(2**64 - 1)), "i64": (pa.array([2**60 + 1, None]), float(2**60)),
    "huge": (pa.array([decimal.Decimal("123456789012345678901234567890.5"), None]), 123456789012345678901234567890.5),
    "huger": (pa.array([decimal.Decimal("1e40"), None], pa.decimal256(60, 2)), 1e40),
    "half": (pa.array([np.float16(1.5), None], pa.float16()), 1.5), "lapse": (pa.array([dt.timedelta(minutes=2), None]), 120.0),
    "clock": (pa.array([dt.time(1, 0, 5), None]), 3605.0), "clock32": (pa.array([dt.time(1, 0, 5), None], pa.time32("s")), 3605.0),
    "d64": (pa.array([dt.date(2024, 1, 1), None], pa.date64()), 1704067200.0),
    "far": (pa.array([253402300799, None], pa.timestamp("s")), 253402300799.0), "farther": (pa.array([2**62, None], pa.timestamp("s")), float(2**62)),
    "nano": (pa.array([-1, None], pa.timestamp("ns", "UTC")), -0.001),
    "packed": (pa.array([b"text", None]), "text"), "large": (pa.array(["x", None], pa.large_string()), "x"), "view": (pa.array(["x", None], pa.string_view()), "x"),
    "dict_date": (pa.array([dt.date(2024, 1, 1), None]).dictionary_encode(), "2024-01-01"),
    "ree": (pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array([7, None])), 7.0),
    "yes": (pa.array([True, None]), "True"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONVERTED)
def test_every_type_that_can_be_a_column_is_one(name):
    values, expected = CONVERTED[name]
    notes: list[str] = []
    column = from_arrow(pa.table({name: values}), notes).columns[name]
    found = cells(column) if column.kind == "coded" else [float(column.values[0]), None if np.isnan(column.values[1]) else column.values[1]]
    assert found == [expected, None]
    assert bool(notes) == (name in ("u64", "i64", "lapse", "clock", "clock32"))
    assert not notes or f"`{name}`" in notes[0]


@pytest.mark.parametrize("name", STRANGE)
def test_what_cannot_be_a_column_is_left_out_with_a_note(name):
    notes: list[str] = []
    table = from_arrow(pa.table({name: STRANGE[name], "b": [1, 2]}), notes)
    assert list(table.columns) == ["b"] and f"`{name}`" in coded_note(notes, "W307")


def test_a_uuid_is_a_text():
    values = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=2**127).bytes, None], pa.binary(16)))
    notes: list[str] = []
    column = from_arrow(pa.table({"u": values, "b": [1, 2]}), notes).columns["u"]
    assert cells(column) == [str(uuid.UUID(int=2**127)), None] and not notes


def test_all_of_them_in_one_file(tmp_path):
    left = ("ree", "half", "farther")  # parquet cannot hold them
    table = pa.table({**{k: v for k, (v, _) in CONVERTED.items() if k not in left}, **STRANGE})
    raw = read(tmp_path, parquet(table), name="t.parquet")
    assert raw.table.n_rows == 2 and not set(STRANGE) & set(raw.table.columns) and len(raw.table.columns) == len(CONVERTED) - len(left)


def test_a_table_of_which_nothing_can_be_used(tmp_path):
    assert "no column" in refused(tmp_path, parquet(pa.table({"tags": [[1, 2]]})), name="t.parquet").problem
    assert "no rows" in refused(tmp_path, parquet(SMALL.slice(0, 0)), name="t.parquet").problem


def test_names_that_occur_twice_or_are_empty_are_changed(tmp_path):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "a", ""])
    raw = read(tmp_path, feather(table), name="t.feather")
    assert list(raw.table.columns) == ["a", "a.1", "column_3"] and raw.repeated == ("a",) and len(raw.notes) == 2
    raw = read(tmp_path, parquet(table), name="t.parquet")
    assert list(raw.table.columns) == ["a", "a.1", "column_3"]
    with pytest.raises(DataError, match="occurs twice"):
        from_arrow(table)


def test_the_index_that_pandas_stores_is_no_column(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 3]}).iloc[[2, 0, 1]]
    raw = read(tmp_path, parquet(pa.Table.from_pandas(frame)), name="t.parquet")
    assert list(raw.table.columns) == ["a"] and "index" in raw.notes[0]

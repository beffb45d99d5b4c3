"""The ways in: one file whole, files and globs as one table, a bundled table, and what is too large for any of them."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from automl.data.sources import read_data, read_file, read_files, read_table
from automl.data.sources.read import memory_limit
from automl.errors import DataError, UsageError
from automl.spec.sections.data import Csv, Data

from .helpers import cells


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "p2.csv").write_text("b,a\ny,2\n")
    (tmp_path / "p1.csv").write_text("a,b\n1,x\nNA,\n")
    return tmp_path


def files(folder, *patterns, **options):
    return read_files(list(patterns), folder, Csv(**options), limit=1 << 30)


def test_a_glob_is_one_table_in_the_order_of_the_names(folder):
    raw = files(folder, "p*.csv")
    assert list(raw.table.columns) == ["a", "b"] and cells(raw.table.columns["a"]) == ["1", None, "2"] and cells(raw.table.columns["b"]) == ["x", None, "y"]
    digests = [hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in ("p1.csv", "p2.csv")]
    assert raw.name == "p*.csv (2 files)" and raw.sha256 == hashlib.sha256("\n".join(digests).encode()).hexdigest()
    assert raw.row_numbers.tolist() == [1, 2, 3]


def test_a_list_keeps_its_order_and_its_forms_may_differ(folder):
    (folder / "p3.jsonl.gz").write_bytes(gzip.compress(b'{"a": 3, "b": "z"}\n'))
    raw = files(folder, "p2.csv", "p1.csv", "p3.jsonl.gz")
    assert cells(raw.table.columns["b"]) == ["y", "x", None, "z"] and cells(raw.table.columns["a"]) == ["2", "1", None, "3"]
    assert any("numbers in one file and text" in n for n in raw.notes)


def test_files_with_other_columns_are_refused(folder):
    (folder / "p3.csv").write_text("a,c\n1,2\n")
    with pytest.raises(DataError, match=r"p3\.csv has other columns than p1\.csv; missing: `b`; extra: `c`"):
        files(folder, "p*.csv")


def test_notes_say_which_file(folder):
    (folder / "p2.csv").write_text("a;b\n2;y\n3\n")
    raw = files(folder, "p*.csv")
    assert [n.split(":")[0] for n in raw.notes] == ["p2.csv", "p2.csv"] and raw.table.n_rows == 4


def test_one_file_whole(folder):
    assert read_file(folder / "p1.csv").table.n_rows == 2 and read_table(folder / "p1.csv").name == "p1.csv"
    with pytest.raises(DataError, match=r"did you mean `p1\.csv`"):
        read_file(folder / "p11.csv")
    with pytest.raises(DataError, match="is a folder"):
        read_file(folder)
    for path in ("http://host/a.csv", "s3://b/a.csv"):
        with pytest.raises(UsageError, match="network sources"):
            read_file(Path(path))


def test_a_file_that_unpacks_beyond_memory_is_refused_where_every_row_is_needed(folder, monkeypatch):
    (folder / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 100_000))
    monkeypatch.setattr("automl.data.sources.read.memory_mb", lambda: 1)
    with pytest.raises(DataError, match=r"may be held in memory \(524 kB"):
        read_file(folder / "t.csv.gz")
    assert read_table(folder / "t.csv.gz").n_rows == 100_000


def test_what_a_spec_names(folder):
    assert read_data(Data(train="p1.csv"), folder).table.n_rows == 2
    assert read_data(Data(builtin="iris"), folder).table.n_rows == 150
    assert read_data(Data(train="p1.csv", csv=Csv(header=False)), folder).table.n_rows == 3


def test_the_limit_is_a_part_of_the_machine():
    assert (1 << 28) < memory_limit() < (1 << 50)


def test_reading_leaves_no_trace_of_the_order_of_blocks(folder):
    rng = np.random.default_rng(0)
    text = "a,b\n" + "".join(f"{v:.5f},{w}\n" for v, w in zip(rng.normal(size=100_000), rng.integers(0, 5, 100_000), strict=True))
    (folder / "t.csv").write_text(text)
    first, again = read_file(folder / "t.csv"), read_file(folder / "t.csv")
    assert first.table.columns["a"].levels == again.table.columns["a"].levels and np.array_equal(
        first.table.columns["a"].values, again.table.columns["a"].values
    )

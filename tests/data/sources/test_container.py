"""Bytes: packed, cut off, bombs, foreign, and replaced while they are read."""

import bz2
import gzip
import hashlib
import io
import os
import zipfile
import zlib

import pyarrow as pa
import pytest

from automl.data.sources import container
from automl.data.sources.container import Hashed, TooLarge, content, first_bytes, refuse_bomb, unchanged
from automl.errors import DataError, EnvironmentFault

from .helpers import cells, read, refused

TEXT = b"a,b\n" + b"".join(b"%d,x%d\n" % (i, i % 7) for i in range(3000))


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize("parts", [1, 3])
def test_packed_text_reads_as_the_file_it_holds_and_the_digest_is_of_the_bytes(tmp_path, pack, parts):
    step = len(TEXT) // parts + 1
    packed = b"".join(pack(TEXT[at : at + step]) for at in range(0, len(TEXT), step))
    raw = read(tmp_path, packed, name="t.csv.gz")
    assert cells(raw.table.columns["b"])[:2] == ["x0", "x1"] and raw.table.n_rows == 3000
    assert raw.sha256 == hashlib.sha256(packed).hexdigest()


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize("form", ["t.tsv", "t.jsonl"])
def test_every_text_form_may_be_packed(tmp_path, pack, form):
    text = b"a\tb\n1\tx\n" if form == "t.tsv" else b'{"a": 1, "b": "x"}\n'
    assert cells(read(tmp_path, pack(text), name=form + ".zst").table.columns["b"]) == ["x"]


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_packed_file_that_was_cut_is_incomplete(tmp_path, pack, keep):
    packed = pack(TEXT)
    assert "incomplete" in refused(tmp_path, packed[: int(len(packed) * keep)], name="t.csv.gz").problem


def test_a_packed_file_damaged_inside_or_packed_twice(tmp_path):
    packed = bytearray(gzip.compress(TEXT, mtime=0))
    packed[20] ^= 0xFF
    packed[len(packed) // 2] ^= 0xFF
    assert "gzip" in refused(tmp_path, bytes(packed), name="t.csv.gz").problem
    assert "packed twice" in refused(tmp_path, gzip.compress(gzip.compress(TEXT)), name="t.csv.gz").problem
    assert "incomplete or damaged" in refused(tmp_path, gzip.compress(TEXT) + b"more", name="t.csv.gz").problem


def excel():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words", "fix"),
    [
        (excel(), "a zip or Excel file", "csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "an old Excel file", "csv"),
        (b"SQLite format 3\0" + b"x" * 100, "an SQLite database", "data.sql"),
        (bz2.compress(TEXT), "a bzip2 file", "gz"),
        (b"%PDF-1.4 ...", "a PDF file", "csv"),
        (b"FEA1" + b"x" * 100, "first version", "again"),
    ],
)
def test_a_foreign_file_is_named_with_the_way_out(tmp_path, content, words, fix):
    fault = refused(tmp_path, content, name="t.xlsx")
    assert words in fault.problem and fix in fault.fix and fault.where == "t.xlsx"


@pytest.mark.parametrize(("name", "data", "words"), [
    ("t.parquet", TEXT, "called .parquet and holds text"), ("t.feather", TEXT, "called .feather and holds text"),
    ("t.csv", b'{"a": 1}\n', "called .csv and holds JSON lines"), ("t.jsonl.gz", gzip.compress(TEXT, mtime=0), "called .jsonl and holds text"),
])  # fmt: skip
def test_a_file_that_is_not_what_it_is_called_is_refused(tmp_path, name, data, words):
    fault = refused(tmp_path, data, name=name)
    assert words in fault.problem and "suffix" in fault.fix


@pytest.mark.parametrize("name", ["t", "t.data", "t.txt", "t.csv.gz", "T.CSV", "a.parquet.csv"])
def test_other_names_say_nothing(tmp_path, name):
    assert read(tmp_path, TEXT, name=name).table.n_rows == 3000


def test_no_more_is_unpacked_than_may_be_held(tmp_path):
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(b"x" * (1 << 24)))
    with pytest.raises(TooLarge):
        content(path, "gzip", 1 << 20)
    assert len(content(path, "gzip", 1 << 24)[0]) == 1 << 24
    with pytest.raises(DataError, match=r"200 times its size, and beyond the 1\.0 MB"):
        refuse_bomb(path, 1 << 24, 1 << 20)
    refuse_bomb(path, 1 << 24, 1 << 25)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    whole = content

    def slow(found, packed, limit):
        data = whole(found, packed, limit)
        path.write_bytes(TEXT + b"1,2\n")
        return data

    monkeypatch.setattr("automl.data.sources.read.content", slow)
    with pytest.raises(DataError, match="changed while being read"):
        read(tmp_path, TEXT)


@pytest.mark.parametrize("how", ["grow", "replace", "touch", "remove"])
def test_every_change_is_seen(tmp_path, how):
    path, other = tmp_path / "t", tmp_path / "u"
    path.write_bytes(b"abc")
    other.write_bytes(b"abc")
    with pytest.raises(DataError, match="changed"), unchanged(path):
        if how == "grow":
            path.write_bytes(b"abcd")
        elif how == "replace":
            other.rename(path)
        elif how == "remove":
            path.unlink()
        else:
            os.utime(path, ns=(1, 1))
    assert how == "remove" or path.exists()


def test_a_fault_of_a_file_that_changed_is_told_as_that(tmp_path):
    path = tmp_path / "t"
    path.write_bytes(b"abc")
    with pytest.raises(DataError, match="changed"), unchanged(path):
        path.write_bytes(b"ab")
        raise DataError("the file is incomplete")
    with pytest.raises(DataError, match="incomplete"), unchanged(path):
        raise DataError("the file is incomplete")


def test_a_file_that_may_not_be_read_is_the_machines_fault(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_bytes(TEXT)

    def refuse(self, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(EnvironmentFault, match="Permission denied"):
        first_bytes(tmp_path / "t.csv")


def test_hashing_takes_in_what_nobody_read(tmp_path):
    (tmp_path / "t").write_bytes(TEXT)
    with (tmp_path / "t").open("rb") as file:
        hashed = Hashed(file)
        assert hashed.read(10) == TEXT[:10] and hashed.finish() == hashlib.sha256(TEXT).hexdigest()


def test_the_ratio_leaves_room_for_real_tables():
    dull = b"a,b\n" + b"0.0,yes\n" * 100_000
    assert len(dull) / len(zlib.compress(dull)) > container.BOMB_RATIO  # only beyond memory does the ratio count

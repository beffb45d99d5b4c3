"""Paths and what files are by their first bytes."""

from pathlib import Path

import pytest

from automl.spec.files import READ, clipped, contradiction, expand, is_address, is_there, kind_of, looks_like_json, near_file, shown_folder, way_out


@pytest.mark.parametrize(("text", "address"), [
    ("http://h/a", True), ("https:/h/a", True), ("s3://b/a", True), ("file:///a", True), ("C:/a.csv", False), ("a.csv", False), ("a:b.csv", False), ("./http:/x", False),
])  # fmt: skip
def test_addresses(text, address):
    assert is_address(text) is address


@pytest.mark.parametrize(("start", "kind"), [
    (b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PAR1", "parquet"), (b"ARROW1\0\0", "arrow"), (b"\xff\xff\xff\xff", "arrow stream"), (b"a,b", "text"), (b"", "text"),
    (b"PK\x03\x04", "a zip or Excel file"), (b"BZh91AY&SY", "a bzip2 file"), (b"BZhome,b", "text"),
])  # fmt: skip
def test_kinds(start, kind):
    assert kind_of(start) == kind and (kind in READ or way_out(kind))


@pytest.mark.parametrize(("text", "json"), [
    ('{"a": 1}', True), ("{}\n", True), ("  {\n", True), ('[{"a": 1}]', True), ("[\n {", True), ("a,b", False), ("{a},b", False), ("[1, 2]", False), ("", False),
])  # fmt: skip
def test_json(text, json):
    assert looks_like_json(text) is json


@pytest.mark.parametrize(("name", "form", "told"), [
    ("a.csv", "text", False), ("a.csv", "parquet", True), ("a.parquet", "text", True), ("a.csv.gz", "text", False), ("a.parquet.gz", "text", True), ("a", "parquet", False),
    ("a.arrow", "arrow stream", False), ("a.JSONL", "text", True), ("a.tsv.zst", "jsonl", True), ("a.2024.csv", "text", False),
])  # fmt: skip
def test_names_and_contents(name, form, told):
    assert bool(contradiction(Path(name), form)) is told


def test_texts_of_the_data_are_shown_in_one_short_line():
    assert clipped("a\nb\x00") == "a\\nb\\x00" and clipped("x" * 100) == "x" * 59 + "…" and clipped("é😀") == "é😀"


def test_files(tmp_path):
    (tmp_path / "a.csv").write_text("")
    assert is_there(tmp_path / "a.csv") and not is_there(tmp_path) and not is_there(Path("a\0b")) and not is_there(Path("x" * 5000))
    assert near_file(tmp_path / "b.csv") == "a.csv" and near_file(tmp_path / "no" / "b.csv") == ""
    assert expand("*.csv", tmp_path) == [tmp_path / "a.csv"] and expand("b.csv", tmp_path) == [tmp_path / "b.csv"] and expand("***", tmp_path) == []
    assert shown_folder(tmp_path, tmp_path) == "the folder of the spec" and shown_folder(tmp_path, Path("/")) == f"the folder {tmp_path.name}"

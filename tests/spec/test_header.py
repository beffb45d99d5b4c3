"""The names of a header without reading the rows, whatever the form; what cannot be told here is told by reading."""

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl.spec.header import header_of, listed_names, named_columns
from automl.spec.load import load
from automl.spec.model import Spec
from automl.spec.sections.data import Csv

from ..builders import spec_of

TABLE = pa.Table.from_arrays([pa.array([1]), pa.array(["x"])], names=["a", "b"])


def arrow(stream):
    sink = pa.BufferOutputStream()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return sink.getvalue().to_pybytes()


def parquet():
    buffer = io.BytesIO()
    pq.write_table(TABLE, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "names"),
    [(b"a,b\n1,2\n", ["a", "b"]), (b"a;b\n", ["a", "b"]), (b"\xef\xbb\xbfa,b\n", ["a", "b"]), (b'"a, x",b\n', ["a, x", "b"]), (b"a\tb\r\n", ["a", "b"]),
     (gzip.compress(b"a,b\n", mtime=0), ["a", "b"]), (pa.compress(b"a,b\n", codec="zstd", asbytes=True), ["a", "b"]), ("ä,b\n".encode("utf-16"), ["ä", "b"]),
     (b'{"a": 1}\n{"b": 2}\n', ["a", "b"]), (parquet(), ["a", "b"]), (arrow(False), ["a", "b"]), (arrow(True), ["a", "b"]), (b"a,,a\n", ["a", "column_2", "a.1"]),
     (b"", None), (b"\xff\xfea", None), (b"PAR1xx", None), (gzip.compress(b"a,b\n" * 9, mtime=0)[:-9], None), (b"PK\x03\x04", None), ("a,b\n".encode("utf-16-le"), None), (b'{"a": 1}\n[\n', None)],
)  # fmt: skip
def test_names(content, names, tmp_path):
    (tmp_path / "t").write_bytes(content)
    found = header_of(tmp_path / "t")
    assert (list(found[0]) if found else None) == names


def test_what_occurs_twice_is_said(tmp_path):
    (tmp_path / "t").write_bytes(b"a,b,a\n")
    assert header_of(tmp_path / "t")[1] == ("a",)


def test_without_header_the_names_are_numbered(tmp_path):
    (tmp_path / "t").write_bytes(b"1,2,3\n")
    assert header_of(tmp_path / "t", Csv(header=False))[0] == ("c1", "c2", "c3")


def test_a_long_file_of_lines_may_bring_a_key_later(tmp_path):
    (tmp_path / "t").write_bytes(b'{"a": 1}\n' * 200_000)
    assert header_of(tmp_path / "t") is None


def test_a_folder_has_no_header(tmp_path):
    assert header_of(tmp_path) is None


def test_a_header_of_many_names_is_shown_in_short():
    shown = listed_names([f"name{i}" * 20 for i in range(10_000)])
    assert shown.startswith("10000 columns: ") and len(shown) < 400 and shown.endswith(", …")
    assert "\n" not in listed_names(["a\nb"])


def test_every_key_that_names_a_column_is_known():
    spec = spec_of({"train": "t.csv", "columns": {"id": ["i"], "drop": ["d"], "group": "g", "time": "t", "types": {"k": "text"}}})
    assert [name for _, name in named_columns(spec)] == ["y", "i", "d", "g", "t", "k"]


@pytest.mark.parametrize(
    ("data", "code", "column", "words"),
    [
        ("{train: t.csv, columns: {group: hous}}", "D301", 39, "did you mean `house`"),
        ("{train: t.csv, columns: {time: whenn}}", "D301", 38, "did you mean `when`"),
        ("{train: t.csv, columns: {id: [twice]}}", "D307", 37, "which is meant"),
        ("{train: [t.csv, u.csv]}", "D300", 23, "did you mean `t.csv`"),
        ("{train: t.csv, test: v.csv}", "D300", 28, "did you mean `t.csv`"),
        ("{train: '*.txt'}", "D300", 15, "looked in the folder of the spec"),
        ("sub", "D300", 7, "name a file in it"),
    ],
)
def test_what_a_spec_names_is_looked_for(tmp_path, data, code, column, words):
    (tmp_path / "t.csv").write_text("house,when,twice,twice,y\n1,2,3,4,5\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "s.yaml").write_text(f"data: {data}\ntask: {{type: classification, target: y}}\n")
    found = load(tmp_path / "s.yaml").found
    assert [(d.code, d.span.column) for d in found] == [(code, column)] and words in found[0].label


def test_columns_of_interactions_and_exceptions_are_named_too():
    exception = {"check": "id_like", "column": "e", "mode": "off", "reason": "known"}
    spec = Spec.model_validate({
        "data": "t.csv", "task": {"type": "classification", "target": "y"}, "features": {"interactions": [["a", "b"]]}, "checks": {"except": [exception]},
    })  # fmt: skip
    assert named_columns(spec)[1:] == [
        (("features", "interactions", 0, 0), "a"),
        (("features", "interactions", 0, 1), "b"),
        (("checks", "except", 0, "column"), "e"),
    ]

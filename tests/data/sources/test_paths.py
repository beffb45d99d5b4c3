"""Paths and globs: sorted, near names, variables, addresses."""

import pytest

from automl.data.sources.paths import files_of, joint_digest
from automl.errors import DataError, SpecError, UsageError


@pytest.fixture
def folder(tmp_path):
    for name in ("b.csv", "a.csv", "c[1].csv", ".hidden.csv", "sub/d.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("a\n1\n")
    return tmp_path


def names(patterns, folder):
    return [p.name for p in files_of(patterns, folder, "data.train")[0]]


@pytest.mark.parametrize(("patterns", "expected"), [
    (["*.csv"], ["a.csv", "b.csv", "c[1].csv"]), (["b.csv", "a.csv"], ["b.csv", "a.csv"]), (["c[1].csv"], ["c[1].csv"]), (["[ab].csv"], ["a.csv", "b.csv"]),
    (["**/d.csv"], ["d.csv"]), (["sub/../a.csv"], ["a.csv"]), (["?.csv", "sub/*"], ["a.csv", "b.csv", "d.csv"]), ([".h*.csv"], [".hidden.csv"]),
])  # fmt: skip
def test_globs_are_sorted_and_lists_keep_their_order(folder, patterns, expected):
    assert names(patterns, folder) == expected


def test_an_absolute_glob(folder, tmp_path_factory):
    assert names([f"{folder}/?.csv"], tmp_path_factory.mktemp("other")) == ["a.csv", "b.csv"]


def test_a_file_named_twice_is_read_once_with_a_note(folder):
    found, notes = files_of(["a.csv", "*.csv"], folder, "data.train")
    assert [p.name for p in found] == ["a.csv", "b.csv", "c[1].csv"] and "a.csv: named twice" in notes[0]


@pytest.mark.parametrize(("pattern", "problem", "fix"), [
    ("*.parquet", "no file matches `*.parquet`", "looked in the folder of the spec"), ("sub/x*.csv", "no file matches `sub/x*.csv`", "looked in the folder sub"),
    ("bb.csv", "there is no file bb.csv", "did you mean `b.csv`"), ("sub", "sub is a folder", "sub/*.csv"), ("nowhere/x.csv", "no file x.csv", "folder nowhere"),
    ("dd*.csv", "no file matches", "folder of the spec"), ("sub/dd*.csv", "no file matches", "did you mean `d.csv`"), ("x" * 300, "there is no file xxx", "looked in"),
    ("**", "no file matches `**`", "looked in"), ("a\0b", "there is no file a\\x00b", "looked in"),
])  # fmt: skip
def test_what_matches_nothing_says_where_it_looked(folder, pattern, problem, fix):
    with pytest.raises(DataError) as caught:
        files_of([pattern], folder, "data.train")
    assert problem in caught.value.problem and fix in caught.value.fix and caught.value.where == "data.train"
    assert str(folder) not in caught.value.render()


def test_variables_are_taken_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("PART", "sub")
    assert names(["${PART}/d.csv"], folder) == ["d.csv"] and names(["${NOT_THERE:-a}.csv"], folder) == ["a.csv"]
    with pytest.raises(SpecError, match="`NOT_THERE` is not set"):
        files_of(["${NOT_THERE}/a.csv"], folder, "data.train")


@pytest.mark.parametrize("pattern", ["http://host/a.csv", "s3://bucket/a.csv", "file:///a.csv"])
def test_addresses_are_not_yet(folder, pattern):
    with pytest.raises(UsageError, match="network sources are not yet"):
        files_of([pattern], folder, "data.train")


def test_the_digest_of_a_list_depends_on_every_file_and_their_order():
    assert joint_digest(["a"]) == "a"
    assert len({joint_digest(d) for d in (["a", "b"], ["b", "a"], ["a", "c"], ["a", "b", "c"])}) == 4

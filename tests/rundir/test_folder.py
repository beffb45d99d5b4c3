import json

import pytest

from automl.errors import EnvironmentFault, UsageError
from automl.rundir import EdaDir, RunDir, sha256, write_bytes, write_json


def test_a_write_is_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_refused_write_names_the_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises((EnvironmentFault, NotADirectoryError, FileExistsError)):
        write_bytes(tmp_path / "file" / "x", b"")


def test_a_folder_with_something_in_it_is_refused_and_kept(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(UsageError, match="not empty"):
        RunDir(tmp_path).create()
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_torn_last_event_is_skipped(tmp_path):
    files = RunDir(tmp_path)
    files.append_event({"event": "a"})
    with files.events.open("a") as out:
        out.write('{"event": "b"')
    assert [e["event"] for e in files.read_events()] == ["a"]


def test_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256(tmp_path / "x").startswith("ba7816bf")


def test_a_look_may_be_written_over_an_earlier_one_and_over_nothing_else(tmp_path):
    files = EdaDir(tmp_path / "deep" / "look")
    files.create()
    files.html.write_text("old")
    files.create()
    (files.root / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match=r"mine\.txt"):
        files.create()
    assert files.html.read_text() == "old"


def test_a_look_is_no_file(tmp_path):
    (tmp_path / "f").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        EdaDir(tmp_path / "f").create()
    with pytest.raises(EnvironmentFault, match="cannot create"):
        EdaDir(tmp_path / "f" / "g").create()

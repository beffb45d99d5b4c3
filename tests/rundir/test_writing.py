import errno
import json
import os
import threading
from pathlib import Path

import pytest

from automl.errors import EnvironmentFault
from automl.rundir import is_full, refused, sha256, swap, writing
from automl.rundir.writing import shown, write_bytes, write_json


def test_a_write_is_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": float("nan")})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_refused_write_names_the_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="cannot write x"):
        write_bytes(tmp_path / "file" / "x", b"")


def test_a_full_disk_keeps_the_old_file_and_says_what_is_needed(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write_bytes(path, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="the disk is full: cannot write a") as fault:
        write_bytes(path, b"x" * 2_500_000)
    assert "a needs 2.5 MB" in fault.value.fix and "same command" in fault.value.fix and fault.value.where.endswith("a")
    assert path.read_bytes() == b"old" and [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_short_write_without_a_reason_is_a_full_disk_only_where_nothing_is_left(tmp_path, monkeypatch):
    fault = OSError("16384 requested and 0 written")
    assert not is_full(fault, tmp_path / "not" / "there")
    monkeypatch.setattr(writing, "_free", lambda path: 4096)
    assert is_full(fault, tmp_path)
    assert not is_full(PermissionError(errno.EACCES, "no"), tmp_path)


def test_what_else_is_refused_is_said_in_its_own_words(tmp_path):
    with pytest.raises(EnvironmentFault, match="cannot start trial 3: Permission denied"), refused(tmp_path, what="start trial 3"):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_a_path_is_shown_from_where_the_user_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path / "run" / "x") == str(Path("run/x")) and shown(Path("run/x")) == str(Path("run/x"))
    assert not Path(shown(Path("/a/b/c/d/e/f"))).is_absolute()


def _folder(path, text):
    path.mkdir()
    (path / "part").write_text(text)
    return path


@pytest.mark.parametrize("steps", ["one", "two"])
def test_a_folder_takes_the_place_of_another(tmp_path, monkeypatch, steps):
    if steps == "two":
        monkeypatch.setattr(writing, "_exchanged", lambda one, other: False)
    place = tmp_path / "place"
    swap(_folder(tmp_path / "new", "1"), place)
    assert (place / "part").read_text() == "1"
    swap(_folder(tmp_path / "new", "2"), place)
    assert (place / "part").read_text() == "2" and [p.name for p in tmp_path.iterdir()] == ["place"]


def test_a_reader_finds_one_of_both_at_every_moment(tmp_path):
    if not writing._exchanged(_folder(tmp_path / "a", "a"), _folder(tmp_path / "b", "b")):
        pytest.skip("this file system exchanges nothing in one step")
    place = _folder(tmp_path / "place", "0")
    end, missed = threading.Event(), []

    def read():
        while not end.is_set():
            if not (place / "part").exists():
                missed.append(1)

    reader = threading.Thread(target=read)
    reader.start()
    for k in range(40):
        swap(_folder(tmp_path / f"new{k}", str(k)), place)
    end.set()
    reader.join()
    assert not missed


def test_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256(tmp_path / "x").startswith("ba7816bf")

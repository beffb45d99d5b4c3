import errno
import os

import pytest

from automl.errors import EnvironmentFault, UsageError
from automl.rundir import STOPPED, EdaDir, RunDir, write_json


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


def test_what_follows_a_torn_event_stands_on_a_line_of_its_own(tmp_path):
    files = RunDir(tmp_path)
    files.append_event({"event": "a"})
    with files.events.open("ab") as out:
        out.write(b'{"event": "\xc3')
    files.append_event({"event": "c"})
    files.append_event({"event": "d"})
    assert [e["event"] for e in files.read_events()] == ["a", "c", "d"]


def test_an_event_that_a_full_disk_refuses_is_a_readable_error(tmp_path, monkeypatch):
    def full(handle, line):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(EnvironmentFault, match=r"the disk is full: cannot write events\.ndjson"):
        RunDir(tmp_path).append_event({"event": "a"})
    RunDir(tmp_path).append_log("a line that nobody misses")


def test_a_line_that_a_disk_takes_in_parts_is_whole(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:5]))
    files = RunDir(tmp_path)
    files.append_event({"event": "a long one"})
    assert [e["event"] for e in files.read_events()] == ["a long one"]


def test_a_folder_that_a_start_was_killed_in_at_once_is_as_good_as_new(tmp_path):
    files = RunDir(tmp_path)
    files.create()
    files.lock.write_text("{}")
    (tmp_path / ".tmp-abc").write_text("")
    files.create()
    (files.trials / "000001").mkdir()
    with pytest.raises(UsageError, match="not empty: it holds trials"):
        files.create()


def test_a_run_folder_is_no_file(tmp_path):
    (tmp_path / "f").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        RunDir(tmp_path / "f").create()


def test_what_is_left_of_writes_is_swept_and_running_trials_are_not(tmp_path):
    files = RunDir(tmp_path)
    files.create()
    files.artifact.mkdir()
    for left in (tmp_path / ".tmp-a", files.artifact / ".tmp-b"):
        left.write_text("x")
    (tmp_path / ".tmp-artifact").mkdir()
    files.running_trial(3, 1).mkdir()
    files.sweep()
    assert sorted(p.name for p in tmp_path.rglob(".tmp-*")) == [".tmp-000003-a1"]


@pytest.mark.parametrize(
    ("study", "evaluation", "finished"),
    [(None, None, False), ("{}", None, False), (None, "{}", False), ('{"ended": "complete"}', "{}", True), ("{}", "{}", True), ("{", "{}", False)],
)
def test_a_run_is_finished_when_its_evaluation_is_there(tmp_path, study, evaluation, finished):
    files = RunDir(tmp_path)
    for path, text in ((files.study, study), (files.evaluation, evaluation)):
        if text is not None:
            path.write_text(text)
    assert files.finished() == finished


def test_a_run_that_was_evicted_is_not_finished(tmp_path):
    files = RunDir(tmp_path)
    write_json(files.study, {"ended": STOPPED})
    write_json(files.evaluation, {})
    assert not files.finished()


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

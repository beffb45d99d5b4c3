import json
import os
import subprocess
import sys

import pytest

from automl.errors import EnvironmentFault
from automl.rundir import lock as module
from automl.rundir.lock import acquire

HOLD = "import sys, pathlib; from automl.rundir.lock import acquire; acquire(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def held(tmp_path):
    """Start a process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_second_process_is_told_who_holds_it(held, tmp_path):
    with pytest.raises(EnvironmentFault, match=rf"in use by pid {held.pid} on \S+ since \d{{4}}-") as fault:
        acquire(tmp_path / "lock")
    assert fault.value.exit_code == 6 and "--out" in fault.value.fix
    assert held.poll() is None


def test_the_lock_of_a_killed_process_is_taken_over_and_told(held, tmp_path):
    held.kill()
    held.wait()
    lock = acquire(tmp_path / "lock")
    assert f"pid {held.pid}" in lock.before and json.loads((tmp_path / "lock").read_text())["pid"] == os.getpid()
    lock.release()


def test_one_given_back_leaves_nothing_to_tell(tmp_path):
    lock = acquire(tmp_path / "lock")
    lock.release()
    lock.release()
    again = acquire(tmp_path / "lock")
    assert again.before == "" and again.kept
    again.release()


def test_it_excludes_another_start_in_the_same_process(tmp_path):
    lock = acquire(tmp_path / "lock")
    with pytest.raises(EnvironmentFault, match=f"pid {os.getpid()}"):
        acquire(tmp_path / "lock")
    lock.release()


def test_programs_that_are_started_do_not_inherit_it(tmp_path):
    lock = acquire(tmp_path / "lock")
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, close_fds=False)
    lock.release()
    acquire(tmp_path / "lock").release()  # the child lives, and would hold it
    child.communicate()


def test_where_there_are_no_locks_it_says_so(tmp_path, monkeypatch):
    def none(handle):
        raise OSError(module.errno.ENOLCK, "no locks")

    monkeypatch.setattr(module, "_flock", none)
    lock = acquire(tmp_path / "lock")
    assert not lock.kept
    lock.release()


def test_a_folder_that_cannot_be_locked_is_named(tmp_path):
    with pytest.raises(EnvironmentFault, match="cannot lock"):
        acquire(tmp_path / "nowhere" / "lock")


def test_what_stands_in_it_may_be_anything(tmp_path):
    (tmp_path / "lock").write_bytes(b"\xff{")
    lock = acquire(tmp_path / "lock")
    assert lock.before == ""
    lock.release()

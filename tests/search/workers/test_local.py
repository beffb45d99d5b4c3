"""The executor against processes that fail, hang, kill themselves, and lose the process they were forked from."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from automl.errors import EnvironmentFault
from automl.search.workers import local
from automl.search.workers.local import LocalExecutor

from .conftest import alive, gone, until


def _exited(job):
    return lambda e: e.kind == "exited" and e.job == job


def _started(job):
    return lambda e: e.kind == "started" and e.job == job


def test_a_job_starts_says_what_went_wrong_and_exits(executor, toys, tmp_path):
    executor.submit("a", toys("talker"))
    assert executor.running == {"a": 0}
    found = until(executor, _exited("a"))
    assert [e.kind for e in found] == ["started", "fault", "exited"]
    assert found[1].data["state"] == "error" and found[1].data["cause"] == "ValueError: a"
    assert os.waitstatus_to_exitcode(found[2].data["status"]) == 1 and found[2].data["pid"] == found[0].data["pid"]
    assert found[2].data["peak_memory_mb"] > 5 and executor.running == {}
    log = (tmp_path / "log").read_text()
    assert "words from the worker" in log and "Traceback" in log


def test_a_kill_and_an_exit_code_are_told_apart(executor, toys):
    executor.submit("kill", toys("killer"))
    executor.submit("leave", toys("leaver"))
    found = {}
    while len(found) < 2:
        found |= {e.job: e.data["status"] for e in until(executor, lambda e: e.kind == "exited") if e.kind == "exited"}
    assert os.WTERMSIG(found["kill"]) == signal.SIGKILL and os.waitstatus_to_exitcode(found["leave"]) == 3


def test_cancel_kills_even_what_ignores_sigterm_and_spares_its_sibling(executor, toys):
    executor.submit("a", toys("stubborn"))
    executor.submit("b", toys("sleeper"))
    pids = {}
    while len(pids) < 2:
        pids |= {e.job: e.data["pid"] for e in executor.events(0.2) if e.kind == "started"}
    time.sleep(0.3)
    executor.cancel("a")
    last = until(executor, _exited("a"))[-1]
    assert os.WTERMSIG(last.data["status"]) == signal.SIGKILL
    assert gone(pids["a"]) and alive(pids["b"]) and executor.running == {"b": pids["b"]}


def test_cancel_takes_the_processes_that_a_job_started_with_it(executor, toys, tmp_path):
    executor.submit("a", toys("parent"))
    child = tmp_path / "child"
    end = time.monotonic() + 10
    while not (child.exists() and child.read_text()) and time.monotonic() < end:
        executor.events(0.05)
    pid = int(child.read_text())
    executor.cancel("a")
    assert gone(pid)


def test_what_a_job_started_and_left_ends_with_it_in_whatever_session(executor, toys, tmp_path):
    executor.submit("b", toys("sleeper"))
    executor.submit("a", toys("litter"))
    found = until(executor, _exited("a"))
    assert os.waitstatus_to_exitcode(found[-1].data["status"]) == 4
    pids = [int(word) for word in (tmp_path / "child").read_text().split()]
    assert len(pids) == 2 and all(gone(pid, 2.0) for pid in pids)
    deadline = time.monotonic() + 2
    while (left := _sleeping("sleep 62")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == [] and executor.running.keys() == {"b"}


def test_close_ends_what_running_jobs_started_in_sessions_of_their_own(monkeypatch, toys, tmp_path):
    (tmp_path / "toy_keeper.py").write_text(
        f"import subprocess, time\nsubprocess.Popen(['sleep', '63'], start_new_session=True)\nopen({str(tmp_path / 'there')!r}, 'w')\ntime.sleep(60)"
    )
    executor = LocalExecutor(1).start()
    executor.submit("a", toys("keeper"))
    deadline = time.monotonic() + 20
    while not (tmp_path / "there").exists() and time.monotonic() < deadline:
        executor.events(0.05)
    assert _sleeping("sleep 63")
    executor.close()
    assert _sleeping("sleep 63") == []


def _sleeping(words):
    listed = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True).stdout.splitlines()
    return [line for line in listed if line.endswith(words) and not line.startswith("Z")]


def test_a_job_that_leaves_by_sys_exit_leaves_its_code(executor, toys):
    for name, code in (("polite", 0), ("impolite", 1)):
        executor.submit(name, toys(name))
        assert os.waitstatus_to_exitcode(until(executor, _exited(name))[-1].data["status"]) == code


def test_to_cancel_a_job_that_is_over_or_unknown_does_nothing(executor, toys):
    executor.submit("a", toys("leaver"))
    until(executor, _exited("a"))
    executor.cancel("a")
    executor.cancel("never heard of")
    assert executor.events(0.1) == []


def test_a_job_that_was_cancelled_before_it_started_does_not_run_on(monkeypatch, toys):
    """The process that jobs are forked from may still be importing when the user gives up."""
    monkeypatch.setattr(local, "PRELOAD", ())
    executor = LocalExecutor(1, ("toy_slow_import",)).start()
    try:
        time.sleep(0.6)  # it is inside the import now
        executor.submit("a", toys("sleeper"))
        executor.cancel("a")
        until(executor, _exited("a"), 4)
        assert executor.running == {}
    finally:
        executor.close()


def test_nothing_to_report_takes_as_long_as_asked(executor):
    began = time.monotonic()
    assert executor.events(0.3) == []
    assert 0.25 < time.monotonic() - began < 2


def test_what_happened_comes_at_once(executor, toys):
    executor.submit("a", toys("leaver"))
    began = time.monotonic()
    assert executor.events(20) and time.monotonic() - began < 10


def test_a_dead_parent_is_replaced_and_its_jobs_are_reported_killed(executor, toys):
    executor.submit("a", toys("sleeper"))
    pid = until(executor, _started("a"))[0].data["pid"]
    executor._process.kill()
    last = until(executor, _exited("a"))[-1]
    assert os.WTERMSIG(last.data["status"]) == signal.SIGKILL and last.data["pid"] == pid
    assert gone(pid) and executor.running == {}
    executor.submit("b", toys("leaver"))
    assert os.waitstatus_to_exitcode(until(executor, _exited("b"))[-1].data["status"]) == 3


def test_a_parent_that_keeps_dying_is_said_to(executor):
    with pytest.raises(EnvironmentFault, match="keeps dying"):
        for _ in range(5):
            executor._process.kill()
            executor._process.wait()
            executor.events(0.1)


def test_close_leaves_no_process(executor, toys):
    for name in ("a", "b"):
        executor.submit(name, toys("stubborn"))
    pids = [executor._process.pid]
    while len(pids) < 3:
        pids += [e.data["pid"] for e in executor.events(0.2) if e.kind == "started"]
    executor.close()
    assert all(gone(pid) for pid in pids)
    executor.close()  # twice does no harm


def test_close_right_after_the_start_of_a_job_leaves_no_process(executor, toys):
    executor.submit("a", toys("sleeper"))
    pid = until(executor, _started("a"))[0].data["pid"]
    executor.close()
    assert gone(pid)


def test_a_job_runs_with_one_thread_and_a_fixed_hash(executor, toys, tmp_path):
    (tmp_path / "toy_environment.py").write_text("import os\nraise ValueError(' '.join(os.environ[n] for n in ('OMP_NUM_THREADS', 'PYTHONHASHSEED')))")
    executor.submit("a", toys("environment"))
    assert until(executor, _exited("a"))[1].data["cause"] == "ValueError: 1 0"


def test_a_machine_that_refuses_a_process_is_a_fault_of_the_environment(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(EnvironmentFault, match="cannot start a worker"):
        LocalExecutor(1).start()


def test_workers_start_where_the_run_is_the_first_process_of_its_container(tmp_path):
    """`docker run image automl run spec.yaml` makes the run process 1; its workers must not take it for the death of their parent."""
    unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("this machine gives no process namespace")
    (tmp_path / "t.py").write_text(
        "import os, json, pathlib\n"
        "from automl.search.workers import local\n"
        "assert os.getpid() == 1\n"
        "local.PRELOAD = ()\n"
        "path = pathlib.Path('job.json')\n"
        "path.write_text(json.dumps({'kind': 'trial', 'family': 'nowhere:X', 'log': 'log', 'context': {'device': 'cpu'}}))\n"
        "executor = local.LocalExecutor(1).start()\n"
        "executor.submit('a', path)\n"
        "print([e.kind for _ in range(100) if 'a' in executor.running for e in executor.events(0.1)])\n"
        "executor.close()\n"
    )
    root = str(Path(local.__file__).parents[3])
    done = subprocess.run([*unshare, sys.executable, "t.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": root})
    assert done.stdout.strip() == "['started', 'fault', 'exited']", done.stdout + done.stderr

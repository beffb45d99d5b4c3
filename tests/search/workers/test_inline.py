"""Jobs in the caller's own process: the same events as of processes, faults told, and one that is let go is not heard any more."""

import json
import os
import signal
import time

import pytest

from automl.search.workers import job as module
from automl.search.workers.inline import InlineExecutor


def two_steps(job, send, told):
    send({"kind": "fold", "fold": 0})
    answer = told()
    send({"kind": "fold", "fold": 1, "told": answer})


def listens(job, send, told):
    """Goes on whatever is said, and says what it heard: nothing, then what came."""
    heard = [told(wait=False)]
    send({"kind": "fold", "fold": 0})
    while not heard[-1]:
        heard.append(told(wait=False))
    send({"kind": "fold", "fold": 1, "heard": [heard[0], heard[-1]]})


def fails(job, send, told):
    raise RuntimeError("no luck\nat all")


def leaves(job, send, told):
    raise SystemExit(3)


@pytest.fixture
def executor(monkeypatch):
    for task in (two_steps, listens, fails, leaves):
        monkeypatch.setitem(module.KINDS, task.__name__, f"{__name__}:{task.__name__}")
    found = InlineExecutor().start()
    yield found
    found.close()


@pytest.fixture
def submit(executor, tmp_path):
    def start(kind):
        path = tmp_path / f"{kind}.json"
        path.write_text(json.dumps({"kind": kind, "log": str(tmp_path / "run.log")}))
        executor.submit(kind, path)

    return start


def heard(executor, until, seconds=10.0):
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end and not any(e.kind == until for e in found):
        found += executor.events(0.1)
    return found


def test_a_job_tells_waits_is_told_and_ends(executor, submit):
    submit("two_steps")
    assert [e.kind for e in heard(executor, "fold")] == ["started", "fold"] and executor.running == {"two_steps": os.getpid()}
    assert executor.events(0.05) == []
    executor.admit("two_steps", deadline=None)
    rest = heard(executor, "exited")
    assert [e.kind for e in rest] == ["fold", "exited"] and rest[0].data["told"] == {"go": True, "deadline": None}
    assert executor.running == {} and os.waitstatus_to_exitcode(rest[-1].data["status"]) == 0


@pytest.mark.parametrize(("kind", "cause"), [("fails", "RuntimeError: no luck"), ("leaves", "SystemExit: 3")])
def test_a_fault_ends_the_job_and_not_the_caller(executor, submit, tmp_path, kind, cause):
    submit(kind)
    found = heard(executor, "exited")
    assert [e.kind for e in found] == ["started", "fault", "exited"] and found[1].data["cause"] == cause
    assert "Traceback" in (tmp_path / "run.log").read_text() and os.waitstatus_to_exitcode(found[-1].data["status"]) == 1


def test_a_job_that_is_let_go_counts_as_killed_and_is_not_heard(executor, submit):
    submit("two_steps")
    heard(executor, "fold")
    executor.cancel("two_steps")
    executor.cancel("two_steps")
    found = heard(executor, "exited")
    assert [e.kind for e in found] == ["exited"] and os.waitstatus_to_exitcode(found[0].data["status"]) == -signal.SIGKILL
    time.sleep(0.05)
    assert executor.events(0.05) == [] and executor.running == {}


def test_a_job_may_listen_without_waiting(executor, submit):
    submit("listens")
    heard(executor, "fold")
    executor.evict("listens", trial=3)
    assert heard(executor, "exited")[0].data["heard"] == [{}, {"go": False, "trial": 3}]

import os
import signal

import pytest

from automl.search.outcome import faulty, forced, verdict
from automl.vocabulary import State


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_signal_is_named(number):
    state, cause = verdict(int(number), True)
    assert state == State.KILLED and number.name in cause


def test_a_signal_without_a_name_is_a_kill_too():
    assert verdict(signal.SIGRTMIN + 6, False)[0] == State.KILLED


@pytest.mark.parametrize(("code", "complete", "state"), [(0, True, State.OK), (0, False, State.CRASHED), (3, True, State.CRASHED), (1, False, State.CRASHED)])
def test_only_a_whole_trial_that_left_in_order_is_one(code, complete, state):
    status = code << 8
    assert os.waitstatus_to_exitcode(status) == code
    found, cause = verdict(status, complete)
    assert found == state and (state == State.OK or f"code {code}" in cause)


def test_only_a_kill_from_outside_was_not_the_trials_own_fault():
    assert faulty(verdict(signal.SIGKILL, False)[1]) and not faulty(verdict(signal.SIGSEGV, False)[1])


def test_a_limit_is_told_before_the_signal_that_carried_it_out():
    assert forced({"status": 9}, 100) is None
    assert forced({"status": 9, "limit": "memory"}, 100)[0] == State.MEMORY and "100 MB" in forced({"limit": "memory"}, 100)[1]
    assert forced({"status": 9, "limit": "deadline"}, 100)[0] == State.TIMEOUT

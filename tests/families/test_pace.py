"""A fit's work in portions that end by its deadline."""

import time

import pytest

from automl.families import pace as module
from automl.families.base import Progress
from automl.families.pace import Pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    assert module.time is time
    return now


def run(pace, clock, fixed, each):
    """Work through the portions; each takes `fixed` seconds and `each` for a unit. Return the portions."""
    out = []
    while portion := pace.next():
        out.append(portion)
        clock[0] += fixed + each * portion
    return out


def test_without_a_deadline_all_is_one_portion(clock):
    assert run(Pace(Progress(), 200), clock, 0, 1) == [200]
    assert run(Pace(Progress(), 0), clock, 0, 1) == []


def test_with_much_time_there_are_few_portions(clock):
    portions = run(Pace(Progress(clock[0] + 1000), 200), clock, 0.1, 0.1)
    assert sum(portions) == 200 and len(portions) <= 3


@pytest.mark.parametrize("fixed", [0.0, 0.5])
def test_with_little_time_the_work_ends_by_the_deadline_and_uses_most_of_it(clock, fixed):
    deadline = clock[0] + 20
    portions = run(Pace(Progress(deadline), 10_000), clock, fixed, 0.2)
    assert deadline - 2 <= clock[0] <= deadline and portions[0] == 1 and sum(portions) > 50


def test_a_unit_is_always_made_and_no_more_once_time_is_out(clock):
    assert run(Pace(Progress(clock[0] - 5), 50), clock, 0, 1) == [1]
    assert run(Pace(Progress(clock[0] + 0.5), 50), clock, 0, 1) == [1]


def test_a_unit_that_would_not_fit_is_not_begun(clock):
    assert run(Pace(Progress(clock[0] + 15), 50), clock, 0, 10) == [1]

"""A clock ends, gives shares, counts by part, and keeps what was sampled."""

import math

import pytest

from automl.eda.clock import Clock, eda_seconds
from tests.eda.made import Hand


@pytest.mark.parametrize(("limit", "seconds"), [(600.0, 60.0), (10.0, 2.0), (20.0, 2.0), (None, math.inf)])
def test_a_tenth_of_the_time_and_two_seconds_at_least(limit, seconds):
    assert eda_seconds(limit) == seconds


def test_what_is_left_and_what_was_spent():
    now = Hand()
    clock = Clock(10.0, now)
    with clock.share("a", 0.5) as own:
        now.at += 3
        assert own.left() == pytest.approx(2) and clock.left() == pytest.approx(7)
    with clock.share("a") as own:
        assert own.left() == pytest.approx(7)
        now.at += 1
    assert clock.spent("a") == pytest.approx(4) and clock.spent("b") == 0 and clock.seconds == {"a": pytest.approx(4)}
    now.at += 100
    assert clock.left() < 0
    with clock.share("late") as own:
        assert own.left() <= 0


def test_time_is_counted_when_a_part_fails():
    now = Hand()
    clock = Clock(10.0, now)
    with pytest.raises(ValueError), clock.share("a"):
        now.at += 2
        raise ValueError
    assert clock.spent("a") == pytest.approx(2)


def test_samples_are_noted_by_parts_of_parts_but_not_where_all_rows_were_seen():
    clock = Clock()
    with clock.share("a") as own:
        own.sampled("a", 10, 100, "why")
        own.sampled("b", 100, 100, "why")
    assert clock.sampling == [{"part": "a", "rows": 10, "of": 100, "why": "why"}]

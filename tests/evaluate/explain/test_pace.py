import numpy as np
import pytest

from automl.evaluate.explain.pace import FEW, Pace
from automl.evaluate.explain.scored import Scored

from .planted import logistic, scored_of, values


class Clock:
    """Time that passes only as the model takes it."""

    def __init__(self):
        self.at = 0.0

    def __call__(self):
        return self.at


def timed(clock, call, each, n=3000) -> Scored:
    def model(table):
        clock.at += call + each * table.n_rows
        return logistic(values(table, "x"))

    return scored_of({"x": np.random.default_rng(0).normal(size=n)}, model)


def test_the_speed_is_seen_and_what_does_not_fit_is_told():
    clock = Clock()
    scored = timed(clock, 0.002, 1e-5)
    pace = Pace(10.0, clock)
    assert pace.measure(scored) and pace.call == pytest.approx(0.002, rel=0.05) and pace.each == pytest.approx(1e-5, rel=0.05)
    assert pace.fits(1000, 100) and not pace.fits(1000, 2000) and pace.cost(0) >= pace.call


def test_a_model_that_takes_all_the_time_is_seen_after_few_rows():
    clock = Clock()
    scored = timed(clock, 1.0, 0.0)
    clock.at = 0.0
    pace = Pace(1.5, clock)
    assert not pace.measure(scored) and clock.at <= 2.0


def test_a_share_ends_earlier_at_the_same_speed_and_no_limit_is_no_limit():
    clock = Clock()
    pace = Pace(10.0, clock)
    pace.call, pace.each = 0.1, 0.01
    part = pace.share(0.3)
    assert part.left() == pytest.approx(3.0) and part.cost(7) == pace.cost(7)
    clock.at = 20.0
    assert pace.share(0.5).left() == 0.0 > pace.left()
    endless = Pace()
    endless.call = 1e9
    assert endless.fits(10**9, 10**9)


def test_a_table_of_few_rows_is_measured_by_what_there_is():
    clock = Clock()
    assert Pace(10.0, clock).measure(timed(clock, 0.001, 0.0, n=FEW // 2))

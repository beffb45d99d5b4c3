import math

import numpy as np
import pytest

from automl.neural.schedules import LEAST, position, share

GRID = np.linspace(0, 1, 101)


def test_a_cosine_falls_from_the_whole_rate_to_almost_none():
    found = share("cosine", GRID)
    assert found[0] == 1 and found[-1] == LEAST and (np.diff(found) <= 0).all() and found[50] == pytest.approx(0.5)


def test_a_rate_without_an_end_only_warms_up():
    found = share("constant", GRID)
    assert 0 < found[0] < 0.1 and (found[5:] == 1).all()


def test_four_cosines_grow_longer():
    found = share("coslog4", np.linspace(0, 1, 10_001))
    lows = np.flatnonzero((found[1:-1] < found[:-2]) & (found[1:-1] <= found[2:])) + 1
    assert found[0] == 0 and found.max() == pytest.approx(1) and len(lows) == 3
    assert np.diff([0, *lows, 10_000]).tolist() == sorted(np.diff([0, *lows, 10_000]).tolist())


def test_flat_then_a_cosine():
    found = share("flat_cos", GRID)
    assert (found[:51] == 1).all() and found[-1] == pytest.approx(0)


def test_a_training_is_over_by_its_epochs_or_by_its_time_whichever_ends_first():
    assert position(5, 10, now=1.0, began=0.0, deadline=math.inf) == 0.5
    assert position(5, 10, now=8.0, began=0.0, deadline=10.0) == 0.8
    assert position(9, 10, now=1.0, began=0.0, deadline=10.0) == 0.9
    assert position(0, 10, now=20.0, began=0.0, deadline=10.0) == 1.0

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.evaluate.explain.exchange import PARTS, Judge, exchanged, interval_of
from automl.metrics import METRICS

ACCURACY = METRICS.get("classification", "accuracy")


@given(st.integers(2, 60), st.integers(0, 1000))
def test_single_rows_change_places_and_none_keeps_its_own(n, seed):
    source = exchanged(np.arange(n), np.random.default_rng(seed))
    assert sorted(source) == list(range(n)) and (source != np.arange(n)).all()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 6), min_size=2, max_size=60), st.integers(0, 1000))
def test_a_unit_gets_the_rows_of_one_other_unit(units, seed):
    units = np.array(units)
    source = exchanged(units, np.random.default_rng(seed))
    givers = {int(u): set(units[source[units == u]].tolist()) for u in np.unique(units)}
    assert all(len(given) == 1 for given in givers.values())
    if len(givers) > 1:
        assert all(given != {unit} for unit, given in givers.items())


def test_any_two_rows_are_as_likely_to_meet():
    n, rng = 5, np.random.default_rng(0)
    counts = np.zeros((n, n))
    for _ in range(4000):
        counts[np.arange(n), exchanged(np.arange(n), rng)] += 1
    off = counts[~np.eye(n, dtype=bool)] / 4000
    assert np.abs(off - 1 / (n - 1)).max() < 0.03


def test_one_row_or_unit_is_no_error():
    assert exchanged(np.zeros(1, np.int64), np.random.default_rng(0)).tolist() == [0]
    assert sorted(exchanged(np.zeros(4, np.int64), np.random.default_rng(0))) == [0, 1, 2, 3]


def test_units_are_left_out_whole():
    units = np.repeat(np.arange(30), 4)
    judge = Judge.of(ACCURACY, 1, np.zeros(120, np.int64), units, np.random.default_rng(0))
    assert len(judge.kept) == PARTS
    assert all(not set(units[kept]) & set(np.delete(units, kept)) for kept in judge.kept)


@pytest.mark.parametrize("unit_size", [1, 8])
def test_the_interval_covers_the_truth_as_often_as_it_says(unit_size):
    """Paired differences of accuracy whose mean is 0.1; whole units agree, so there are fewer of them than rows."""
    rng, n, covered = np.random.default_rng(1), 480, 0
    for _ in range(200):
        units = np.repeat(np.arange(n // unit_size), unit_size)
        y = np.zeros(n, np.int64)
        right = np.repeat(rng.random(n // unit_size) < 0.8, unit_size)
        spoiled = right & np.repeat(rng.random(n // unit_size) < 0.125, unit_size)
        judge = Judge.of(ACCURACY, 1, y, units, rng)
        base, after = (np.stack([ok, ~ok], axis=1).astype(float) for ok in (right, right & ~spoiled))
        _, low, high = interval_of(judge.gains(judge.scores(base), judge.scores(after))[None])
        covered += low <= 0.1 <= high
    assert 180 <= covered <= 199


def test_repeats_that_differ_widen_the_interval_and_undefined_scores_give_none():
    steady = np.full((4, 11), 0.1) + np.linspace(-0.01, 0.01, 11)
    jumpy = steady + np.array([-0.1, 0.1, -0.1, 0.1])[:, None]
    widths = [np.diff(interval_of(g)[1:])[0] for g in (steady, jumpy)]
    assert widths[1] > 2 * widths[0] > 0
    assert np.isnan(interval_of(np.full((2, 11), np.nan))).all()

"""Cuts in time: near the shares asked for, never inside a moment; units on one side."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.forward import cuts, part_at

TIMES = st.lists(st.integers(0, 12), min_size=1, max_size=60)
SHARES = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6).map(sorted)


@settings(max_examples=100, deadline=None)
@given(TIMES, SHARES)
def test_a_cut_is_the_beginning_of_the_nearest_moment(times, shares):
    time = np.array(times, dtype=float)
    found = cuts(time, shares)
    moments = sorted(set(times))[1:]
    assert found == sorted(set(found)) and set(found) <= set(moments) and (len(found) > 0) == (len(moments) > 0)
    for share in shares if moments else []:
        distance = {m: abs((time < m).sum() - share * len(time)) for m in moments}
        assert any(distance[m] <= min(distance.values()) + 1e-9 for m in found)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_unit_is_on_both_sides_and_what_goes_is_the_smaller_part(data):
    n = data.draw(st.integers(1, 50))
    time = np.array(data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n)), dtype=float)
    units = np.array(data.draw(st.lists(st.integers(0, 8), min_size=n, max_size=n)))
    cut = float(data.draw(st.integers(1, 9)))
    end = cut + data.draw(st.sampled_from([1.0, 3.0, np.inf]))
    before, after, gone = part_at(time, units, cut, end)
    assert (time[before] < cut).all() and ((time[after] >= cut) & (time[after] < end)).all()
    assert not set(units[before]) & set(units[after])
    assert gone == (time < end).sum() - before.sum() - after.sum()
    for unit in set(units):
        early, late = ((units == unit) & (time < cut)).sum(), ((units == unit) & (time >= cut) & (time < end)).sum()
        kept = before[units == unit].sum(), after[units == unit].sum()
        assert kept == ((early, late) if not early or not late else (early, 0) if early >= late else (0, late))


def test_without_units_nothing_goes():
    time = np.array([1.0, 2.0, 2.0, 3.0])
    before, after, gone = part_at(time, None, 2.0)
    assert before.tolist() == [True, False, False, False] and after.tolist() == [False, True, True, True] and gone == 0

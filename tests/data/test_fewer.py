import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automl.data.fewer import sample, share_of

SHARES = st.floats(0.05, 0.95)


@given(st.integers(0, 99), SHARES)
def test_about_the_share_and_every_class(seed, share):
    y = np.random.default_rng(seed).choice(4, 400, p=[0.9, 0.05, 0.04, 0.01])
    kept = share_of(y, share, seed)
    assert set(y[kept]) == set(y) and abs(len(kept) - share * 400) <= 4 and (np.diff(kept) > 0).all()


@given(st.integers(0, 99), SHARES, SHARES)
def test_a_smaller_share_lies_within_a_larger_one(seed, one, other):
    y = np.arange(300) % 3
    small, large = (share_of(y, share, seed) for share in sorted((one, other)))
    assert set(small) <= set(large)


@given(st.integers(0, 99), SHARES)
def test_units_stay_whole(seed, share):
    rng = np.random.default_rng(seed)
    y, unit = rng.integers(0, 2, 300), rng.integers(0, 40, 300)
    kept = share_of(y, share, seed, unit)
    assert not set(unit[kept]) & set(np.delete(unit, kept))


def test_where_time_orders_the_rows_the_latest_are_kept():
    time = np.random.default_rng(0).permutation(200).astype(float)
    kept = share_of(np.arange(200) % 2, 0.25, 0, None, time)
    assert sorted(time[kept]) == list(range(150, 200)) and len(share_of(np.arange(9) % 2, 0.5, 0, None, np.zeros(9))) == 0


def test_all_rows_are_all_rows():
    assert share_of(np.zeros(5, int), 1.0, 0).tolist() == [0, 1, 2, 3, 4]


def test_a_sample_keeps_the_order_and_repeats_with_its_seed():
    rows = np.arange(1000) * 3
    few = sample(rows, 100)
    assert len(np.unique(few)) == 100 and (np.diff(few) > 0).all() and np.isin(few, rows).all()
    assert np.array_equal(few, sample(rows, 100)) and not np.array_equal(few, sample(rows, 100, seed=1))
    assert sample(rows, 1000) is rows

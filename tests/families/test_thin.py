"""A stratified sample keeps what is rare."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.thin import LEAST, thin


def test_all_rows_where_there_are_few():
    assert thin(np.zeros(5, np.int64), 5, 0).tolist() == [0, 1, 2, 3, 4] and thin(np.zeros(0, np.int64), 3, 0).size == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=6), st.integers(1, 500), st.integers(0, 99))
def test_shares_hold_and_rare_classes_stay_whole(counts, most, seed):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts)).astype(np.int64)
    kept = thin(y, most, seed)
    assert (np.diff(kept) > 0).all() and len(kept) <= max(most, 0) + LEAST * len(counts)
    for code, count in enumerate(counts):
        share = int((y[kept] == code).sum())
        assert share == count if len(y) <= most else share == min(count, max(LEAST, int(count * (most / len(y)))))


def test_the_seed_decides():
    y = np.arange(1000) % 2
    assert np.array_equal(thin(y, 100, 3), thin(y, 100, 3)) and not np.array_equal(thin(y, 100, 3), thin(y, 100, 4))

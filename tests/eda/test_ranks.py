"""Ranks and areas against scipy and scikit-learn; mutual information against its own extremes."""

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import mutual_info_score, roc_auc_score

from automl.eda.ranks import area_of_table, auc_by_class, macro_auc, midranks, told

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("values", [RNG.normal(size=200), RNG.integers(0, 5, 200) * 1.0, np.zeros(7), np.zeros(0)], ids=["reals", "ties", "one value", "none"])
def test_midranks_are_those_of_scipy(values):
    assert np.allclose(midranks(values), rankdata(values))


def test_areas_are_those_of_scikit_learn():
    score, y = RNG.integers(0, 20, 300) * 1.0, RNG.integers(0, 4, 300)
    areas, size = auc_by_class(midranks(score), y, 5)
    assert np.allclose(areas[:4], [roc_auc_score(y == k, score) for k in range(4)])
    assert np.isnan(areas[4]) and size.tolist() == np.bincount(y, minlength=5).tolist()


def test_areas_of_tables_are_those_of_rows():
    codes, y = RNG.integers(0, 6, 400), RNG.integers(0, 2, 400)
    score = RNG.integers(0, 3, 6) * 1.0
    inside, outside = np.bincount(codes[y == 1], minlength=6), np.bincount(codes[y == 0], minlength=6)
    assert area_of_table(score, inside, outside) == pytest.approx(roc_auc_score(y, score[codes]))
    assert np.isnan(area_of_table(score, inside, 0 * inside))


def test_the_mean_area_mirrors_ranks_and_takes_wrong_shares_for_noise():
    areas, size = np.array([0.2, 0.7, np.nan]), np.array([5, 5, 0])
    assert macro_auc(areas, size) == pytest.approx(0.75)
    assert macro_auc(areas, size, undirected=False) == pytest.approx(0.6)
    assert macro_auc(np.array([np.nan]), np.array([0])) is None


def test_what_codes_tell():
    y = RNG.integers(0, 3, 5000)
    assert told(y, y) > 0.999 and told(y * 7 + 2, y) > 0.999
    assert told(RNG.integers(0, 50, 5000), y) < 0.003
    assert told(np.zeros(5000, int), y) == 0 and told(y, np.zeros(5000, int)) == 0 and told(y[:0], y[:0]) == 0
    noisy = np.where(RNG.random(5000) < 0.5, y, RNG.integers(0, 3, 5000))
    entropy = mutual_info_score(y, y)
    assert told(noisy, y) == pytest.approx((mutual_info_score(noisy, y) - 4 / 10000) / entropy, abs=1e-9)

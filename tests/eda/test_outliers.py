"""The Local Outlier Factor against scikit-learn, planted rows far from all others, robust z by hand."""

import json

import numpy as np
import pytest
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors

from automl.eda.clock import Clock
from automl.eda.outliers import local_outlier_factor, nearest, outliers, robust_z, scaled
from tests.eda.made import Hand, made, rows_of

RNG = np.random.default_rng(0)
POINTS = np.concatenate([RNG.normal(size=(700, 4)), 6 + 0.3 * RNG.normal(size=(500, 4))])


@pytest.mark.parametrize("points", [POINTS, np.repeat(POINTS[:30], 40, axis=0)], ids=["two clusters", "copies"])
def test_factors_are_those_of_scikit_learn(points):
    theirs = -LocalOutlierFactor(20).fit(points).negative_outlier_factor_
    ours = local_outlier_factor(points, 20, Clock())
    assert np.allclose(ours, theirs, rtol=1e-3 if points is not POINTS else 1e-6)


def test_neighbours_are_those_of_scikit_learn():
    distance, place = nearest(POINTS, 5, Clock())
    theirs, at = NearestNeighbors(n_neighbors=5).fit(POINTS).kneighbors()
    assert np.allclose(distance, theirs, atol=1e-6) and np.array_equal(place, at)


def test_a_row_far_from_all_others_is_named_by_its_number_and_columns():
    values = RNG.normal(size=(2000, 3))
    values[7, 1], values[500] = 9.0, [5.0, -5.0, 5.0]
    dataset = made(RNG.integers(0, 2, 2000), a=values[:, 0], b=values[:, 1], c=values[:, 2])
    out = outliers(dataset, rows_of(dataset)[:1500], Clock())
    json.dumps(out, allow_nan=False)
    top = {t["row"]: t for t in out["lof"]["top"]}
    assert {8, 501} <= set(top) and top[8]["columns"][0] == "b" and set(top[501]["columns"]) == {"a", "b", "c"}
    assert all(t["factor"] > 1.5 for t in out["lof"]["top"]) and out["lof"]["share"] < 0.04 and out["lof"]["rows"] == 1500
    assert [c["column"] for c in out["columns"]] and max(top) <= 1500


def test_no_cell_value_is_told():
    values = RNG.normal(size=300)
    values[3] = 123456.75
    dataset = made(n=300, a=values, b=RNG.normal(size=300))
    text = json.dumps(outliers(dataset, rows_of(dataset), Clock()))
    assert "123456" not in text and '"row": 4' in text


def test_robust_z():
    values = np.array([1.0, 2, 3, 4, 100])
    assert np.allclose(robust_z(values), 0.6745 * (values - 3) / 1)
    mostly = np.array([0.0] * 8 + [10, 10])
    assert np.allclose(robust_z(mostly), mostly / (2 * 1.2533))
    assert robust_z(np.ones(5)) is None and robust_z(np.zeros(0)) is None


def test_values_far_out_are_counted_by_column():
    values = RNG.uniform(size=1000)
    values[:20] = 50
    dataset = made(n=1000, a=values, b=RNG.uniform(size=1000), one=np.ones(1000), none=np.full(1000, np.nan))
    out = outliers(dataset, rows_of(dataset), Clock())
    assert [(c["column"], c["rows"]) for c in out["columns"]] == [("a", 20), ("b", 0)] and out["columns"][0]["share"] == pytest.approx(0.02)


def test_scaling_fills_gaps_and_bounds_tails():
    values = np.stack([RNG.normal(3, 2, 1000), np.full(1000, np.nan), np.where(np.arange(1000) == 0, np.inf, 0.0), np.append(np.full(999, 5.0), 1e300)], axis=1)
    out = scaled(values)
    assert out.shape == (1000, 4) and np.isfinite(out).all() and abs(out).max() <= 10
    assert abs(np.median(out[:, 0])) < 1e-9 and out[:, 0].std() == pytest.approx(1, abs=0.1) and (out[:, 1] == 0).all()


def test_few_rows_no_numbers_and_no_time():
    words = made(n=200, a=["x", "y"] * 100)
    assert "no numbers" in outliers(words, rows_of(words), Clock())["lof"]["skipped"]
    short = made(n=30, a=RNG.normal(size=30))
    assert "fewer than" in outliers(short, rows_of(short), Clock())["lof"]["skipped"]
    long = made(n=3000, a=RNG.normal(size=3000))
    assert "after 0" in outliers(long, rows_of(long), Clock(-1, Hand()))["skipped"]
    assert "time" in outliers(long, rows_of(long), Clock(3.5, Hand(1.0)))["lof"]["skipped"]

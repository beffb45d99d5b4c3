"""Dates: steps, gaps, order, the future and the drift of the classes, each planted."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from automl.eda.clock import Clock
from automl.eda.dates import calendar_counts, describe_dates, granularity
from tests.eda.made import Hand, made, rows_of

RNG = np.random.default_rng(0)
DAY = 86400.0
START = pd.Timestamp("2023-01-01").timestamp()
NOW = pd.Timestamp("2026-01-01").timestamp()


def described(values, y=None, now=NOW):
    dataset = made(y, dates={"d": values}, n=len(values))
    found = describe_dates(dataset, rows_of(dataset), Clock(), now)
    json.dumps(found, allow_nan=False)
    return found["columns"][0]


@pytest.mark.parametrize(
    ("unit", "word"), [("D", "day"), ("h", "hour"), ("min", "minute"), ("s", "second"), ("ms", "fraction")],
)  # fmt: skip
def test_granularity(unit, word):
    stamps = pd.date_range("1969-12-30", periods=200, freq=f"7{unit}").to_numpy().astype("datetime64[ms]").astype(np.int64) / 1e3
    assert granularity(stamps) == word


def test_steps_gaps_and_repeats():
    days = np.concatenate([np.arange(100), np.arange(130, 200), [5, 5, 7]])
    out = described(START + DAY * RNG.permutation(days))
    assert out["step_median"] == DAY and out["gap_largest"] == 31 * DAY
    assert (out["gap_from"], out["gap_to"]) == ("2023-04-10T00:00:00", "2023-05-11T00:00:00")
    assert out["duplicates_share"] == pytest.approx(3 / 173) and out["rows"] == 173


@pytest.mark.parametrize(
    ("order", "word"), [(np.arange(300), "ascending"), (-np.arange(300), "descending"), (RNG.permutation(300), "none"), (np.zeros(300), "same")]
)
def test_order(order, word):
    values = START + DAY * order
    out = described(values)
    assert out["order"] == word
    if word != "same":
        assert out["order_correlation"] == pytest.approx(spearmanr(values, np.arange(300)).statistic, abs=1e-4)


def test_the_future_is_that_of_the_clock():
    values = NOW + DAY * np.arange(-8, 2)
    assert described(values)["future"] == 1 and described(values)["future_share"] == 0.1
    assert described(values, now=NOW + 9 * DAY)["future"] == 0
    dataset = made(n=3, dates={"d": [pd.Timestamp.now().timestamp() + k * DAY for k in (-1, 1, 2)]})
    assert describe_dates(dataset, rows_of(dataset), Clock())["columns"][0]["future"] == 2


@pytest.mark.parametrize(
    ("freq", "periods", "unit", "count"),
    [("h", 50, "hour", 50), ("D", 60, "day", 60), ("D", 400, "month", 14), ("30D", 500, "year", 41), ("365D", 150, "3 years", 50)],
)
def test_rows_are_counted_by_the_finest_period_that_fits(freq, periods, unit, count):
    stamps = pd.date_range("2000-01-01", periods=periods, freq=freq)
    found = calendar_counts(np.sort(stamps.to_numpy().astype("datetime64[s]").astype(np.float64)))
    assert found["unit"] == unit and len(found["counts"]) == len(found["starts"]) == count and sum(found["counts"]) == periods
    assert found["starts"][0].startswith("2000")


def test_empty_periods_are_counted():
    found = calendar_counts(np.array([START, START + DAY, START + 5 * DAY]))
    assert found["unit"] == "day" and found["counts"] == [1, 1, 0, 0, 0, 1]


def test_a_target_that_drifts_with_time():
    time = np.sort(RNG.random(5000))
    y = (RNG.random(5000) < 0.2 + 0.6 * time).astype(int)
    shuffled = RNG.permutation(5000)
    out = described(START + 365 * DAY * time[shuffled], y[shuffled])["drift"]
    ones = next(c["shares"] for c in out["classes"] if c["class"] == "class1")
    assert len(ones) == 10 and np.allclose(ones, 0.23 + 0.06 * np.arange(10), atol=0.07) and out["v"] > 0.3 and sum(out["rows"]) == 5000
    steady = described(START + 365 * DAY * time, RNG.integers(0, 2, 5000))["drift"]
    assert steady["v"] < 0.05 and len(steady["starts"]) == 10


def test_missing_and_equal_dates():
    assert described(np.full(10, np.nan), np.arange(10) % 2) == {"column": "d", "rows": 0}
    same = described(np.full(10, START), np.arange(10) % 2)
    assert same["drift"]["v"] is None and "gap_largest" not in same and same["periods"]["counts"] == [10]
    some = described(np.where(np.arange(10) < 5, np.nan, START + DAY * np.arange(10)), np.arange(10) % 2)
    assert some["rows"] == 5 and some["order"] == "ascending" and sum(some["drift"]["rows"]) == 5


def test_out_of_time_and_no_dates():
    dataset = made(n=10, dates={"a": START + DAY * np.arange(10), "b": START + DAY * np.arange(10)})
    out = describe_dates(dataset, rows_of(dataset), Clock(1.5, Hand(1.0)))
    assert len(out["columns"]) == 1 and "after 1 of 2" in out["columns_skipped"]
    assert describe_dates(made(n=10, a=np.arange(10.0)), np.arange(10), Clock()) == {"columns": []}

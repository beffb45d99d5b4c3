"""Parts of dates, against pandas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.inference.steps.dates import DATE_PARTS, date_parts, parts_of
from automl.inference.table import Column

from . import transformed


@settings(deadline=None)
@given(st.lists(st.integers(-4_000_000_000, 8_000_000_000), min_size=1, max_size=20))
def test_parts_of_dates_are_those_of_pandas(seconds):
    stamps = pd.to_datetime(pd.Series(seconds), unit="s")
    parts = dict(zip(DATE_PARTS, date_parts(np.array(seconds, np.float64)), strict=True))
    for name in ("year", "month", "day", "weekday", "hour"):
        assert parts[name].tolist() == getattr(stamps.dt, name).tolist(), name
    assert parts["days"].tolist() == [s // 86400 for s in seconds]


def test_a_fraction_of_a_second_before_midnight_is_the_day_before():
    for seconds, day in ((-0.5, "1969-12-31 23:59"), (-86400.25, "1969-12-30 23:59"), (86399.5, "1970-01-01 23:59")):
        stamp, parts = pd.Timestamp(day), [p[0] for p in date_parts(np.array([seconds]))]
        assert parts[:5] == [stamp.year, stamp.month, stamp.day, stamp.weekday(), stamp.hour]


def test_a_missing_date_has_no_parts():
    assert np.isnan(date_parts(np.array([np.nan]))).all()
    x = transformed({"kind": "date"}, Column("date", np.array([np.nan, 0.0])))
    assert np.isnan(x[0]).all() and x[1].tolist() == [1970, 1, 1, 3, 0, 0]


def test_parts_of_dates_are_scaled_and_filled():
    step = {"kind": "date", "fill": [2000] * 6, "centre": [1000] * 6, "scale": [500] * 6}
    x = transformed(step, Column("date", np.array([np.nan, 0.0])))
    assert x[0].tolist() == [2.0] * 6 and x[1, 0] == pytest.approx((1970 - 1000) / 500)


@given(st.lists(st.floats(-1e10, 1e10) | st.just(np.nan), min_size=1, max_size=9), st.lists(st.sampled_from(DATE_PARTS), unique=True))
def test_some_parts_are_the_same_as_among_all(seconds, wanted):
    every = dict(zip(DATE_PARTS, date_parts(np.array(seconds)), strict=True))
    some = parts_of(np.array(seconds), wanted)
    assert list(some) == wanted and all(np.array_equal(some[name], every[name], equal_nan=True) for name in wanted)


def test_the_circle_stands_behind_the_parts():
    column = Column("date", np.array([pd.Timestamp(t).timestamp() for t in ("2024-03-15 06:00", "2024-12-15 18:00")]))
    x = transformed({"kind": "date", "parts": ["year", "hour"], "cyclic": ["hour", "month"]}, column)
    assert np.allclose(x, [[2024, 6, 1, 0, 1, 0], [2024, 18, -1, 0, 0, 1]], atol=1e-6)


def test_a_missing_date_is_nowhere_on_the_circle():
    column = Column("date", np.array([np.nan]))
    assert np.isnan(transformed({"kind": "date", "parts": [], "cyclic": ["hour"]}, column)).all()
    assert transformed({"kind": "date", "parts": [], "cyclic": ["hour"], "fill": [], "centre": [], "scale": []}, column).tolist() == [[0, 0]]

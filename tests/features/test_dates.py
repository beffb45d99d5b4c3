"""Dates: the parts that vary, and the circle."""

import numpy as np
import pandas as pd
import pytest

from automl.features.dates import fit_date
from automl.features.recipe import DateOptions
from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.table import Column, Table


def seconds(*texts):
    return np.array([pd.Timestamp(t).timestamp() if t else np.nan for t in texts])


def made(values, scaled=False, new=None, **options):
    step = fit_date("d", values, DateOptions(**options), scaled)
    features = Features(Form("features", {"steps": [step], "sparse": False}))
    new = values if new is None else new
    return step, features.names(), features.transform(Table({"d": Column("date", new)}, len(new)))


def test_only_parts_that_vary_are_learned_from():
    assert made(seconds("2024-01-31", "2024-02-29", None))[0]["parts"] == ["month", "day", "weekday", "days"]
    assert made(seconds("2024-01-01 10:00", "2024-01-01 11:00"))[0]["parts"] == ["hour"]
    step, names, x = made(seconds("2024-01-01", None))
    assert step["parts"] == names == [] and x.shape == (2, 0)


def test_parts_that_are_asked_for_are_there_whether_they_vary_or_not():
    step, names, x = made(seconds("2024-01-01", "2024-01-02"), parts=("year", "hour"), cyclic=True)
    assert step["parts"] == ["year", "hour"] and step["cyclic"] == ["hour"]
    assert names == ["d year", "d hour", "d hour (sine)", "d hour (cosine)"] and x.tolist() == [[2024, 0, 0, 1]] * 2


@pytest.mark.parametrize(("scaled", "cyclic", "expected"), [(True, None, True), (False, None, False), (True, False, False), (False, True, True)])
def test_the_circle_is_for_scaled_families_unless_it_was_asked_for(scaled, cyclic, expected):
    step, _, _ = made(seconds("2024-01-31", "2025-02-27 10:00"), scaled, cyclic=cyclic)
    assert step["cyclic"] == (["month", "weekday", "hour"] if expected else [])


def test_on_the_circle_the_last_is_next_to_the_first():
    values = seconds(*(f"2024-{m:02}-15" for m in range(1, 13)))
    _, names, x = made(values, parts=("month",), cyclic=True)
    sine, cosine = x[:, names.index("d month (sine)")], x[:, names.index("d month (cosine)")]
    steps = np.hypot(sine - np.roll(sine, 1), cosine - np.roll(cosine, 1))
    assert np.allclose(steps, steps[0], atol=1e-6) and np.allclose(np.hypot(sine, cosine), 1, atol=1e-6)


def test_a_missing_date_is_filled_for_scaled_families_and_stands_in_the_middle_of_the_circle():
    values = seconds("2024-01-31", "2025-02-27", "2026-03-05")
    step, names, x = made(values, True, seconds(None, "2025-02-27"))
    circle = [i for i, name in enumerate(names) if "ine)" in name]
    assert np.isfinite(x).all() and not x[0, circle].any() and x[1, circle].any()
    assert len(step["fill"]) == len(step["centre"]) == len(step["scale"]) == len(step["parts"])
    assert np.isnan(made(values, False, seconds(None), cyclic=True)[2]).all()

"""The matrix of a task without labels: kinds of columns weigh alike, new rows are read as old ones, no label is needed."""

import numpy as np
import pandas as pd
import pytest

from automl.features.recipe import CategoryOptions, DateOptions, Recipe
from automl.features.view import CHUNK, matrix_of, view_of
from automl.inference.frame import table_of_frame
from automl.inference.steps.texts import LENGTHS
from automl.inference.table import Column, Field, Table, conform

N = 600


def made(frame, fields, recipe=None, rows=None):
    table = conform(table_of_frame(frame, list(frame.columns)), fields)
    return table, view_of(table, fields, recipe or Recipe(), np.arange(len(frame)) if rows is None else rows)


def test_a_number_has_variance_one_and_a_category_at_most_that():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(50, 9, N), "b": rng.choice(["x", "y", "z"], N)})
    _, view = made(frame, (Field("a", "number"), Field("b", "category")))
    spread = dict(zip(view.names, view.x.var(axis=0), strict=True))
    assert spread["a"] == pytest.approx(1, abs=0.02)
    assert 0.5 < sum(v for k, v in spread.items() if k.startswith("b")) <= 1


def test_lengths_of_a_text_count_together_as_one_number_and_frequent_words_stay():
    rng = np.random.default_rng(1)
    words = [f"word{i}" for i in range(400)] + ["always"] * 40
    frame = pd.DataFrame({"t": [" ".join(rng.choice(words, 8)) for _ in range(N)]})
    _, view = made(frame, (Field("t", "text"),))
    lengths = [i for i, name in enumerate(view.names) if ": " not in name or name.split(": ")[1] in LENGTHS]
    assert view.x[:, lengths].var(axis=0).sum() <= 1.05 and len(lengths) == 4
    assert "t: always" in view.names and view.x.shape[1] <= 304


def test_a_category_of_many_levels_has_columns_for_frequent_ones_only():
    rng = np.random.default_rng(2)
    levels = np.array([f"l{i}" for i in range(300)])
    frame = pd.DataFrame({"c": np.where(rng.random(N) < 0.5, "common", rng.choice(levels, N)), "a": rng.normal(size=N)})
    _, view = made(frame, (Field("c", "category"), Field("a", "number")))
    assert "c = common" in view.names and len(view.names) < 20


def test_what_was_asked_of_a_category_is_done():
    frame = pd.DataFrame({"c": ["a", "b", "b", "c"] * 50})
    _, view = made(frame, (Field("c", "category"),), Recipe(categories={"c": CategoryOptions("ordinal")}))
    assert view.names == ["c"]


def test_rows_that_were_searched_are_read_as_new_ones_are():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"a": rng.normal(size=N), "b": rng.choice(["x", "y"], N)})
    frame.loc[::7, "a"] = np.nan
    rows = np.arange(0, N, 2)
    table, view = made(frame, (Field("a", "number"), Field("b", "category")), rows=rows)
    assert np.array_equal(matrix_of(view.form, table)[rows], view.x) and np.isfinite(view.x).all()


def test_many_rows_are_made_in_parts():
    frame = pd.DataFrame({"a": np.arange(CHUNK + 50, dtype=float)})
    table, view = made(frame, (Field("a", "number"),))
    assert view.x.shape == (CHUNK + 50, 1) and np.array_equal(matrix_of(view.form, table), view.x)


def test_a_date_counts_once():
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.random.default_rng(4).integers(0, 700, N), unit="D")
    frame = pd.DataFrame({"d": day.strftime("%Y-%m-%d")})
    _, view = made(frame, (Field("d", "date"),))
    assert view.names == ["d days"] and view.x.var() == pytest.approx(1, abs=0.02)
    _, asked = made(frame, (Field("d", "date"),), Recipe(dates={"d": DateOptions(("weekday", "month"))}))
    assert len(asked.names) == 6


def test_numbers_and_days_may_be_scaled_otherwise_and_words_and_levels_not():
    n, rng = 60, np.random.default_rng(0)
    columns = {
        "a": Column("number", np.where(np.arange(n) < 5, np.nan, rng.normal(size=n))), "d": Column("date", rng.uniform(0, 1e8, n)),
        "c": Column("coded", rng.integers(0, 3, n).astype(np.int32), ("x", "y", "z")),
    }  # fmt: skip
    view = view_of(Table(columns, n), [Field("a", "number"), Field("d", "date"), Field("c", "category", ("x", "y", "z"))], Recipe(), np.arange(n))
    names = [view.names[j] for j in view.numbers]
    assert any(name.startswith("a") for name in names) and any(name.startswith("d") for name in names) and not any(name.startswith("c") for name in names)

"""What sets clusters apart: columns that differ, rules that a reader can follow, a map, known groups, and what must not be shown."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from automl.evaluate.groups import describe, explain_groups, map_of, principal_plane, rules_of
from automl.evaluate.known import compare_labels
from automl.evaluate.plain_columns import plain_columns
from automl.features.recipe import Recipe
from automl.features.view import view_of
from automl.finalize.places import Placed
from automl.inference.table import Column, Field, Table

N = 300
FIELDS = (Field("size", "number"), Field("day", "date"), Field("shade", "category"))
GROUP = np.arange(N) % 3


@dataclasses.dataclass
class Data:
    table: Table
    y: np.ndarray
    row_numbers: np.ndarray
    afterwards: dict


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    size = np.array([1.0, 10.0, 20.0])[GROUP] + rng.normal(0, 0.3, N)
    size[::50] = np.nan
    day = 1.7e9 + 86_400 * (100 * (GROUP == 2) + rng.integers(0, 30, N))
    shade = np.where(GROUP == 0, 0, rng.integers(1, 3, N)).astype(np.int32)
    columns = {"size": Column("number", size), "day": Column("date", day.astype(float)), "shade": Column("coded", shade, ("dark", "light", "pale"))}
    known = Column("coded", np.where(np.arange(N) < 10, -1, GROUP).astype(np.int32), ("a", "b", "c"))
    return Data(Table(columns, N), np.zeros(N, np.int64), np.arange(1, N + 1), {"known": known})


def test_columns_that_differ_are_told_the_most_telling_first(data):
    first, *_ = [c for c in describe(plain_columns(data, FIELDS), GROUP, np.full(N, 0.9)) if c["cluster"] == 0]
    assert first["rows"] == 100 and first["share"] == pytest.approx(1 / 3) and first["strength"] == pytest.approx(0.9)
    told = {d["column"]: d for d in first["differs"]}
    assert told["shade"]["level"] == "dark" and told["shade"]["share"] == 1.0 and told["size"]["gap"] < -1
    third = next(c for c in describe(plain_columns(data, FIELDS), GROUP, None) if c["cluster"] == 2)
    assert {d["column"] for d in third["differs"]} >= {"size", "day"} and third["strength"] is None


def test_rules_are_conditions_on_the_columns_as_they_stand(data):
    found = rules_of(plain_columns(data, FIELDS), GROUP, 0)
    assert found["right"] > 0.95
    words = [c for rule in found["rules"] for c in rule["conditions"]]
    assert all(w.split()[0] in ("size", "day", "shade") for w in words) and words and all(r["pure"] > 0.9 for r in found["rules"])


def test_of_one_cluster_there_is_no_rule(data):
    assert rules_of(plain_columns(data, FIELDS), np.zeros(N, np.int64), 0) is None


def test_dates_are_days_and_levels_are_named():
    plain = plain_columns(SimpleNamespace(table=Table({}, 0)), ())
    plain = dataclasses.replace(plain, numbers=(SimpleNamespace(name="day", kind="date"),))
    assert plain.words([(0, True, 1.7e9), (0, False, 1.71e9)], [("day", None)]) == ["day from 2023-11-14 to 2024-03-09"]
    assert plain.words([(0, True, 0.5), (1, False, 0.5)], [("shade", "dark"), ("shade", "pale")]) == ["shade is dark", "shade is not pale"]


def test_the_map_shows_where_rows_differ_most():
    x = np.random.default_rng(0).normal(size=(50, 4)) * [9, 3, 0.1, 0.1]
    xy, share = principal_plane(x)
    assert share > 0.99 and abs(np.corrcoef(xy[:, 0], x[:, 0])[0, 1]) > 0.99
    wide, same = principal_plane(np.random.default_rng(0).normal(size=(30, 900)))
    assert wide.shape == (30, 2) and 0 < same < 1
    assert principal_plane(np.arange(6.0)[:, None])[0].shape == (6, 2)


def test_known_groups_are_compared_where_they_are_known(data):
    found = compare_labels(data, "known", GROUP)
    assert found["adjusted_rand"] == 1.0 and found["rows"] == 290 and sorted(found["groups"]) == ["a", "b", "c"]
    assert compare_labels(data, "known", GROUP, shown=False)["groups"] == ["group 1", "group 2", "group 3"]
    data.afterwards["known"] = Column("coded", np.full(N, -1, np.int32), ())
    assert compare_labels(data, "known", GROUP)["adjusted_rand"] is None


@pytest.mark.parametrize("hidden", [set(), {"shade", "known"}])
def test_hidden_columns_show_no_value(data, hidden):
    view = view_of(data.table, FIELDS, Recipe(), np.arange(N))
    plan = SimpleNamespace(fields=FIELDS, seed=0, asked={"compare_with": "known"})
    placed = Placed(GROUP.astype(np.int64), np.ones(N, np.float32), np.ones(N, bool), 1.0)
    found = explain_groups(plan, data, view, placed, 30.0, hidden)
    text = str(found)
    assert [value in text for value in ("dark", "'a'")] == [not hidden] * 2
    assert found["rules"] and found["odd_rows"]["looked_at"] == N and found["known"]["adjusted_rand"] == 1.0


def test_without_time_the_parts_that_take_some_are_left_out(data):
    view = view_of(data.table, FIELDS, Recipe(), np.arange(N))
    plan = SimpleNamespace(fields=FIELDS, seed=0, asked={})
    found = explain_groups(plan, data, view, Placed(GROUP, np.ones(N), np.ones(N, bool), 1.0), -1.0, set())
    assert found["rules"] is None and found["odd_rows"] is None and found["clusters"]


def test_noise_is_no_cluster(data):
    view = view_of(data.table, FIELDS, Recipe(), np.arange(N))
    cluster = np.where(np.arange(N) < 30, -1, 0).astype(np.int64)
    assert [c["rows"] for c in describe(plain_columns(data, FIELDS), cluster, np.ones(N))] == [270]
    assert sorted(set(map_of(view, cluster, 0)["cluster"])) == [-1, 0]

"""What sets clusters apart: columns that differ, rules that a reader can follow, a map, known groups, and what must not be shown."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from automl.evaluate.groups import dense, explain_groups, plain_columns, with_names
from automl.evaluate.known import compare_labels
from automl.features.recipe import Recipe
from automl.features.view import view_of
from automl.finalize.places import Placed
from automl.inference.bending import NAMES, bent
from automl.inference.forms import Form
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


PLAIN = Form("centroids", {}, {})


def explained(data, cluster=GROUP, hidden=(), seconds=30.0, asked=None, form=PLAIN):
    view = view_of(data.table, FIELDS, Recipe(), np.arange(N))
    plan = SimpleNamespace(fields=FIELDS, seed=0, asked={"compare_with": "known"} if asked is None else asked)
    return explain_groups(plan, data, view, form, Placed(cluster.astype(np.int64), np.full(N, 0.9, np.float32), np.ones(N, bool), 1.0), seconds, set(hidden))


def test_clusters_have_sizes_words_and_rules_by_the_columns_of_the_table(data):
    found = explained(data)
    assert [c["rows"] for c in found["clusters"]] == [100, 100, 100] and found["clusters"][0]["strength"] == pytest.approx(0.9)
    first = next(c for c in found["clusters"] if c["cluster"] == 0)
    assert {w["column"] for w in first["words"]} == {"size", "shade", "day (days since 2023-11-14)"} and first["rule"]["precision"] > 0.9
    assert len(found["tree"]["merges"]) == 2 and len(found["map"]["points"]) == N and found["noise_rows"] == 0


def test_columns_are_told_as_a_reader_knows_them(data):
    columns = plain_columns(data, [("size", "number"), ("day", "date"), ("shade", "category")], np.arange(0, N, 50))
    assert (
        np.isnan(columns["size"]).all()
        and set(columns["shade"]) <= {"dark", "light", "pale"}
        and 0 <= columns[next(c for c in columns if c.startswith("day"))].max() < 150
    )
    data.table.columns["shade"].values[:] = -1
    assert set(plain_columns(data, [("shade", "category")], np.arange(5))["shade"]) == {""}


def test_noise_is_no_cluster_and_gaps_in_the_numbers_do_no_harm(data):
    cluster = np.where(np.arange(N) < 30, -1, np.where(GROUP == 1, 7, 2))
    found = explained(data, cluster)
    assert {c["cluster"] for c in found["clusters"]} == {2, 7} and found["noise_rows"] == 30 and len(found["tree"]["merges"]) == 1
    assert dense(np.array([7, -1, 2, 7])).tolist() == [1, -1, 0, 1]


def test_odd_rows_are_called_by_their_number_in_the_source(data):
    data.table.columns["size"].values[17] = 900.0
    data.row_numbers[:] += 1000
    assert explained(data)["odd_rows"]["rows"][0]["row"] == 1018


def test_known_groups_are_compared_where_they_are_known(data):
    found = compare_labels(data, "known", GROUP)
    assert found["adjusted_rand"] == 1.0 and found["rows"] == 290 and sorted(found["groups"]) == ["a", "b", "c"]
    assert compare_labels(data, "known", GROUP, shown=False)["groups"] == ["group 1", "group 2", "group 3"]
    data.afterwards["known"] = Column("coded", np.full(N, -1, np.int32), ())
    assert compare_labels(data, "known", GROUP)["adjusted_rand"] is None


@pytest.mark.parametrize("hidden", [set(), {"shade", "known"}])
def test_hidden_columns_show_no_value(data, hidden):
    text = str(explained(data, hidden=hidden))
    assert [value in text for value in ("dark", "'a'")] == [not hidden] * 2


def test_without_time_odd_rows_are_left_out(data):
    found = explained(data, seconds=-1.0, asked={})
    assert found["odd_rows"] is None and found["clusters"] and found["known"] is None


def test_distances_are_those_that_the_model_goes_by(data):
    width = explained(data)["map"]
    flat = dict.fromkeys(NAMES, np.zeros(7, np.float32)) | {
        "spread": np.ones(7, np.float32),
        "high": np.full(7, 1e-3, np.float32),
        "gap": np.ones(7, np.float32),
    }
    assert explained(data)["odd_rows"] == explained(data, form=bent(PLAIN, flat))["odd_rows"], "wild values are odd in full"
    assert width["points"] != explained(data, form=bent(PLAIN, flat))["map"]["points"]


def test_scaled_features_are_named():
    ways = [{"name": "log", "logged": [1], "held": []}, {"name": "variance", "logged": [], "held": [0, 1]}]
    found = with_names({"scalings": ways, "kind": "dense"}, ["age", "income"])
    assert [w["logged"] for w in found["scalings"]] == [["income"], []] and found["scalings"][1]["held"] == ["age", "income"] and found["kind"] == "dense"
    assert with_names({"kind": "none"}, []) == {"kind": "none"}

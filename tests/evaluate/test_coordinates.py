"""What the report tells of new columns: the finder's evidence by name, maps, and what colours them."""

from types import SimpleNamespace

import numpy as np
import pytest

from automl.evaluate.coordinates import colour_of, explain_coordinates
from automl.features.recipe import Recipe
from automl.features.view import view_of
from automl.finalize.places import Placed
from automl.inference.table import Column, Field, Table

N = 120
FIELDS = (Field("size", "number"), Field("shade", "category"))


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    shade = Column("coded", (np.arange(N) % 2).astype(np.int32), ("dark", "light"))
    level = Column("coded", (np.arange(N) % 20).astype(np.int32), tuple(f"v{i}" for i in range(20)))
    afterwards = {
        "level": level,
        "amount": Column("number", np.where(np.arange(N) < 3, np.nan, rng.normal(size=N))),
        "few": Column("number", np.arange(N) % 3.0),
    }
    return SimpleNamespace(table=Table({"size": Column("number", rng.normal(size=N)), "shade": shade}, N), y=np.zeros(N, np.int64), afterwards=afterwards)


def plan(name):
    return SimpleNamespace(asked={"color_by": name, "target": None}, seed=0)


EVIDENCE = {
    "influence": {"coordinates": [[{"column": 0, "correlation": 0.9}, {"column": 1, "correlation": -0.3}, {"column": 2, "correlation": 0.01}]]},
    "lost": {"variance": 0.2, "way_back": "own", "columns": [{"column": 1, "lost": 0.4}]},
    "best": [{"family": "pca"}, {"family": "tsne", "scores": {"trustworthiness": 0.9}, "rows": [0, 5], "points": [[1, 2], [3, 4]]}, {"family": "isomap"}],
}  # fmt: skip


def test_columns_are_called_by_name_and_maps_stand_side_by_side(data):
    view = view_of(data.table, FIELDS, Recipe(), np.arange(N))
    placed = Placed(np.random.default_rng(1).normal(size=(N, 2)), None, np.ones(N, bool), 1.0)
    found = explain_coordinates(plan("level"), data, view, placed, EVIDENCE, set())
    assert [c["column"] for c in found["loadings"][0]["columns"]] == ["size", "shade = dark"] and found["lost"]["columns"][0]["column"] == "shade = dark"
    assert [m["family"] for m in found["maps"]] == [None, "tsne"] and found["maps"][1]["x"] == [1, 3]
    assert found["maps"][1]["colour"]["codes"] == [0, 5] and len(found["maps"][0]["x"]) == N
    hidden = explain_coordinates(plan("level"), data, view, placed, EVIDENCE, {"shade", "level"})
    assert "dark" not in str(hidden) and "v0" not in str(hidden) and "shade, value 1" in str(hidden)


def test_one_column_is_a_line(data):
    view = view_of(data.table, FIELDS, Recipe(), np.arange(N))
    found = explain_coordinates(plan(None), data, view, Placed(np.arange(N)[:, None] * 1.0, None, np.ones(N, bool), 1.0), {}, set())
    assert set(found["maps"][0]["y"]) == {0} and found["maps"][0]["colour"] is None and found["loadings"] == []


def test_what_colours(data):
    rows = np.arange(N)
    levels = colour_of(plan("level"), data, rows, set())
    assert len(levels["levels"]) == 13 and levels["levels"][-1] == "8 other levels" and max(levels["codes"]) == 12
    numbers = colour_of(plan("amount"), data, rows, set())
    assert numbers["kind"] == "number" and numbers["values"][0] is None and len(numbers["values"]) == N
    ranks = colour_of(plan("amount"), data, rows, {"amount"})
    known = [(v, r) for v, r in zip(numbers["values"], ranks["values"], strict=True) if v is not None]
    assert ranks["ranks"] and ranks["values"][0] is None and [r for _, r in sorted(known)] == sorted(r for _, r in known)
    assert all(0 <= r <= 1 and r == round(r, 2) for _, r in known)
    assert colour_of(plan("few"), data, rows, set())["levels"] == ["0", "1", "2"]

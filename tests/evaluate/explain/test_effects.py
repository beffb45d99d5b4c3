import json

import numpy as np
import pytest

from automl.evaluate.explain.effects import FEW, effects
from automl.evaluate.explain.pace import Pace
from automl.inference.table import Column, Field, Table

from .planted import logistic, names, scored_of, values

RNG = np.random.default_rng(0)
N = 2000


def told(scored, of=None, positive=1, hidden=(), pace=None):
    classes = [f"class{i}" for i in range(scored.proba.shape[1])]
    return {e["column"]: e for e in effects(scored, of or names(scored), classes, positive, frozenset(hidden), 0, pace or Pace())}


def test_accumulated_effects_recover_a_known_function_of_correlated_columns():
    """The probability is a + b (x1 squared) + c x2, exactly; x2 follows x1, which must not leak into the effect of x1."""
    x1 = RNG.uniform(-1, 1, N)
    x2 = x1 + 0.1 * RNG.normal(size=N)
    p = lambda t: 0.4 + 0.2 * values(t, "x1") ** 2 + 0.1 * values(t, "x2")  # noqa: E731
    found = told(scored_of({"x1": x1, "x2": x2}, lambda t: np.stack([1 - p(t), p(t)], axis=1)))
    for name, truth in (("x1", lambda v: 0.2 * v**2), ("x2", lambda v: 0.1 * v)):
        edges = np.array(found[name]["edges"])
        curve, wanted = np.array(found[name]["classes"][0]["values"]), truth(edges)
        assert found[name]["classes"][0]["class"] == "class1" and len(found[name]["classes"]) == 1
        assert np.abs((curve - curve.mean()) - (wanted - wanted.mean())).max() < 2e-3


def test_no_row_is_asked_beyond_the_values_that_occur_and_none_far_from_its_own():
    seen = []
    x = RNG.normal(size=N)

    def model(table: Table):
        seen.append(values(table, "x").copy())
        return logistic(values(table, "x"))

    scored = scored_of({"x": x}, model)
    found = told(scored)["x"]
    edges = np.array(found["edges"])
    place = np.clip(np.searchsorted(edges, x, side="left") - 1, 0, len(edges) - 2)
    for asked in seen[1:]:
        assert asked.min() >= x.min() and asked.max() <= x.max()
        assert (np.abs(asked - x) <= (edges[place + 1] - edges[place]) + 1e-12).all()
    assert np.isin(edges, x).all() and edges[0] == x.min() and edges[-1] == x.max()
    assert sum(found["rows"]) + found["lowest"] == N and found["lowest"] == 1 and not any(found["few"])


def test_many_rows_of_one_value_leave_the_others_their_intervals_and_few_rows_are_marked():
    x = np.concatenate([np.zeros(900), np.arange(1.0, 121.0)])
    found = told(scored_of({"x": x}, lambda t: logistic(values(t, "x") / 30)))["x"]
    edges, curve = np.array(found["edges"]), np.array(found["classes"][0]["values"])
    assert edges.tolist() == [0.0, *range(FEW, 121, FEW)] and found["lowest"] == 900
    assert np.interp(x, edges, curve).mean() == pytest.approx(0.0, abs=1e-5)
    assert found["few"] == [n < FEW for n in found["rows"]] and not any(found["few"])
    rare = told(scored_of({"x": np.concatenate([np.zeros(900), [5.0, 6.0, 7.0]])}, lambda t: logistic(values(t, "x"))))["x"]
    assert rare["edges"] == [0.0, 7.0] and rare["few"] == [True] and rare["rows"] == [3]
    assert told(scored_of({"x": np.arange(100) % 2.0}, lambda t: logistic(values(t, "x"))))["x"]["edges"] == [0.0, 1.0]
    assert "skipped" in told(scored_of({"x": np.ones(100)}, lambda t: logistic(values(t, "x"))))["x"]


def test_missing_values_are_counted_and_never_filled():
    seen = []
    x = np.where(RNG.random(500) < 0.3, np.nan, RNG.normal(size=500))

    def model(table: Table):
        seen.append(np.isnan(values(table, "x")))
        return logistic(np.nan_to_num(values(table, "x")))

    found = told(scored_of({"x": x}, model))["x"]
    assert found["missing"] == np.isnan(x).sum() and all((m == np.isnan(x)).all() for m in seen)


def test_levels_differ_from_the_most_frequent_by_their_own_rows():
    codes = RNG.choice([0, 1, 2, -1], N, p=[0.6, 0.25, 0.1, 0.05])
    size = RNG.normal(size=N)
    shift = np.array([0.0, 0.2, -0.1, 0.05])  # the last is that of missing values

    def model(table: Table):
        p = 0.5 + shift[values(table, "c")] + 0.05 * np.tanh(values(table, "size"))
        return np.stack([1 - p, p], axis=1)

    found = told(scored_of({"c": (codes, ["red", "blue", "grey"]), "size": size}, model), ["c"])["c"]
    assert found["levels"] == ["red", "blue", "grey", None]
    assert found["classes"][0]["values"] == pytest.approx([0.0, 0.2, -0.1, 0.05], abs=1e-6)
    assert found["rows"] == [int((codes == k).sum()) for k in (0, 1, 2, -1)]


def test_rare_levels_are_not_named():
    codes = np.concatenate([np.zeros(100), np.ones(40), np.full(10, 2), np.full(4, 3)]).astype(np.int32)
    found = told(scored_of({"c": (codes, ["a", "b", "c", "secret"])}, lambda t: logistic(values(t, "c") * 0.5)))["c"]
    assert found["levels"] == ["a", "b", "c"] and found["few"] == [False, False, True] and found["left_out"] == 1
    assert "secret" not in json.dumps(found)


def test_several_classes_each_have_a_curve():
    def model(table: Table):
        e = np.exp(np.stack([values(table, "x"), 0 * values(table, "x"), -values(table, "x")], axis=1))
        return e / e.sum(axis=1, keepdims=True)

    found = told(scored_of({"x": RNG.normal(size=N)}, model), positive=0)["x"]["classes"]
    curves = {c["class"]: c["values"] for c in found}
    assert set(curves) == {"class0", "class1", "class2"} and curves["class0"][-1] > 0.3 and curves["class2"][-1] < -0.3
    assert np.abs(sum(np.array(v) for v in curves.values())).max() < 1e-5


def test_dates_have_their_edges_as_dates_and_texts_and_personal_columns_none():
    scored = scored_of({"x": np.arange(300) * 86400.0, "t": (np.arange(300) % 3, ["a b", "c d", "e f"]), "mail": (np.arange(300) % 2, ["a", "b"])}, lambda t: logistic(values(t, "x") / 1e7))  # fmt: skip
    kinds = {"x": "date", "t": "text", "mail": "category"}
    table = Table({**scored.table.columns, "x": Column("date", values(scored.table, "x"))}, 300)
    scored = type(scored)(**{**vars(scored), "fields": tuple(Field(n, k) for n, k in kinds.items()), "table": table})
    found = told(scored, hidden=["mail"])
    assert found["x"]["edges"][0].startswith("1970-01-01") and "skipped" in found["t"] and "skipped" in found["mail"]
    json.dumps(found, allow_nan=False)


def test_columns_for_which_there_is_no_time_are_left_out():
    scored = scored_of({"a": RNG.normal(size=100), "b": RNG.normal(size=100)}, lambda t: logistic(values(t, "a")))
    pace = Pace(0.5)
    pace.call = 10.0
    assert told(scored, pace=pace) == {}

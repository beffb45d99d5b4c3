import json
import time

import numpy as np
import pytest

from automl.evaluate.explain.importance import _fewer, choose_columns, importance
from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.screen import Screened
from automl.inference.table import Table
from automl.metrics import METRICS

from .planted import logistic, names, scored_of, values

RNG = np.random.default_rng(0)
N = 3000


def metric(name="roc_auc"):
    return METRICS.get("classification", name)


def measured(scored, groups=(), name="roc_auc", positive=1, seed=0, pace=None):
    found = importance(scored, metric(name), positive, Screened(tuple(names(scored)), (), 0, 0), groups, seed, pace or Pace())
    return found, {c["column"]: c for c in found["columns"]}


@pytest.mark.parametrize("name", ["roc_auc", "log_loss", "accuracy", "f1"])
def test_only_the_columns_that_inform_matter(name):
    """`used` is used by the model although it tells nothing, so it has no clear effect; `idle` is never looked at."""
    columns = {c: RNG.normal(size=N) for c in ("strong", "weak", "used", "idle")}
    scored = scored_of(columns, lambda t: logistic(3 * values(t, "strong") + values(t, "weak") + 0.3 * values(t, "used")), y=None)
    truth = (RNG.random(N) < logistic(3 * columns["strong"] + columns["weak"])[:, 1]).astype(np.int64)
    scored = scored_of(columns, scored.predictors[0], y=truth)
    found, by_name = measured(scored, name=name)
    assert [c["column"] for c in found["columns"]][:2] == ["strong", "weak"]
    assert by_name["strong"]["effect"] == by_name["weak"]["effect"] == "helps" and by_name["strong"]["interval"][0] > by_name["weak"]["value"]
    assert by_name["used"]["effect"] == "unclear" and by_name["used"]["interval"][0] < 0 < by_name["used"]["interval"][1]
    assert by_name["idle"] == {"value": 0.0, "interval": [0.0, 0.0], "effect": "unused", "column": "idle"} and found["unused"] == 1
    json.dumps(found, allow_nan=False)


def test_columns_of_noise_are_seldom_called_clear():
    """Used, but independent of the class: one in forty may be called helpful by chance, and as many harmful."""
    clear = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        columns = {f"x{i}": rng.normal(size=600) for i in range(10)} | {"real": rng.normal(size=600)}
        truth = (rng.random(600) < logistic(columns["real"])[:, 1]).astype(np.int64)
        scored = scored_of(columns, lambda t: logistic(values(t, "real") + 0.2 * sum(values(t, f"x{i}") for i in range(10))), y=truth)
        clear += sum(c["effect"] in ("helps", "harms") for c in measured(scored, seed=seed)[0]["columns"] if c["column"] != "real")
    assert clear <= 12  # of 120; six are to be expected


def test_copies_share_importance_as_a_group_though_each_alone_shows_none():
    """The model takes the middle one of three copies, so that any one of them may say what it likes."""
    x = RNG.normal(size=N)
    columns = {"a": x, "b": x + 1e-6 * RNG.normal(size=N), "c": x + 1e-6 * RNG.normal(size=N), "other": RNG.normal(size=N)}
    scored = scored_of(columns, lambda t: logistic(4 * np.median([values(t, c) for c in "abc"], axis=0) + 0.5 * values(t, "other")))
    found, by_name = measured(scored, groups=[(("a", "b", "c"), 1.0)])
    (group,) = found["groups"]
    assert group["columns"] == ["a", "b", "c"] and group["effect"] == "helps" and group["value"] > 0.25
    assert all(abs(by_name[c]["value"]) < 1e-3 for c in "abc")


def test_two_copies_matter_more_together_than_each():
    x = RNG.normal(size=N)
    scored = scored_of({"a": x, "b": x.copy()}, lambda t: logistic(2 * values(t, "a") + 2 * values(t, "b")))
    found, by_name = measured(scored, groups=[(("a", "b"), 1.0)])
    assert found["groups"][0]["interval"][0] > 1.5 * max(by_name["a"]["value"], by_name["b"]["value"])


def test_several_classes_and_texts():
    levels = ("good words", "bad words", "no words")
    codes = RNG.integers(0, 3, N)
    proba = np.eye(3)[codes] * 0.8 + 0.2 / 3

    def model(table: Table):
        column = table.columns["words"]
        of_level = np.array([levels.index(level) for level in column.levels])
        return np.eye(3)[of_level[column.values]] * 0.8 + 0.2 / 3

    y = (RNG.random(N)[:, None] > proba.cumsum(axis=1)).sum(axis=1)
    scored = scored_of({"words": (codes, levels), "noise": RNG.normal(size=N)}, model, y=y)
    _, by_name = measured(scored, name="log_loss", positive=0)
    assert by_name["words"]["effect"] == "helps" and by_name["words"]["value"] > 0.5 and by_name["noise"]["effect"] == "unused"


def test_a_value_that_a_unit_shares_comes_from_another_unit():
    """Within its own unit such a value would not change; with two large units, half of all exchanges would do nothing."""
    units = np.repeat(np.arange(40), 50)
    level = np.repeat(RNG.normal(size=40), 50)
    scored = scored_of({"site": level, "x": RNG.normal(size=2000)}, lambda t: logistic(3 * values(t, "site")), units=units)
    _, by_name = measured(scored)
    single = scored_of({"site": level, "x": values(scored.table, "x")}, lambda t: logistic(3 * values(t, "site")), y=scored.y)
    _, alone = measured(single)
    width = {k: np.diff(v["site"]["interval"])[0] for k, v in (("units", by_name), ("rows", alone))}
    assert by_name["site"]["effect"] == "helps" and width["units"] > 1.5 * width["rows"]


def test_the_same_seed_gives_the_same_and_another_does_not():
    scored = scored_of({"a": RNG.normal(size=500), "b": RNG.normal(size=500)}, lambda t: logistic(values(t, "a") + values(t, "b")))
    first, again, other = (measured(scored, seed=seed)[0] for seed in (0, 0, 1))
    assert first == again != other


def test_of_very_many_columns_those_that_are_used_are_found_and_the_rest_is_measured_as_one():
    columns = {f"x{i}": RNG.normal(size=400) for i in range(1000)}
    used = ["x3", "x404", "x997"]
    calls = []

    def model(table):
        calls.append(1)
        return logistic(2 * sum(values(table, c) for c in used))

    scored = scored_of(columns, model)
    screened = choose_columns(scored, names(scored), 0, Pace())
    assert set(screened.chosen) == set(used) and len(screened.unused) == 997 and len(calls) < 150
    found = importance(scored, metric(), 1, screened, [], 0, Pace())
    assert {c["column"] for c in found["columns"]} == set(used) and found["rest"] is None and found["unused"] == 997


def test_what_was_not_parted_in_time_is_told_as_one_block():
    scored = scored_of({f"x{i}": RNG.normal(size=400) for i in range(200)}, lambda t: logistic(sum(values(t, f"x{i}") for i in range(200)) / 7))
    screened = Screened(("x0", "x1"), (), 9, 300)
    found = importance(scored, metric(), 1, screened, [], 0, Pace())
    assert found["rest"]["columns"] == 198 and found["rest"]["effect"] == "helps" and len(found["columns"]) == 2


def slow(seconds):
    def model(table):
        time.sleep(seconds)
        return logistic(values(table, "x0"))

    return model


@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.3])
def test_a_slow_model_is_measured_as_far_as_time_allows(seconds):
    columns = {f"x{i}": RNG.normal(size=300) for i in range(30)}
    fast = scored_of(columns, lambda t: logistic(values(t, "x0")))
    scored = scored_of(columns, slow(seconds), y=fast.y)
    began = time.monotonic()
    pace = Pace(1.0)
    pace.measure(scored)
    screened = choose_columns(scored, names(scored), 0, pace)
    found = importance(scored, metric(), 1, screened, [], 0, pace)
    assert time.monotonic() - began < 1.0 + 2 * seconds + 2  # a busy machine may pause
    if seconds == 0.01:
        assert found["columns"][0]["column"] == "x0" and found["columns"][0]["effect"] == "helps"
    if seconds == 0.3:
        assert "skipped" in found


def test_short_of_time_groups_stay_with_their_columns():
    screened = Screened(tuple("abcdef"), (), 0, 0)
    groups = [(("a", "b"), 0.9), (("e", "f"), 0.8)]
    for most, columns, kept in ((8, 6, 2), (7, 5, 1), (3, 2, 1), (1, 1, 0)):
        fewer, inside = _fewer(screened, groups, most)
        assert (len(fewer.chosen), len(inside)) == (columns, kept)

"""Statistics of the training rows against pandas; the holdout must leave no trace; every number must fit into JSON."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from automl.data.dataset import describe
from automl.data.split import Split, make_split
from automl.eda.checks import CHECKS
from automl.eda.profile import profile_dataset
from tests.builders import dataset_of, loaded, spec_of
from tests.conftest import mixed_frame
from tests.eda.made import made

PARTS = ("relations", "missing", "drift", "dates", "text", "outliers", "structure")


def profiled(dataset, spec=None):
    spec = spec or spec_of()
    split = make_split(dataset, spec)
    return profile_dataset(dataset, split, spec.checks, describe(dataset)), split


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    frame = mixed_frame()
    dataset = loaded(tmp_path_factory.mktemp("t"), frame.to_csv(index=False), spec_of(target="kept"))
    profile, split = profiled(dataset)
    return {c["name"]: c for c in profile.columns}, frame.iloc[split.train], profile


def test_numbers_are_those_of_pandas(mixed):
    found, frame, _ = mixed
    size, reference = found["size"], frame["size"].describe()
    assert size["missing"] == frame["size"].isna().sum() and size["distinct"] == frame["size"].nunique()
    assert size["missing_share"] == pytest.approx(frame["size"].isna().mean())
    for ours, theirs in (("mean", "mean"), ("min", "min"), ("q25", "25%"), ("median", "50%"), ("q75", "75%"), ("max", "max")):
        assert size[ours] == pytest.approx(reference[theirs])
    assert size["std"] == pytest.approx(frame["size"].std(ddof=0))
    assert sum(size["histogram"]) == frame["size"].notna().sum() and len(size["edges"]) == len(size["histogram"]) + 1


def test_categories_are_counted_most_frequent_first(mixed):
    found, frame, _ = mixed
    counts = frame["colour"].value_counts()
    assert dict(map(tuple, found["colour"]["top"])) == counts.to_dict()
    assert [n for _, n in found["colour"]["top"]] == sorted(counts, reverse=True)
    assert found["colour"]["missing"] == frame["colour"].isna().sum()


def test_dates_are_told_as_days(mixed):
    found, frame, _ = mixed
    assert (found["day"]["min"], found["day"]["max"]) == (frame["day"].min(), frame["day"].max())


def test_words_of_texts_are_counted(mixed):
    found, frame, _ = mixed
    words = frame["comment"].str.split().explode().value_counts()
    assert found["comment"]["kind"] == "text" and found["comment"]["vocabulary"] == len(words)
    assert dict(found["comment"]["words"]) == words.to_dict()
    assert found["comment"]["characters_mean"] == pytest.approx(frame["comment"].str.len().mean())


def test_classes_and_rows(mixed):
    _, frame, profile = mixed
    assert {c["label"]: c["rows"] for c in profile.classes} == frame["kept"].value_counts().to_dict()
    assert sum(c["share"] for c in profile.classes) == pytest.approx(1)
    assert profile.n_rows == len(frame) and profile.n_rows + profile.n_holdout == 400
    assert json.loads(json.dumps(profile.as_dict(), allow_nan=False, default=str))["holdout_rows"] == profile.n_holdout


def test_the_holdout_leaves_no_trace():
    rng = np.random.default_rng(0)
    dataset = dataset_of(np.arange(100) % 2, a=rng.normal(size=100), b=(rng.integers(0, 3, 100), "xyz"))
    profile, split = profiled(dataset)
    dataset.table.columns["a"].values[split.holdout] = 1e9
    dataset.table.columns["b"].values[split.holdout] = -1
    again, same = profiled(dataset, spec_of(checks={"duplicate_rows": "off"}))
    assert np.array_equal(split.holdout, same.holdout) and again.columns == profile.columns
    assert {k: v for k, v in again.parts.items() if k != "drift"} == {k: v for k, v in profile.parts.items() if k != "drift"}
    assert again.parts["drift"] != profile.parts["drift"]


@pytest.mark.parametrize(
    "values",
    [
        np.full(100, np.nan), np.full(100, 7.0), np.where(np.arange(100) % 2, 0.3, 0.1 + 0.2), np.where(np.arange(100) % 3, 1e200, 2e200),
        np.where(np.arange(100) % 3, 1.0, np.finfo(float).max), np.where(np.arange(100) % 3, np.inf, 1.0),
    ],
    ids=["none", "constant", "next to equal", "huge", "largest double as a mark", "infinite"],
)  # fmt: skip
def test_strange_numbers_are_described_in_json(values):
    profile, _ = profiled(dataset_of(np.arange(100) % 2, a=values, b=np.arange(100) ** 0.5))
    json.dumps(profile.as_dict(), allow_nan=False, default=str)


def test_a_text_without_a_word(tmp_path):
    frame = pd.DataFrame({"a": ["", "- -", "! ?", "…"] * 10, "y": [0, 1] * 20})
    spec = spec_of({"train": "t.csv", "columns": {"types": {"a": "text"}}})
    profile, _ = profiled(loaded(tmp_path, frame.to_csv(index=False), spec), spec)
    assert profile.columns[0]["vocabulary"] == 0 and profile.columns[0]["distinct"] == 3


def test_every_part_is_there(mixed):
    _, _, profile = mixed
    told = json.loads(json.dumps(profile.as_dict(), allow_nan=False, default=str))
    assert set(PARTS) <= set(told) and not any("skipped" in told[part] for part in PARTS)
    assert {"columns", *PARTS, *CHECKS} <= set(told["seconds"]) and all(s >= 0 for s in told["seconds"].values()) and told["sampling"] == []
    assert {t["column"] for t in told["relations"]["target"]} == {"size", "colour", "comment", "day"}
    assert [t["column"] for t in told["text"]["columns"]] == ["comment"] and [d["column"] for d in told["dates"]["columns"]] == ["day"]
    assert {c["column"] for c in told["missing"]["columns"]} == {"size", "colour"} and told["relations"]["target"][0]["auc"] > 0.6


def test_out_of_time_columns_and_classes_are_still_described():
    rng = np.random.default_rng(0)
    dataset = made(np.arange(100) % 2, a=rng.normal(size=100), texts={"t": ["some words here"] * 100})
    profile = profile_dataset(dataset, make_split(dataset, spec_of()), spec_of().checks, {}, seconds=0.0)
    assert all("time" in profile.parts[part]["skipped"] for part in PARTS)
    told = {c["name"]: c for c in profile.columns}
    assert told["a"]["std"] > 0 and told["t"]["distinct"] == 1 and told["t"]["words"] == [] and len(profile.classes) == 2


def test_a_table_without_a_target():
    rng = np.random.default_rng(0)
    dataset = made(
        n=200,
        a=rng.normal(size=200),
        c=(rng.integers(0, 3, 200), "xyz"),
        dates={"d": 1e9 + 86400.0 * np.arange(200)},
        texts={"t": ["blue sky", "grey sea"] * 100},
    )
    profile = profile_dataset(dataset, Split(np.arange(200), np.arange(0), (), ()), spec_of().checks, {})
    told = json.loads(json.dumps(profile.as_dict(), allow_nan=False, default=str))
    assert told["classes"] == [] and "target" not in told["relations"] and told["relations"]["matrix"]["columns"] and "by_class" not in json.dumps(told)
    assert told["text"]["columns"][0]["vocabulary"] == 4 and "drift" not in told["dates"]["columns"][0] and told["drift"] == {"skipped": "no rows are held out"}


def test_what_fewer_than_five_rows_have_is_named_nowhere():
    rng = np.random.default_rng(0)
    n = 300
    names = [f"person{i:03d}" for i in range(n)]
    few = ["common"] * (n - 12) + ["fourfold"] * 4 + ["threefold"] * 3 + ["fivefold"] * 5
    texts = [f"they met {names[i]} near the old house" + (" quietly" if i < 4 else "") for i in range(n)]
    order = rng.permutation(n)
    dataset = made(np.arange(n) % 2, a=rng.normal(size=n), key=[names[i] for i in order], few=[few[i] for i in order], texts={"t": [texts[i] for i in order]})
    split = Split(np.arange(n), np.arange(0), (), ())
    told = json.dumps(profile_dataset(dataset, split, spec_of().checks, {}).as_dict(), default=str)
    assert "fivefold" in told and "house" in told and "common" in told
    told = told.replace('"personal_data"', "")
    assert "person" not in told and "fourfold" not in told and "threefold" not in told and "quietly" not in told
    held = profile_dataset(dataset, make_split(dataset, spec_of()), spec_of().checks, {})
    assert "person" not in json.dumps(held.as_dict(), default=str).replace("personal_data", "")


@pytest.mark.parametrize("n", [1, 2, 3, 7, 25, 70])
@pytest.mark.parametrize("target", [True, False])
def test_tables_of_any_size_and_kind_are_described(n, target):
    rng = np.random.default_rng(n)
    base = rng.normal(size=n)
    columns = {
        "a": base, "copy": base, "gaps": np.where(rng.random(n) < 0.5, np.nan, 1.0), "none": np.full(n, np.nan), "one": np.ones(n),
        "huge": np.where(rng.random(n) < 0.5, 1e308, -np.inf), "c": (rng.integers(-1, 3, n), "xyz"), "empty": (np.full(n, -1), ()), "keys": (np.arange(n), [f"k{i}" for i in range(n)]),
    }  # fmt: skip
    dataset = made(
        rng.integers(0, 3, n) if target else None, n=n, **columns, dates={"d": np.where(rng.random(n) < 0.3, np.nan, 1e9 * base), "never": np.full(n, np.nan)},
        texts={"t": [None if i % 3 == 0 else "ein Wort " * i for i in range(n)]},
    )  # fmt: skip
    if target:
        dataset = replace(dataset, classes=("x", "y", "z"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for held in (np.arange(0), np.arange(n)[: n // 3]):
            profile = profile_dataset(dataset, Split(np.arange(n)[len(held) :], held, (), ()), spec_of(checks={"default": "off"}).checks, {})
            json.dumps(profile.as_dict(), allow_nan=False, default=str)

"""Statistics of the training rows against pandas; the holdout must leave no trace; every number must fit into JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from automl.data.dataset import describe
from automl.data.split import make_split
from automl.eda.profile import profile_dataset
from tests.builders import dataset_of, loaded, spec_of
from tests.conftest import mixed_frame


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

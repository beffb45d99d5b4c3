"""Words, rules, odd rows, a map and a dendrogram say what was planted."""

import json

import numpy as np

from automl.search.clusters.describe import dendrogram, describe, map_of, odd_rows, rule_of, words_of


def planted(n=300):
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 3
    columns = {
        "height": np.where(labels == 0, 10.0, 0.0) + rng.normal(0, 1, n),
        "idle": rng.normal(size=n),
        "colour": np.array(["red" if label == 1 and rng.random() < 0.9 else ("blue", "green")[rng.integers(2)] for label in labels], dtype=object),
    }
    columns["height"][5::50] = np.nan
    columns["colour"][7] = None
    return columns, labels


def test_what_sets_a_cluster_apart_is_told():
    columns, labels = planted()
    found = describe(columns, labels)
    json.dumps(found, allow_nan=False)
    assert [f["rows"] for f in found] == [100, 100, 100] and found[0]["share"] == 0.3333
    assert found[0]["words"][0]["column"] == "height" and found[0]["words"][0]["text"].startswith("`height` is far higher: ")
    assert found[1]["words"][0]["column"] == "colour" and "`red` in 9" in found[1]["words"][0]["text"]
    assert all(w["column"] != "idle" for f in found for w in f["words"])
    assert found[0]["rule"]["text"].startswith("`height` >") and found[0]["rule"]["precision"] > 0.95 and found[0]["rule"]["recall"] > 0.9
    assert "`colour` is `red`" in found[1]["rule"]["text"]


def test_nothing_to_tell_of_one_cluster_or_without_columns():
    columns, _ = planted()
    assert words_of(columns, np.ones(300, dtype=bool)) == [] and describe(columns, np.zeros(300, np.int64))[0]["rule"] is None
    assert rule_of(np.zeros((10, 0), np.float32), [], np.arange(10) < 5) is None


def test_the_row_that_was_put_aside_is_odd():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2)).astype(np.float32)
    x[17] = 9
    found = odd_rows(x, np.zeros(200, np.int64))
    json.dumps(found, allow_nan=False)
    assert found["rows"][0]["row"] == 17 and found["rows"][0]["factor"] > 2 and found["rows"][0]["distance"] > 3
    assert odd_rows(x[:3], np.zeros(3, np.int64))["rows"] == []


def test_the_map_shows_rows_in_their_order():
    x = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32) * (5, 2, 0.1, 0.1)
    found = map_of(x.astype(np.float32), np.arange(50) % 2)
    assert found["rows"] == list(range(50)) and np.array(found["points"]).shape == (50, 2) and found["share"] > 0.95
    assert len(map_of(x[:, :1].astype(np.float32), np.zeros(50, np.int64), most=20)["points"]) == 20


def test_near_clusters_are_joined_first():
    x = np.repeat([[0.0], [1.0], [10.0]], 5, axis=0).astype(np.float32)
    labels = np.repeat([0, 1, 2], 5)
    found = dendrogram(x, labels)
    assert [m[:2] + m[3:] for m in found["merges"]] == [[0, 1, 10], [3, 2, 15]] and found["merges"][0][2] < found["merges"][1][2]
    assert dendrogram(x, np.zeros(15, np.int64))["merges"] == []

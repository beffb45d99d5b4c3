"""Groups from a spec to the page with the real search: what is asked is kept, every row has its group in order, the report has its parts."""

import json

import numpy as np
import pandas as pd
import pytest

import automl
from automl import AutoMLClusterer

N, COPIES = 240, 40


def shuffled_table() -> pd.DataFrame:
    """Return rows of three groups, some of them several times, one far from all, under an index that is neither sorted nor unique."""
    rng = np.random.default_rng(4)
    group = rng.permutation(np.arange(N) % 3)
    centres = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
    x = centres[group] + rng.normal(0, 0.7, (N, 2))
    frame = pd.DataFrame({"length": x[:, 0], "width": x[:, 1], "known": np.array(["a", "b", "c"])[group]})
    frame.loc[11, ["length", "width"]] = 30.0
    frame = pd.concat([frame, frame.iloc[:COPIES]]).sample(frac=1, random_state=1)
    assert not frame.index.is_unique and not frame.index.is_monotonic_increasing
    return frame


@pytest.fixture(scope="module")
def clustered(tmp_path_factory):
    """Return the folder of a run that asks for everything that the task knows."""
    folder = tmp_path_factory.mktemp("clustered")
    shuffled_table().to_parquet(folder / "t.parquet")
    task = "{type: clustering, n_clusters: {min: 3, max: 5}, noise: forbid, metric: davies_bouldin, compare_with: known}"
    more = "models: {include: [kmeans, hdbscan]}\nconstraints: {time: 40s}\nreport: {formats: [html, json]}\n"
    (folder / "s.yaml").write_text(f"data: t.parquet\ntask: {task}\n{more}")
    automl.run(folder / "s.yaml", out=folder / "run")
    return folder


def read(folder, name):
    return json.loads((folder / "run" / name).read_text())


def test_every_row_has_its_group_in_order_copies_too(clustered):
    frame, labels = shuffled_table(), pd.read_parquet(clustered / "run" / "labels.parquet")
    assert len(labels) == len(frame) == N + COPIES
    both = frame.assign(cluster=labels["cluster"].to_numpy(), strength=labels["strength"].to_numpy())
    copies = both.groupby(both.index)
    assert (copies["cluster"].nunique() == 1).all() and (copies["strength"].nunique() == 1).all() and copies.size().max() == 2
    assert pd.crosstab(both["cluster"], both["known"]).max(axis=1).sum() >= N + COPIES - 4
    asked = automl.load(clustered / "run").predict(frame)
    assert list(asked.index) == list(frame.index) and (asked["cluster"].to_numpy() == both["cluster"].to_numpy()).all()


def test_what_is_asked_is_kept(clustered):
    found, labels = read(clustered, "evaluation.json"), pd.read_parquet(clustered / "run" / "labels.parquet")
    assert found["metric"] == "davies_bouldin" and found["greater_is_better"] is False and found["score"] > 0
    assert 3 <= found["n_clusters"] <= 5 and found["noise_share"] == 0 and labels["cluster"].min() == 0
    assert {"silhouette", "dbcv", "bic"} <= set(found["evidence"]["finalists"][0]["scores"])


def test_the_report_has_its_parts(clustered):
    told, page = read(clustered, "explanation.json"), (clustered / "run" / "report.html").read_text()
    assert sum(c["rows"] for c in told["clusters"]) == N + COPIES and all(c["words"] and c["rule"]["text"] for c in told["clusters"])
    far = {i for i, value in enumerate(shuffled_table()["length"], 1) if value == 30.0}  # rows are called by their number in the file
    assert len(far) == 2 and far <= {row["row"] for row in told["odd_rows"]["rows"]}
    assert len(told["tree"]["merges"]) == len(told["clusters"]) - 1 and len(told["map"]["points"]) == N + COPIES
    assert told["known"]["adjusted_rand"] > 0.9
    assert [s["id"] for s in read(clustered, "report.json")["sections"]][:6] == ["verdict", "map", "clusters", "why", "odd", "known"]
    for title in ("The groups", "Map", "Why these groups", "Rows apart", "Against known groups"):
        assert title in page


def test_the_estimator_keeps_rows_in_order_under_any_index():
    frame = shuffled_table()
    model = AutoMLClusterer(n_clusters=3, families=["kmeans"], trials=3, time=None, in_process=True)
    labels = model.fit(frame[["length", "width"]]).labels_
    assert len(labels) == len(frame) and pd.crosstab(labels, frame["known"].to_numpy()).max(axis=1).sum() >= N + COPIES - 4
    one = pd.Series(labels).groupby(frame.index.to_numpy()).nunique()
    assert (one == 1).all()

"""Tasks without a label, from a spec to what a run leaves behind: every row covered, its own map, resumed, stopped, and how it fails."""

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import automl
from automl.errors import NoModelError
from automl.search.loop import Stop
from automl.search.unlabelled import FINDERS

from .test_run import AUTOML, call


def blobs(folder: Path, n: int = 240) -> Path:
    """Write a table of three groups with a category that goes along, some cells missing, some rows twice, and the known group."""
    rng = np.random.default_rng(0)
    group = np.arange(n) % 3
    centres = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])
    x = centres[group] + rng.normal(0, 0.6, (n, 2))
    frame = pd.DataFrame({"length": x[:, 0].round(3), "width": x[:, 1].round(3), "shade": np.array(["dark", "light", "pale"])[group]})
    frame.loc[rng.choice(n, 12, replace=False), "length"] = np.nan
    frame["known"] = np.array(["a", "b", "c"])[group]
    frame = pd.concat([frame, frame.iloc[:20]], ignore_index=True)
    frame.to_csv(folder / "t.csv", index=False)
    return folder / "t.csv"


@pytest.fixture(scope="module")
def clustered(tmp_path_factory):
    """Return the folder of a finished clustering, by a finder that stands in for the real one."""
    folder = tmp_path_factory.mktemp("clustered")
    blobs(folder)
    (folder / "s.yaml").write_text("data: t.csv\ntask: {type: clustering, compare_with: known}\nconstraints: {time: 60s}\n")
    before, FINDERS["clustering"] = FINDERS["clustering"], "tests.finders"
    try:
        automl.run(folder / "s.yaml", out=folder / "run")
    finally:
        FINDERS["clustering"] = before
    return folder


@pytest.fixture(scope="module")
def reduced(tmp_path_factory):
    """Return the folder of a finished reduction."""
    folder = tmp_path_factory.mktemp("reduced")
    blobs(folder)
    spec = "data: t.csv\ntask: {type: dimensionality_reduction, purpose: compress, n_components: 2, color_by: known}\n"
    (folder / "s.yaml").write_text(spec + "models: {include: [pca, truncated_svd]}\nconstraints: {time: 60s}\n")
    automl.run(folder / "s.yaml", out=folder / "run")
    return folder


def read(folder, name):
    return json.loads((folder / "run" / name).read_text())


@pytest.mark.parametrize("which", ["clustered", "reduced"])
def test_a_run_leaves_what_the_format_promises(which, request):
    run = request.getfixturevalue(which) / "run"
    names = {p.name for p in run.iterdir()}
    assert {"spec.yaml", "spec.resolved.yaml", "plan.json", "profile.json", "split.npz", "trials", "study.json", "leaderboard.csv", "events.ndjson",
            "artifact", "evaluation.json", "explanation.json", "report.html", "report.json"} <= names  # fmt: skip
    assert ("labels.parquet" in names) == (which == "clustered") and ("embedding.parquet" in names) == (which == "reduced") and ".work" not in names
    assert {json.loads((t / "result.json").read_text())["state"] for t in (run / "trials").iterdir()} == {"ok"}


@pytest.mark.parametrize("which", ["clustered", "reduced"])
def test_the_evaluation_has_its_keys(which, request):
    found = read(request.getfixturevalue(which), "evaluation.json")
    assert {"metric", "score", "interval", "score_rows", "baseline_score", "constraints", "precision_ladder", "budget", "trials"} <= set(found)
    assert found["budget"]["asked_seconds"] == 60 and found["budget"]["used_seconds"] < 60 and found["trials"]["complete"] > 0
    fresh = found["fresh_process"]
    assert (fresh.get("agrees") is True and fresh["rows"] == 256) or "skipped" in fresh  # on a busy machine there may be no time for it
    assert all({"name", "asked", "got", "met"} <= set(row) for row in found["constraints"])
    rungs = found["precision_ladder"]
    assert sum(r["chosen"] for r in rungs) == 1 and rungs[0]["precision"] == "float32" and rungs[0]["score"] == 1.0
    assert all(
        {"size_bytes", "model_bytes", "rows_per_second", "batch1_p50_ms", "batch1_p95_ms", "device", "threads", "runtime_ratio", "drop"} <= set(r)
        for r in rungs
    )
    assert which == "reduced" or found["structure"] is True


def test_every_row_has_a_cluster_in_its_place(clustered):
    labels, known = pd.read_parquet(clustered / "run" / "labels.parquet"), pd.read_csv(clustered / "t.csv")
    assert list(labels.columns) == ["cluster", "strength"] and len(labels) == len(known) == 260
    assert labels["strength"].between(0, 1).all() and labels["cluster"].dtype == "int64"
    assert (labels.iloc[240:].reset_index(drop=True)["cluster"] == labels.iloc[:20]["cluster"]).all()  # copies of rows
    assert pd.crosstab(labels["cluster"], known["known"]).max(axis=1).sum() > 250
    assert read(clustered, "explanation.json")["known"]["adjusted_rand"] > 0.9


def test_every_row_has_coordinates_in_its_place(reduced):
    embedding, table = pd.read_parquet(reduced / "run" / "embedding.parquet"), pd.read_csv(reduced / "t.csv")
    assert list(embedding.columns) == ["c1", "c2"] and len(embedding) == 260 and np.isfinite(embedding.to_numpy()).all()
    placed = automl.load(reduced / "run").transform(table)
    assert np.allclose(placed.to_numpy(), embedding.to_numpy(), atol=1e-3)


def test_new_rows_are_placed_as_the_table_was(clustered, tmp_path):
    model, table = automl.load(clustered / "run"), pd.read_csv(clustered / "t.csv")
    labels = pd.read_parquet(clustered / "run" / "labels.parquet")
    table.index = table.index + 7
    found = model.predict(table)
    assert (found["cluster"].to_numpy() == labels["cluster"].to_numpy()).all() and list(found.index) == list(table.index)
    assert model.predict_row({"length": 6.1, "width": 0.1, "shade": "light"})["cluster"] == found["cluster"].iloc[1]
    done = call("predict", clustered / "run", clustered / "t.csv", "-o", tmp_path / "o.csv")
    assert done.returncode == 0 and "260 rows placed by the nearest centre" in done.stderr
    assert (pd.read_csv(tmp_path / "o.csv")["cluster"] == labels["cluster"]).all()


def test_predict_of_a_reduction_writes_columns(reduced, tmp_path):
    done = call("predict", reduced / "run", reduced / "t.csv", "-o", tmp_path / "o.parquet")
    assert done.returncode == 0 and list(pd.read_parquet(tmp_path / "o.parquet").columns) == ["c1", "c2"]


def test_the_label_is_not_learned_from(clustered):
    manifest = read(clustered, "artifact/manifest.json")
    assert manifest["task"] == "clustering" and "known" not in {c["name"] for c in manifest["columns"]}


def test_events_tell_of_processes_and_trials(clustered):
    events = [json.loads(line) for line in (clustered / "run" / "events.ndjson").read_text().splitlines()]
    started = [e for e in events if e["event"] == "trial_started"]
    assert started and all(e["pid"] > 0 for e in started) and {e["trial"] for e in started} == {e["trial"] for e in events if e["event"] == "trial_ok"}


def test_a_finished_run_says_so_and_changes_nothing(clustered):
    before = {p: p.read_bytes() for p in (clustered / "run").rglob("*") if p.is_file()}
    assert automl.run(clustered / "s.yaml", out=clustered / "run").found
    assert before == {p: p.read_bytes() for p in (clustered / "run").rglob("*") if p.is_file()}


class Pulled(Exception):
    """What ends a run from inside, as a fault of the machine would."""


SEARCHES = {
    "clustering": "task: clustering\nmodels: {include: [kmeans]}\n",
    "reduction": "task: {type: dimensionality_reduction, purpose: compress, n_components: 2}\nmodels: {include: [pca, nmf]}\n",
}


def begun(folder, which):
    """Begin a search and end it after three trials; return the records of these by number."""
    blobs(folder)
    (folder / "s.yaml").write_text(f"data: t.csv\n{SEARCHES[which]}constraints: {{time: none, trials: 9}}\nruntime: {{workers: 1}}\n")
    told = []

    def pull(event):
        told.append(event)
        if sum(e["event"] == "trial_ok" for e in told) == 3:
            raise Pulled

    with pytest.raises(Pulled):
        automl.run(folder / "s.yaml", out=folder / "run", on_event=pull)
    assert not (folder / "run" / "evaluation.json").exists() and list((folder / "run" / "fits").glob("*.npz"))
    return records(folder)


def records(folder):
    return {int(path.parent.name): json.loads(path.read_text()) for path in (folder / "run" / "trials").glob("[0-9]*/result.json")}


@pytest.mark.parametrize("which", ["clustering", pytest.param("reduction", marks=pytest.mark.slow)])
def test_an_unfinished_search_goes_on_and_fits_nothing_again(which, tmp_path):
    before, told = begun(tmp_path, which), []
    found = automl.run(tmp_path / "s.yaml", out=tmp_path / "run", on_event=told.append)
    after = records(tmp_path)
    assert not found.found and len(before) >= 3 and len(after) == 9 and before.items() <= after.items()
    anew = {e["trial"] for e in told if e["event"] in ("trial_started", "trial_ok")}
    assert anew == set(after) - set(before)
    resumed = next(e for e in told if e["event"] == "resumed")
    assert resumed["trials"] == len(before) and any("of earlier starts were taken up" in str(e.get("text")) for e in told)
    assert found.evaluation["trials"]["complete"] == 9 and not (tmp_path / "run" / "fits").exists()
    names = [(t["family"], json.dumps(t["params"], sort_keys=True), t["note"]) for t in after.values()]
    assert len(set(names)) == len(names)


@pytest.mark.slow
def test_what_a_kill_left_half_is_fitted_again(tmp_path):
    before, told = begun(tmp_path, "clustering"), []
    for path in (tmp_path / "run" / "fits").glob("*.npz"):
        path.write_bytes(path.read_bytes()[:100])
    (tmp_path / "run" / "fits" / ".tmp-torn").write_bytes(b"x")
    automl.run(tmp_path / "s.yaml", out=tmp_path / "run", on_event=told.append)
    assert before.items() <= records(tmp_path).items() and any("cannot be read" in str(e.get("text")) for e in told)


@pytest.mark.slow
def test_a_search_over_other_columns_sets_the_old_trials_aside(tmp_path):
    begun(tmp_path, "clustering")
    identity = tmp_path / "run" / "identity.json"
    kept = json.loads(identity.read_text())
    identity.write_text(json.dumps({**kept, "decided": {"sha256": "0" * 64}}))
    notes = []
    automl.run(tmp_path / "s.yaml", out=tmp_path / "run", on_event=lambda e: notes.append(str(e.get("text", ""))))
    assert any("were set aside" in note for note in notes) and len(records(tmp_path)) == 9


@pytest.mark.slow
def test_a_search_that_its_user_stopped_goes_on_when_asked(tmp_path):
    blobs(tmp_path)
    (tmp_path / "s.yaml").write_text(f"data: t.csv\n{SEARCHES['clustering']}constraints: {{time: none, trials: 9}}\nruntime: {{workers: 1}}\n")
    stop = Stop()
    automl.run(tmp_path / "s.yaml", out=tmp_path / "run", stop=stop, on_event=lambda e: stop.soft.set() if e.get("trial") == 3 else None)
    before = {number: record for number, record in records(tmp_path).items() if record["state"] == "ok"}
    assert automl.run(tmp_path / "s.yaml", out=tmp_path / "run").found and (tmp_path / "run" / "fits").exists()
    assert not automl.run(tmp_path / "s.yaml", out=tmp_path / "run", resume=True).found
    assert before and before.items() <= records(tmp_path).items() and not (tmp_path / "run" / "fits").exists()


def test_the_plan_says_what_and_why(reduced):
    done = call("plan", reduced / "s.yaml")
    assert done.returncode == 0 and "task.purpose = compress" in done.stdout and "searched: 260 rows" in done.stdout
    told = json.loads(call("plan", reduced / "s.yaml", "--json").stdout)
    assert told["task"] == "dimensionality_reduction" and {"key", "value", "because"} <= set(told["decisions"][0])


def test_other_verbs_know_the_run(clustered):
    assert "kmeans" in call("leaderboard", clustered / "run").stdout
    done = call("compare", clustered / "run", clustered / "run")
    assert done.returncode == 2 and "no predictions of a label" in done.stderr
    assert call("report", clustered / "run").returncode == 0


def test_what_is_asked_of_the_artifact_is_a_gate(reduced, tmp_path):
    shutil.copy(reduced / "t.csv", tmp_path)
    (tmp_path / "s.yaml").write_text((reduced / "s.yaml").read_text().replace("{time: 60s}", "{time: 60s, model_size: 10B}"))
    done = call("run", tmp_path / "s.yaml", "--out", tmp_path / "run", "-q")
    assert done.returncode == 1 and "model_size" in done.stderr and (tmp_path / "run" / "report.html").exists()


def test_a_search_in_which_everything_fails_has_causes(tmp_path, monkeypatch):
    blobs(tmp_path)
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: clustering\nconstraints: {time: 60s}\n")
    monkeypatch.setitem(FINDERS, "clustering", "tests.unlucky")
    with pytest.raises(NoModelError, match="it does not like these rows"):
        automl.run(tmp_path / "s.yaml", out=tmp_path / "run")
    assert "error" in (tmp_path / "run" / "leaderboard.csv").read_text()


def test_ctrl_c_keeps_what_was_found(tmp_path):
    blobs(tmp_path)
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask: dimensionality_reduction\nmodels: {include: [pca, tsne]}\nconstraints: {time: 90s}\n")
    running = subprocess.Popen([*AUTOML, "run", str(tmp_path / "s.yaml"), "--out", str(tmp_path / "run")], stderr=subprocess.PIPE, text=True)
    events = tmp_path / "run" / "events.ndjson"
    end = time.monotonic() + 60
    while time.monotonic() < end and not (events.exists() and "trial_ok" in events.read_text()):
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130, told
    assert (tmp_path / "run" / "embedding.parquet").exists() and json.loads((tmp_path / "run" / "study.json").read_text())["by_user"]


TABLES = {
    "one row": pd.DataFrame({"a": [1.0]}), "one distinct row": pd.DataFrame({"a": [1.0] * 30, "b": ["x"] * 30}),
    "all missing": pd.DataFrame({"a": [None] * 30, "b": [None] * 30}), "few distinct": pd.DataFrame({"a": [1, 2] * 15, "b": [0.5, 1.5] * 15}),
    "numbers": pd.DataFrame({"a": np.arange(30) ** 1.5, "b": np.arange(30)[::-1] ** 0.5}),
}  # fmt: skip
BAD = {
    "one row": ("one row", "clustering", "at least 20"),
    "one distinct row": ("one distinct row", "clustering", "no column is left"),
    "all missing": ("all missing", "dimensionality_reduction", "no column is left"),
    "more clusters than different rows": ("few distinct", "{type: clustering, n_clusters: 3}", "2 different rows"),
    "more clusters than rows": ("numbers", "{type: clustering, n_clusters: 31}", "30 rows"),
    "a range beyond the rows": ("numbers", "{type: clustering, n_clusters: {min: 40, max: 50}}", "30 rows"),
    "more columns than there are": ("numbers", "{type: dimensionality_reduction, n_components: 5}", "the table gives 2"),
    "no such column to compare with": ("numbers", "{type: clustering, compare_with: c}", "`c` is not in t.csv"),
    "a number as label": ("numbers", "{type: dimensionality_reduction, target: a}", "30 classes"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_table_that_cannot_hold_what_is_asked_is_told(name, tmp_path):
    table, task, words = BAD[name]
    TABLES[table].to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "s.yaml").write_text(f"data: t.csv\ntask: {task}\n")
    done = call("run", tmp_path / "s.yaml", "--out", tmp_path / "run")
    assert done.returncode == 3 and words in done.stderr and "s.yaml:" in done.stderr, done.stderr
    assert not (tmp_path / "run").exists() and len(done.stderr.splitlines()) < 20

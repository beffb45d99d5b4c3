"""Keys about what a run leaves behind and how it is carried out, on whole runs."""

import json
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

import automl
from automl.errors import ArtifactError, DataError
from automl.search.loop import Stop

from .conftest import mixed_frame

QUICK = "models: {include: [logistic_regression, decision_tree, naive_bayes]}\nconstraints: {time: none, trials: 5}\nchecks: {default: 'off'}\nexplain: {importance: none, effects: 0, slices: none}\n"


def spec_with(folder, more, rows=300):
    mixed_frame(rows).to_csv(folder / "t.csv", index=False)
    (folder / "s.yaml").write_text(f"data: t.csv\ntask: {{type: classification, target: kept}}\n{QUICK}{more}")
    return folder / "s.yaml"


def of_folds(run):
    return {int(p.parent.name) for p in (run / "trials").glob("*/*") if p.suffix in (".safetensors", ".npy")}


def test_what_stays_is_what_answers(tmp_path):
    spec = spec_with(tmp_path, "")
    done = automl.run(spec, out=tmp_path / "best")
    members = {m["trial"] for m in done.evaluation["members"]}
    assert of_folds(done.folder) == members < {int(p.name) for p in (done.folder / "trials").iterdir()}
    assert automl.load(done.folder, "float32").precision == "float32"
    assert automl.run(spec, out=tmp_path / "best").found  # a finished run is one, whatever was removed


def test_the_artifact_alone_and_a_log_elsewhere(tmp_path):
    spec = spec_with(tmp_path, "output: {keep: artifact}\nruntime: {log: {level: debug, file: logs/a.log}}\n")
    done = automl.run(spec, out=tmp_path / "run")
    assert of_folds(done.folder) == set() and not (done.folder / "rungs").exists() and not (done.folder / "run.log").exists()
    assert len(automl.load(done.folder).predict(mixed_frame(10))) == 10
    other = next(p for p in ("float32", "float16", "int8") if p != done.evaluation["chosen_precision"])
    with pytest.raises(ArtifactError, match="kept no rung"):
        automl.load(done.folder, other)
    log = (tmp_path / "logs" / "a.log").read_text()
    assert "trial_started" in log and "finished" in log
    resolved = (done.folder / "spec.resolved.yaml").read_text()
    assert 'file: "../logs/a.log"' in resolved and 'keep: "artifact"' in resolved


def test_of_a_run_that_its_user_stopped_everything_stays(tmp_path):
    stop = Stop()

    def once(event):
        if event["event"] == "trial_ok" and event["trial"] >= 2:
            stop.soft.set()

    done = automl.run(spec_with(tmp_path, "output: {keep: artifact}\n"), out=tmp_path / "run", on_event=once, stop=stop)
    complete = {t["number"] for t in json.loads((done.folder / "study.json").read_text())["trials"] if t["state"] == "ok" and t["number"]}
    assert done.stopped_by_user and of_folds(done.folder) >= complete and complete and (done.folder / "rungs").is_dir()


@pytest.mark.parametrize("more", ["ensemble: {method: none}\n", ""])
def test_the_model_that_ships_may_learn_the_scored_rows_after_they_were_scored(tmp_path, monkeypatch, more):
    asked, module = [], import_module("automl.run")
    check = module.check_fresh
    monkeypatch.setattr(module, "check_fresh", lambda place, candidate, *a: asked.append(candidate.facts["made_by"]) or check(place, candidate, *a))
    plain = automl.run(spec_with(tmp_path, more), out=tmp_path / "plain")
    done = automl.run(spec_with(tmp_path, f"{more}validation: {{refit: true}}\n"), out=tmp_path / "refit")
    assert done.evaluation["refit"] == {"done": True, "why": "", "rows": 60}
    same = ("score", "interval", "trial", "members", "model_made_by")
    assert [done.evaluation[k] for k in same] == [plain.evaluation[k] for k in same]  # the score is of the model before
    frame = mixed_frame(300)
    models = [automl.load(run.folder) for run in (plain, done)]
    assert not np.allclose(*(m.predict_proba(frame) for m in models), atol=1e-6)
    assert "all rows" in models[1].manifest["made_by"] and models[0].precision == models[1].precision
    for row in done.evaluation["precision_ladder"]:
        folder = done.folder / "rungs" / row["precision"]
        assert row["size_bytes"] == sum(p.stat().st_size for p in folder.iterdir())
        assert "all rows" in automl.load(done.folder, row["precision"]).manifest["made_by"]
    assert [("all rows" in made_by) for made_by in asked] == [False, False, True]  # what ships is asked again
    assert done.evaluation["fresh_process"]["agrees"] is True
    assert "has since learned these 60 rows" in done.report.read_text()
    assert "refit" not in plain.evaluation


def test_without_rows_apart_there_is_nothing_more_to_learn(tmp_path):
    done = automl.run(spec_with(tmp_path, "validation: {refit: true, test: none}\n"), out=tmp_path / "run")
    assert not done.evaluation["refit"]["done"] and "trains already" in done.report.read_text()


def test_a_model_that_grows_beyond_what_is_asked_by_more_rows_does_not_ship(tmp_path, monkeypatch):
    import automl.evaluate.all_rows as module

    measure = module.measure_rungs
    monkeypatch.setattr(module, "measure_rungs", lambda *a: [replace(m, size_bytes=10**9) for m in measure(*a)])
    done = automl.run(spec_with(tmp_path, "validation: {refit: true}\n"), out=tmp_path / "run", overrides={"constraints.model_size": "50MB"})
    assert done.evaluation["refit"]["why"] == "with these rows it does not keep model_size"
    assert "all rows" not in automl.load(done.folder).manifest["made_by"]
    assert next(row for row in done.evaluation["constraints"] if row["name"] == "model_size")["got"] != "1.0 GB"


def test_weights_of_rows_reach_fits_and_scores(tmp_path):
    """Rows of which half carry a wrong label: without weight they teach nothing and are not scored."""
    rng = np.random.default_rng(0)
    frame = mixed_frame(400)
    wrong = rng.random(400) < 0.5
    frame["kept"] = np.where(wrong, np.where(frame["kept"] == "yes", "no", "yes"), frame["kept"])
    frame["w"] = np.where(wrong, 0.0, 2.0)
    spec = spec_with(tmp_path, "")
    frame.to_csv(tmp_path / "t.csv", index=False)
    plain = automl.run(spec, out=tmp_path / "plain", overrides={"data.columns.drop": "[w]"})
    done = automl.run(spec, out=tmp_path / "run", overrides={"data.columns.weight": "w"})
    assert plain.evaluation["score"] < 0.65 and done.evaluation["score"] > 0.85
    assert done.evaluation["interval"][0] > 0.75
    found = done.evaluation["weighted"]
    assert 30 < found["effective_rows"] < 50 and 0.35 < found["without"] < 0.65 and plain.evaluation["weighted"] is None
    assert "w" not in {f["name"] for f in json.loads((done.folder / "plan.json").read_text())["columns"]}
    assert "count by their weights" in done.report.read_text()
    trials = json.loads((done.folder / "study.json").read_text())["trials"]
    assert max(t["score"] for t in trials if t["score"]) > 0.85


@pytest.mark.parametrize(("values", "words"), [
    (lambda n: ["1"] * 7 + ["-1"] + ["1"] * (n - 8), "data row 8 has '-1'"), (lambda n: ["1"] * (n - 1) + [""], "data row 60 has 'nothing'"),
    (lambda n: ["0"] * n, "no row of t.csv has a weight above 0"),
])  # fmt: skip
def test_weights_that_are_none_end_before_anything_is_done(tmp_path, values, words):
    spec = spec_with(tmp_path, "", rows=60)
    frame = mixed_frame(60)
    frame["w"] = values(60)
    frame.to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(DataError, match=words) as caught:
        automl.run(spec, out=tmp_path / "run", overrides={"data.columns.weight": "w"})
    assert "D312" in caught.value.text and not (tmp_path / "run").exists()

"""Keys about what a run leaves behind and how it is carried out, on whole runs."""

import json

import pytest

import automl
from automl.errors import ArtifactError
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

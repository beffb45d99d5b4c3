import json
import time

import pytest

from automl.artifact.load import load
from automl.resume import latest as module
from automl.resume.latest import Latest
from automl.rundir import RunDir
from automl.search.study import Study
from automl.search.workers.trial import run_trials
from automl.testing.contract import sample

from ..toys import LINEAR, toy_plan, toy_store, toy_trial

FACTS = {"task": "classification", "target": "y", "classes": ["no", "yes"], "positive_class": "yes", "metric": "roc_auc"}


@pytest.fixture
def made(tmp_path):
    """Return a folder, a plan and a store, with three trials whose fold models are there."""
    files = RunDir(tmp_path / "run")
    files.create()
    store, plan = toy_store(files.store), toy_plan()
    for number in (1, 2, 3):
        files.trial(number).mkdir()
        job = {"family": LINEAR, "store": str(store.folder), "context": plan.context(plan.candidates[0], 1), **plan.terms()}
        run_trials(
            {**job, "trials": [{"number": number, "params": {"C": 1.0 * number}, "folder": str(files.trial(number))}]}, lambda m: None, lambda: {"go": True}
        )

    def latest(comparable=False, seconds=600.0):
        return Latest(plan, store, files, FACTS, seconds, comparable=comparable)

    latest.files = files
    return latest


def _study(*scores):
    return Study(True, 2, [toy_trial(n, score, fold_scores=(score, score)) for n, score in enumerate(scores, 1)])


def _manifest(files):
    return json.loads((files.artifact / "manifest.json").read_text())


def test_from_the_beginning_there_is_a_model(made):
    made()
    predictor = load(made.files.root)
    assert predictor.manifest["family"] == "baseline" and predictor.manifest["made_by"] == "the class shares of the training rows"
    assert predictor.proba(sample(20)[0]).shape == (20, 2)


def test_the_best_trial_stands_there_and_says_how_it_was_made(made):
    made().offer(_study(0.7, 0.9, 0.8))
    manifest = _manifest(made.files)
    assert manifest["trial"] == 2 and "fold 1 of trial 2" in manifest["made_by"] and manifest["precision"] == "float32"
    assert load(made.files.root).proba(sample(20)[0]).std() > 0
    assert not list(made.files.root.glob(".tmp-*"))


def test_it_is_not_written_again_while_the_same_trial_is_the_best(made, monkeypatch):
    latest = made()
    latest.offer(_study(0.7))
    monkeypatch.setattr(module, "publish", lambda *given: pytest.fail("written again"))
    latest.offer(_study(0.7, 0.6))


def test_what_would_cost_too_much_waits_and_is_not_forgotten(made, monkeypatch):
    latest = made(seconds=10.0)
    latest.seconds = 0.11  # a hundredth of the budget is gone for it
    latest.offer(_study(0.7))
    assert _manifest(made.files)["family"] == "baseline"
    told = []
    later = time.monotonic() + 30
    monkeypatch.setattr(time, "monotonic", lambda: later)
    latest.after(told.append)({"event": "trial_started"})
    assert told == [{"event": "trial_started"}] and _manifest(made.files)["trial"] == 1


def test_many_new_bests_take_about_two_percent_of_the_time_at_most(made, monkeypatch):
    clock, published = [0.0], []

    def publish(files, candidate, fields, facts):
        clock[0] += 0.5
        published.append(candidate.trial)

    monkeypatch.setattr(module, "publish", publish)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    latest = made(seconds=1000.0)
    for k in range(900):
        clock[0] += 1.0
        latest.trial = None
        latest.offer(_study(0.5 + k / 2000))
    assert 0.5 * len(published) <= 0.02 * 1000 and len(published) > 20


def test_a_trial_without_its_models_leaves_what_is_there(made):
    latest = made()
    for part in made.files.trial(1).glob("fold*"):
        part.unlink()
    latest.offer(_study(0.7))
    assert _manifest(made.files)["family"] == "baseline"


def test_a_later_start_keeps_the_model_that_is_there(made, monkeypatch):
    made().offer(_study(0.7, 0.9))
    monkeypatch.setattr(module, "publish", lambda *given: pytest.fail("written again"))
    again = made(comparable=True)
    again.offer(_study(0.7, 0.9))
    assert again.trial == 2


def test_a_damaged_artifact_is_replaced(made):
    made().offer(_study(0.7))
    part = made.files.artifact / "model.safetensors"
    part.write_bytes(part.read_bytes()[:-1])
    made()
    assert load(made.files.root).manifest["family"] == "baseline"

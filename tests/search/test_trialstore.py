import json

import pytest

from automl.errors import EnvironmentFault
from automl.rundir import RunDir
from automl.search.trialstore import Interrupted, TrialStore

from ..toys import toy_trial


@pytest.fixture
def store(tmp_path):
    files = RunDir(tmp_path / "run")
    files.create()
    return TrialStore(files)


def test_a_finished_trial_is_on_disk_as_it_was(store):
    trial = toy_trial(7, 0.5, fold_scores=(0.4, 0.6), rounds=(3, 5), params={"a.b": 1.5})
    store.begin(7)
    store.finish(trial)
    found = json.loads((store.files.trials / "000007" / "result.json").read_text())
    assert found == json.loads(json.dumps(trial.record())) and found["state"] == "ok" and found["rounds"] == [3, 5]
    assert store.load() == ([trial], [])


def test_a_trial_has_its_name_only_when_it_is_whole(store):
    folder = store.begin(3, 2)
    (folder / "out_of_fold.npy").write_text("x")
    assert folder.name.startswith(".tmp-") and not store.files.trial(3).exists()
    store.finish(toy_trial(3))
    assert not folder.exists() and sorted(p.name for p in store.files.trial(3).iterdir()) == ["out_of_fold.npy", "result.json"]


def test_what_was_running_is_told_and_its_folder_removed(store):
    store.begin(1)
    store.finish(toy_trial(1))
    folder = store.begin(2)
    (folder / "job.json").write_text(json.dumps({"name": "linear", "attempt": 1, "note": "", "trials": [{"number": 2, "params": {"C": 2.0}}]}))
    store.begin(3)  # killed before it was described
    trials, interrupted = TrialStore(store.files).load()
    assert [t.number for t in trials] == [1] and interrupted == [Interrupted(2, 1, "linear", {"C": 2.0})]
    assert [p.name for p in store.files.trials.iterdir()] == ["000001"]


def test_a_folder_that_cannot_be_made_is_said_to(store):
    store.begin(1)
    with pytest.raises(EnvironmentFault, match="cannot start trial 1"):
        store.begin(1)


def test_dropping_models_keeps_everything_else(store):
    folder = store.files.trial(1)
    folder.mkdir(parents=True)
    for name in ("fold0.model.safetensors", "fold1.model.safetensors", "out_of_fold.npy", "result.json"):
        (folder / name).write_text("x")
    store.drop_models(toy_trial(1))
    assert sorted(p.name for p in folder.iterdir()) == ["out_of_fold.npy", "result.json"]

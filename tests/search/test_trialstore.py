import errno
import json
import os

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


def test_what_was_running_is_told_and_its_folder_stays_until_it_has_ended(store):
    store.begin(1)
    store.finish(toy_trial(1))
    folder = store.begin(2)
    (folder / "job.json").write_text(json.dumps({"name": "linear", "attempt": 1, "note": "", "trials": [{"number": 2, "params": {"C": 2.0}}]}))
    store.begin(3)  # killed before it was described
    trials, interrupted = TrialStore(store.files).load()
    assert [t.number for t in trials] == [1] and interrupted == [Interrupted(2, 1, "linear", {"C": 2.0})]
    assert sorted(p.name for p in store.files.trials.iterdir()) == [".tmp-000002-a1", "000001"]
    assert TrialStore(store.files).load()[1] == interrupted  # a second kill, before it was begun again, forgets nothing
    again = TrialStore(store.files)
    again.begin(2, 2)
    again.finish(toy_trial(2))
    assert sorted(p.name for p in store.files.trials.iterdir()) == ["000001", "000002"]


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


def _ended(store, *numbers):
    for number in numbers:
        folder = store.begin(number)
        job = {"name": "linear", "attempt": 1, "note": "", "trials": [{"number": number, "params": {"C": 2.0}}]}
        (folder / "job.json").write_text(json.dumps(job))
        store.finish(toy_trial(number))


@pytest.mark.parametrize("text", [None, "", "{", '{"number": 2', "[]", '{"number": 3}', '{"number": 2, "state": "odd"}'])
def test_a_record_that_cannot_be_read_is_set_aside_and_its_trial_run_again(store, text):
    _ended(store, 1, 2, 3)
    record = store.files.trial(2) / "result.json"
    record.unlink() if text is None else record.write_text(text)
    again = TrialStore(store.files)
    trials, interrupted = again.load()
    assert [t.number for t in trials] == [1, 3] and interrupted == [Interrupted(2, 0, "linear", {"C": 2.0})]
    assert again.lost == {2} and len(again.damaged) == 1 and "trials/000002/result.json" in again.damaged[0]
    assert (store.files.trials / ".bad-000002" / "job.json").exists() and not store.files.trial(2).exists()
    assert [t.number for t in again.records()] == [1, 3]


def test_a_damaged_trial_of_which_nothing_is_known_is_forgotten(store):
    _ended(store, 1)
    for part in ("result.json", "job.json"):
        (store.files.trial(1) / part).write_text("")
    assert TrialStore(store.files).load() == ([], [])
    _ended(store, 1)
    (store.files.trial(1) / "result.json").write_text("")
    TrialStore(store.files).load()
    assert sorted(p.name for p in store.files.trials.iterdir()) == [".bad-000001", ".bad-000001-2"]


def test_a_trial_that_ended_although_an_attempt_of_it_is_left_has_ended(store):
    _ended(store, 1)
    left = store.files.running_trial(1, 1)
    left.mkdir()
    (left / "job.json").write_text((store.files.trial(1) / "job.json").read_text())
    assert [[t.number for t in TrialStore(store.files).load()[0]], TrialStore(store.files).load()[1]] == [[1], []]
    assert not left.exists()


def test_of_two_attempts_the_later_one_counts(store):
    for attempt in (1, 2):
        store.begin(1, attempt)
        store.describe(1, {"name": "linear", "attempt": attempt, "note": "", "trials": [{"number": 1, "params": {}}]})
    assert TrialStore(store.files).load()[1] == [Interrupted(1, 2, "linear", {})]


def test_what_an_earlier_start_left_is_no_hindrance(store):
    store.begin(1)
    again = TrialStore(store.files)
    again.begin(1)
    again.finish(toy_trial(1))
    assert [p.name for p in store.files.trials.iterdir()] == ["000001"]


def test_all_trials_can_be_set_aside_and_none_is_lost(store):
    _ended(store, 1, 2)
    store.begin(3)
    assert store.set_aside() == 2
    assert TrialStore(store.files).load() == ([], []) and sorted(p.name for p in store.files.trials.iterdir()) == [".bad-000001", ".bad-000002"]


def test_a_full_disk_loses_nothing_that_was_kept(store, monkeypatch):
    _ended(store, 1)
    store.begin(2)

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(EnvironmentFault, match="the disk is full"):
            store.finish(toy_trial(2))
    assert [t.number for t in TrialStore(store.files).records()] == [1]
    store.finish(toy_trial(2))
    assert [t.number for t in TrialStore(store.files).records()] == [1, 2]

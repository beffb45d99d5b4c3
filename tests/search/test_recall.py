"""A search that goes on from what an earlier start left; played, without processes."""

import errno
import time

import pytest

from automl.errors import EnvironmentFault
from automl.rundir import RunDir
from automl.search.budget import LEAST_SECONDS, Budget
from automl.search.loop import Past, Search, Stop
from automl.search.references import Reference
from automl.search.store import Store
from automl.search.trialstore import Interrupted, TrialStore
from automl.search.workers.job import run_job
from automl.vocabulary import State

from ..toys import LINEAR, Script, ends_ok, toy_plan, toy_store, toy_trial


@pytest.fixture
def search(tmp_path):
    """Return a function that makes a search over a script."""
    files = RunDir(tmp_path / "run")
    files.create()

    def make(play=lambda i: ends_ok(0.7, 0.8), past=None, on_best=lambda study: None, references=(), **changes):
        plan = toy_plan(**{"max_trials": 5, **changes})
        return Search(
            plan, files, Script(play), Budget(time.monotonic(), 60.0), lambda event: None, Stop(), past=past, on_best=on_best, references=references
        )  # fmt: skip

    make.files = files
    return make


def test_numbers_without_a_record_are_taken_first(search):
    study = search(past=Past((toy_trial(1), toy_trial(4)), (), (2, 3))).run()
    assert sorted(t.number for t in study.trials) == [1, 2, 3, 4, 5]


def test_a_reference_that_was_running_takes_its_number_again(search):
    reference = Reference("linear", LINEAR, {"C": 9.0}, "as it comes", rounds=None)
    past = Past((toy_trial(1), toy_trial(3)), (Interrupted(2, 1, "linear", {"C": 9.0}, reference=True),))
    study = search(past=past, references=[reference], max_trials=3).run()
    assert sorted((t.number, t.reference) for t in study.trials) == [(1, False), (2, True), (3, False), (4, False)]


def test_a_family_that_competes_no_more_is_not_tried_again(search):
    study = search(past=Past((toy_trial(1),), (Interrupted(2, 1, "gone", {}),)), max_trials=2).run()
    assert [(t.number, t.family) for t in study.trials] == [(1, "linear"), (2, "linear")]


def test_the_best_of_what_was_there_is_told_once(search):
    seen = []
    search(past=Past((toy_trial(1, 0.7), toy_trial(2, 0.9), toy_trial(3, 0.95))), on_best=lambda study: seen.append(study.ranked()[0].number), max_trials=3)
    assert seen == [3]


def test_with_all_trials_there_nothing_is_run(search):
    made = search(play=lambda i: pytest.fail("started"), past=Past(tuple(toy_trial(n) for n in (1, 2, 3))), max_trials=3)
    assert len(made.run().trials) == 3


def test_a_worker_that_finds_the_disk_full_ends_the_run_and_not_the_trial(search):
    full = [{"kind": "fault", "state": "error", "cause": "the disk is full: a trial cannot write", "full": "run/trials"}]
    with pytest.raises(EnvironmentFault, match="the disk is full") as fault:
        search(play=lambda i: full).run()
    assert "goes on from here" in fault.value.fix and fault.value.where == "run/trials"
    assert TrialStore(search.files).load()[1] == [Interrupted(1, 1, "linear", {"C": 1.0})]


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)])
def test_a_job_tells_a_full_disk_from_other_faults(tmp_path, monkeypatch, number, full):
    import json
    import os

    def fail(job, send, told):
        raise OSError(number, "refused")

    monkeypatch.setattr("automl.search.workers.job.resolve", lambda kind: fail)
    monkeypatch.setattr(os, "dup2", lambda one, other: None)
    (tmp_path / "job.json").write_text(json.dumps({"kind": "trial", "log": str(tmp_path / "run.log"), "context": {"device": "cpu"}}))
    sent = []
    assert run_job(str(tmp_path / "job.json"), sent.append, dict) == 1
    assert [p["kind"] for p in sent] == ["fault"] and bool(sent[0].get("full")) == full and sent[0]["state"] == State.ERROR


def test_what_earlier_starts_used_counts(monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2)
    budget = Budget(now, 60.0, earlier=20.0)
    assert budget.used() == pytest.approx(22.0) and budget.deadline == pytest.approx(now + 40) and budget.here == 40.0


def test_however_much_was_used_a_start_has_ten_seconds():
    assert Budget(0.0, 60.0, earlier=59.0).deadline == LEAST_SECONDS == 10.0
    assert Budget(0.0, 60.0, earlier=500.0).deadline == 10.0
    assert Budget(0.0, 3.0, earlier=2.0).deadline == 3.0
    assert Budget(0.0, None, earlier=500.0).deadline == float("inf")


def test_rows_that_are_whole_are_used_again_and_others_are_not(tmp_path):
    made = toy_store(tmp_path / "store")
    create = {"table": made.table, "fields": made.fields, "y": made.y, "train": made.train, "folds": made.folds}
    Store.create(tmp_path / "s", **create, mark="a")
    (tmp_path / "s" / ".features-x-0-abc").mkdir()
    again = Store.reuse(tmp_path / "s", "a")
    assert again is not None and (again.y == made.y).all() and len(again.folds) == 2 and not list((tmp_path / "s").glob(".*"))
    assert Store.reuse(tmp_path / "s", "b") is None and Store.reuse(tmp_path / "nowhere", "a") is None
    (tmp_path / "s" / "column0.npy").unlink()
    assert Store.reuse(tmp_path / "s", "a") is None
    Store.create(tmp_path / "s", **create, mark="a")
    (tmp_path / "s" / "whole").unlink()
    assert Store.reuse(tmp_path / "s", "a") is None


def test_rows_of_before_the_machine_started_are_not_used(tmp_path, monkeypatch):
    made = toy_store(tmp_path / "store")
    Store.create(tmp_path / "s", made.table, made.fields, made.y, made.train, made.folds, mark="a")
    text = (tmp_path / "s" / "whole").read_text()
    (tmp_path / "s" / "whole").write_text("a another-boot")
    assert text.startswith("a ") and Store.reuse(tmp_path / "s", "a") is None

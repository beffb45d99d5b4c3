"""The diagnosis as the driver sees it: when it runs, what it makes of packets, and that nothing of it can end a run."""

import json
import signal
from contextlib import closing

import numpy as np
import pytest

from automl.finalize.diagnose import diagnose
from automl.rundir import RunDir
from automl.search.loop import Stop
from automl.search.store import Store
from automl.search.workers.diagnose import predicted_seconds
from automl.search.workers.local import LocalExecutor

from ..toys import Script, toy_plan, toy_store, toy_trial

PERMUTED = {"kind": "permuted", "score": 0.5, "chance": 0.5}
POINT = {"kind": "point", "share": 1.0, "rows": 36, "score": 0.8, "train": 0.9}
GROWTH = {"kind": "growth", "whole": [0.7, 0.9]}
EXIT = {"kind": "exited", "status": 0, "peak_memory_mb": 7}
WON = toy_trial(3, 0.8, fold_scores=(0.8, 0.8), fold_seconds=(2.0, 3.0))


@pytest.fixture
def bench(tmp_path):
    """Return a function that diagnoses with what a scripted worker says; the run folder and the executor are its attributes."""
    files = RunDir(tmp_path / "run")
    files.create()
    made = toy_store(files.store, 400)

    def run(packets, seconds=None, stop=None, executor=None, store=None, trial=WON, **plan):
        run.events = []
        run.executor = executor or Script(lambda position: packets)
        return diagnose(toy_plan(**plan), trial, store or made, files, run.executor, run.events.append, stop or Stop(), seconds)

    run.files, run.store = files, made
    return run


def test_what_the_worker_says_is_kept_and_told(bench):
    found = bench([PERMUTED, POINT, GROWTH, EXIT])
    assert found["permuted"]["chance"] == 0.5 and found["points"][0]["rows"] == 36 and found["growth"]["whole"] == [0.7, 0.9]
    assert found["note"] == "" and found["fold"] == 0
    assert [e["event"] for e in bench.events] == ["diagnosis_started", "diagnosis_ended"]


def test_the_job_says_what_is_asked(bench):
    bench([PERMUTED, POINT, GROWTH, EXIT], costs=((0, 1), (8, 0)), class_weights=(1.0, 2.0))
    job = json.loads(bench.executor.submitted[0][1].read_text())
    assert (job["kind"], job["fold"], job["model"], job["deadline"], job["costs"]) == ("diagnose", 0, None, None, [[0, 1], [8, 0]])
    assert job["params"] == WON.params and job["class_weights"] == [1.0, 2.0] and job["metric"] == "roc_auc"


def test_it_runs_only_where_it_should_fit_and_without_permuted_labels_where_they_should_not(bench):
    needed, curve = (predicted_seconds(WON.fold_seconds, kept=False, permuted=p) for p in (True, False))
    assert needed > predicted_seconds(WON.fold_seconds, kept=True) > 3.0 and curve < needed
    found = bench([], seconds=curve - 0.1)
    assert "no time" in found["note"] and not bench.executor.submitted and found["points"] == []
    assert bench([POINT, GROWTH, EXIT], seconds=needed - 0.1)["note"] == "There was no time for a fit on permuted labels."
    assert json.loads(bench.executor.submitted[0][1].read_text())["permuted"] is False
    assert bench([PERMUTED, POINT, GROWTH, EXIT], seconds=needed + 0.1)["note"] == ""
    job = json.loads(bench.executor.submitted[0][1].read_text())
    assert job["deadline"] is not None and job["permuted"] is True


def test_the_model_that_was_kept_makes_it_shorter(bench):
    folder = bench.files.trial(3)
    folder.mkdir()
    (folder / "fold0.model.safetensors").write_text("x")
    assert bench([PERMUTED, POINT, GROWTH, EXIT], seconds=predicted_seconds(WON.fold_seconds, kept=True) + 0.1)["note"] == ""
    assert json.loads(bench.executor.submitted[0][1].read_text())["model"].endswith("fold0.model.safetensors")


@pytest.mark.parametrize(
    ("packets", "words"),
    [
        ([{"kind": "exited", "status": signal.SIGKILL}], "further: the worker process was killed"),
        ([PERMUTED, {"kind": "exited", "status": signal.SIGKILL}], "fully: the worker process was killed"),
        ([{"kind": "fault", "state": "error", "cause": "ValueError: no"}, {"kind": "exited", "status": 256}], "ValueError: no"),
        ([PERMUTED, {"kind": "exited", "status": 0}], "too few for a learning curve"),
        ([PERMUTED, {"kind": "late"}, {"kind": "exited", "status": 0}], "fully: it was out of time"),
        ([{"kind": "exited", "status": signal.SIGKILL, "limit": "memory"}], "MB a worker may use"),
    ],
)
def test_every_failure_is_a_sentence(bench, packets, words):
    found = bench(packets)
    assert words in found["note"] and found["note"].endswith(".")


def test_a_worker_that_goes_on_too_long_is_ended(bench):
    short = toy_trial(3, 0.8, fold_seconds=(0.0,))
    found = bench([PERMUTED], seconds=0.8, trial=short)
    assert bench.executor.cancelled == ["diagnose"] and "out of time" in found["note"] and found["permuted"]["score"] == 0.5


def test_who_asks_for_the_end_does_not_wait(bench):
    stop = Stop()
    stop.soft.set()
    assert "you asked for the end" in bench([], stop=stop)["note"] and not bench.executor.submitted


def test_an_executor_that_fails_costs_nothing_but_the_diagnosis(bench):
    class Broken(Script):
        def submit(self, *arguments):
            raise OSError("no more processes")

    assert "no more processes" in bench([], executor=Broken(lambda position: []))["note"]


def test_forward_in_time_the_fold_that_learned_most_is_used_and_without_folds_none(bench, tmp_path):
    made = bench.store
    ordered = Store.create(tmp_path / "ordered", made.table, made.fields, made.y, made.train, made.folds, None, np.arange(400.0))
    assert bench([EXIT], store=ordered)["fold"] == 1
    assert bench([EXIT], pooled=True)["fold"] is None


def test_with_a_real_worker_it_is_whole_and_the_same_again(bench):
    plan = {"metric": "log_loss", "greater_is_better": False}
    with closing(LocalExecutor(1).start()) as executor:
        first = bench([], executor=executor, **plan)
        assert bench([], executor=executor, **plan) == first
    assert first["note"] == "" and len(first["points"]) == 4 and first["growth"]["whole"][0] < first["points"][-1]["score"]
    assert abs(first["permuted"]["score"] - first["permuted"]["chance"]) < 3 * first["permuted"]["deviation"]

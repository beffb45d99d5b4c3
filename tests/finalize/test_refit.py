"""The refit through a played executor: what ships when it goes well, when it fails, and when there is no time."""

import json
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from automl.families.classifiers.logistic_regression import FAMILY
from automl.finalize.refit import baseline_candidate, refit
from automl.inference.forms import Model
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import Stop
from automl.search.study import Study
from automl.search.workers.refit import run_refit
from automl.search.workers.trial import run_trials
from automl.vocabulary import State

from ..toys import LINEAR, Script, ends_badly, toy_plan, toy_store, toy_trial


@pytest.fixture
def finish(tmp_path):
    """Return a function that refits after a search of two trials whose fold models are there."""
    files = RunDir(tmp_path / "run")
    files.create()
    store = toy_store(files.scratch / "store")
    plan = toy_plan()

    def trial(number, score, models=True, **changes):
        folder = files.trial(number)
        folder.mkdir(exist_ok=True)
        if models:
            context = plan.context(plan.candidates[0], 1)
            job = {"family": LINEAR, "store": str(store.folder), "context": context, "metric": "roc_auc", "positive": 1}
            member = {"number": number, "params": {"C": 1.0}, "folder": str(folder)}
            run_trials({**job, "trials": [member]}, lambda message: None, lambda: {"go": True})
        return toy_trial(number, score, fold_scores=(score, score), **changes)

    def make(play, trials, stop=None, budget=None):
        made = type("Made", (), {})()
        made.files, made.store, made.plan, made.events = files, store, plan, []
        made.executor = Script(lambda i: play(i, made.executor))
        submit = made.executor.submit

        def at_submit(name, path, limits=None):
            made.job = json.loads(path.read_text())
            submit(name, path)

        made.executor.submit = at_submit
        made.run = lambda: refit(
            plan, Study(True, 2, trials), store, files, made.executor, budget or Budget(time.monotonic(), 60.0), made.events.append, stop or Stop()
        )
        return made

    make.trial = trial
    return make


def _well(made_by_job):
    """Do the work of the job here and now."""

    def play(i):
        sent = []
        run_refit(made_by_job(), sent.append, dict)
        return [*sent, {"kind": "exited", "status": 0, "peak_memory_mb": 1}]

    return play


def test_the_winner_is_fitted_on_all_training_rows(finish):
    made = finish(lambda i, executor: _well(lambda: made.job)(i), [finish.trial(1, 0.7), finish.trial(2, 0.9)])
    found = made.run()
    assert (found.family, found.trial, found.precision) == ("linear", 2, "float32")
    assert found.facts["made_by"] == "a fit on all training rows" and found.facts["parity"] < 1e-5 and "kind" not in found.facts
    assert [e["event"] for e in made.events] == ["refit_started", "refit_ok"] and [name for name, _ in made.executor.submitted] == ["refit-2"]


def test_its_fold_models_come_along_with_the_rows_they_did_not_see(finish):
    made = finish(lambda i, executor: _well(lambda: made.job)(i), [finish.trial(1, 0.7)])
    folds = made.run().folds
    assert [f.fold for f in folds] == [0, 1]
    for f in folds:
        assert np.array_equal(f.y, made.store.y[made.store.folds[f.fold][1]]) and f.x.shape[0] == len(f.y)
        assert (Model(f.model).predict(f.x).argmax(axis=1) == f.y).mean() > 0.8


def test_the_length_learned_on_folds_is_the_length_of_the_refit(finish):
    made = finish(lambda i, executor: ends_badly(), [finish.trial(1, 0.7, rounds=(10, 13, 16))])
    made.run()
    assert made.job["context"]["rounds"] == 13 and made.job["params"] == {"C": 1.0} and made.job["kind"] == "refit"


def test_a_family_without_a_length_is_given_none(finish):
    made = finish(lambda i, executor: ends_badly(), [finish.trial(1, 0.7)])
    made.run()
    assert made.job["context"]["rounds"] is None


def test_a_refit_that_fails_leaves_the_model_of_a_fold_and_says_so(finish):
    fault = {"kind": "fault", "state": "memory", "cause": "needed too much"}
    made = finish(lambda i, executor: [fault, *ends_badly(256)], [finish.trial(1, 0.9)])
    found = made.run()
    assert found.trial == 1 and "fold 1" in found.facts["made_by"]
    x = made.store.features(FAMILY.needs, 0)[2]
    assert Model(found.model).predict(x).shape == (36, 2)
    assert made.events[-1] == {"event": "refit_failed", "trial": 1, "cause": "needed too much"}


def test_a_refit_that_was_killed_says_by_what(finish):
    made = finish(lambda i, executor: ends_badly(signal.SIGKILL), [finish.trial(1, 0.9)])
    made.run()
    assert made.events[-1]["event"] == "refit_failed" and made.events[-1]["cause"]


def test_with_no_fold_model_left_the_next_best_trial_has_its_turn(finish):
    plays = [lambda: ends_badly(), lambda: _well(lambda: made.job)(1)]
    made = finish(lambda i, executor: plays[i](), [finish.trial(1, 0.7), finish.trial(2, 0.9, models=False)])
    assert made.run().trial == 1
    assert [e["event"] for e in made.events if e["event"] != "refit_started"] == ["refit_failed", "refit_ok"]


def test_facts_without_a_clean_exit_are_not_trusted(finish):
    facts = {"kind": "refitted", "parity": 0.0, "library_bytes": None, "form_rows_per_second": 1.0, "library_rows_per_second": 1.0, "sample_rows": 1}
    made = finish(lambda i, executor: [facts, *ends_badly()], [finish.trial(1, 0.9)])
    assert "fold 1" in made.run().facts["made_by"]


def test_a_refit_beyond_its_time_is_ended(finish):
    made = finish(lambda i, executor: [], [finish.trial(1, 0.9)], budget=Budget(time.monotonic() - 56.2, 60.0))
    began = time.monotonic()
    found = made.run()
    assert time.monotonic() - began < 15 and made.executor.cancelled and "fold 1" in found.facts["made_by"]
    assert made.events[-1]["cause"] == "out of time"


def test_two_stops_leave_out_the_refit_altogether(finish):
    stop = Stop()
    stop.hard.set()
    made = finish(lambda i, executor: [], [finish.trial(1, 0.9)], stop=stop)
    assert "fold 1" in made.run().facts["made_by"] and not made.executor.submitted


def test_a_trial_that_did_not_end_gives_the_fold_it_has(finish):
    trial = finish.trial(1, 0.9, state=State.TIMEOUT)
    made = finish(lambda i, executor: [], [replace(trial, fold_scores=(0.9,))], budget=Budget(time.monotonic() - 56.2, 60.0))
    found = made.run()
    assert len(found.folds) == 1 and "fold 1" in found.facts["made_by"] and made.executor.submitted


def test_with_no_trial_at_all_the_class_shares_ship(finish):
    made = finish(lambda i, executor: [], [])
    found = made.run()
    assert (found.family, found.trial, found.folds) == ("baseline", None, ())


def test_the_baseline_knows_only_the_training_rows(tmp_path: Path):
    store = toy_store(tmp_path)
    store.y[:] = 0
    store.y[store.train[:18]] = 1
    store.y[72:] = 1  # rows of no fold
    found = baseline_candidate(toy_plan(), store)
    assert Model(found.model).predict(np.zeros((1, 0), np.float32))[0] == pytest.approx([0.75, 0.25])

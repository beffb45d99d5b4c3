import json
import math
import signal
import time

import pytest

from automl.families.space import Float, Space
from automl.plan.candidates import CandidateFamily
from automl.rundir import RunDir
from automl.search import loop
from automl.search.budget import Budget
from automl.search.loop import Past, Search, Stop
from automl.search.references import Reference
from automl.search.trialstore import Interrupted
from automl.vocabulary import State

from ..toys import LINEAR, Script, ends_badly, ends_ok, toy_plan, toy_trial

SPACE = Space({"C": Float(1e-3, 1e3, 1.0, log=True)})


@pytest.fixture
def search(tmp_path):
    """Return a function that makes a search over a script, with its events and its files."""

    def make(play, slots=1, seconds=60.0, stop=None, on_event=None, past=None, on_best=lambda study: None, references=(), **changes):
        files = RunDir(tmp_path / "run")
        files.create()
        events = []
        plan = toy_plan(**{"max_trials": 4, **changes})
        made = Search(
            plan,
            files,
            Script(play, slots),
            Budget(time.monotonic(), seconds),
            on_event or events.append,
            stop or Stop(),
            past=past,
            on_best=on_best,
            references=references,
        )
        made.files, made.seen = files, events
        return made

    return make


def test_every_trial_is_on_disk_before_anybody_is_told(search):
    there = []
    made = search(
        lambda i: ends_ok(0.7, 0.8),
        on_event=lambda e: there.append((made.files.trial(e["trial"]) / "result.json").exists()) if e["event"] == "trial_ok" else None,
    )
    study = made.run()
    assert there == [True] * 4 and len(study.trials) == 4
    assert json.loads((made.files.trial(2) / "result.json").read_text())["score"] == pytest.approx(0.75)


def test_it_ends_with_the_number_of_trials_that_was_asked_for_and_says_so(search):
    study = search(lambda i: ends_ok(0.7, 0.8)).run()
    assert [t.number for t in study.trials] == [1, 2, 3, 4] and study.stopped == "all 4 trials were run"
    assert study.counts() == {"complete": 4, "pruned": 0, "failed": 0}


def test_a_trial_carries_what_its_folds_said(search):
    first = search(lambda i: ends_ok(0.7, 0.8, seconds=0.5), max_trials=1).run().trials[0]
    assert first.fold_scores == (0.7, 0.8) and first.fold_seconds == (0.5, 0.5) and first.predict_seconds == pytest.approx(0.002)
    assert (first.pid, first.peak_memory_mb, first.params) == (1000, 7, {"C": 1.0})
    assert first.spread == pytest.approx(0.0707, abs=1e-3) and first.seconds >= 0


def test_no_more_trials_run_at_once_than_there_are_slots(search):
    made = search(lambda i: ends_ok(0.7, 0.8), slots=3, max_trials=9, candidates=tuple(CandidateFamily(f"l{i}", LINEAR, SPACE, "cpu") for i in range(5)))
    assert len(made.run().trials) == 9 and made.executor.most_at_once == 3


def test_the_job_file_tells_the_worker_everything_and_its_deadline(search):
    made = search(lambda i: ends_ok(0.7, 0.8), max_trials=1)
    made.run()
    job = json.loads((made.files.trial(1) / "job.json").read_text())
    assert (job["kind"], job["family"], job["metric"], job["positive"], job["memory_mb"]) == ("trial", LINEAR, "roc_auc", 1, 4000)
    assert (
        job["trials"][0]["deadline"] < made.executor.limits["1"].deadline < made.budget.deadline
        and job["context"]["n_outputs"] == 2
        and job["context"]["rounds"] is None
    )


def test_faults_are_trials_and_the_search_goes_on(search):
    plays = [ends_badly(signal.SIGSEGV), ends_ok(0.7, 0.8), [{"kind": "fault", "state": "memory", "cause": "too much"}, *ends_badly(256)], ends_ok(0.6, 0.6)]
    study = search(lambda i: plays[i]).run()
    assert [t.state for t in study.trials] == [State.KILLED, State.OK, State.MEMORY, State.OK]
    assert "SIGSEGV" in study.trials[0].cause and study.trials[2].cause == "too much"
    assert study.counts() == {"complete": 2, "pruned": 0, "failed": 2}


def test_a_process_that_leaves_early_in_good_order_is_no_success(search):
    trial = search(lambda i: ends_ok(0.9), max_trials=1).run().trials[0]
    assert trial.state == State.CRASHED and trial.fold_scores == (0.9,)


def test_a_family_that_only_fails_is_given_up_and_the_reason_is_the_true_one(search):
    """The time was not used: far less than a second of a minute went by."""
    study = search(lambda i: ends_badly(), max_trials=None).run()
    assert len(study.trials) == 3
    assert "time" not in study.stopped, study.stopped


def test_it_stops_after_trials_that_bring_no_gain(search):
    study = search(lambda i: ends_ok(0.7, 0.8), max_trials=50, stop_after_no_gain=5).run()
    assert len(study.trials) == 6 and "no gain" in study.stopped


def test_a_gain_starts_the_count_again(search):
    study = search(lambda i: ends_ok(0.7 + (i == 4) * 0.2, 0.8 + (i == 4) * 0.1), max_trials=50, stop_after_no_gain=5).run()
    assert len(study.trials) == 10


def test_a_gain_within_noise_is_none(search):
    study = search(lambda i: ends_ok(0.5 + i * 1e-4, 0.9 + i * 1e-4), max_trials=50, stop_after_no_gain=5).run()
    assert len(study.trials) == 6


def test_gains_are_counted_downwards_where_less_is_better(search):
    falls = search(lambda i: ends_ok(2 - i * 0.1, 2 - i * 0.1), max_trials=8, stop_after_no_gain=3, greater_is_better=False, metric="log_loss").run()
    assert len(falls.trials) == 8 and falls.ranked()[0].number == 8


def test_every_family_has_its_turn_before_no_gain_can_end_it(search):
    families = tuple(CandidateFamily(f"l{i}", LINEAR, SPACE, "cpu") for i in range(5))
    study = search(lambda i: ends_ok(0.7, 0.8), max_trials=50, stop_after_no_gain=2, candidates=families).run()
    assert {t.family for t in study.trials} == {f"l{i}" for i in range(5)}


def test_the_end_of_the_time_ends_what_runs(search):
    made = search(lambda i: [], seconds=4.0)
    began = time.monotonic()
    study = made.run()
    assert time.monotonic() - began < 20  # no event ever comes: without the clock it would not end
    assert [t.state for t in study.trials] == [State.TIMEOUT] and made.executor.cancelled == ["1"] and "time" in study.stopped


def test_a_first_stop_lets_trials_finish_and_starts_no_more(search):
    stop = Stop()
    made = search(lambda i: stop.soft.set() or ends_ok(0.7, 0.8), stop=stop, max_trials=None)
    study = made.run()
    assert [t.state for t in study.trials] == [State.OK] and study.stopped == "stopped by the user" and not made.executor.cancelled


def _stop_twice(stop):
    """Return a listener that asks twice as soon as a trial has started."""
    return lambda event: event["event"] == "trial_started" and (stop.soft.set(), stop.hard.set())


def test_a_second_stop_ends_them_at_once_and_they_are_no_failures(search):
    stop = Stop()
    made = search(lambda i: [], stop=stop, on_event=_stop_twice(stop))
    began = time.monotonic()
    study = made.run()
    assert time.monotonic() - began < 20 and made.executor.cancelled == ["1"]  # of 60 seconds; a busy machine may pause
    assert [t.state for t in study.trials] == [State.CANCELLED] and study.counts()["failed"] == 0


def test_a_trial_that_outlives_the_grace_is_ended(search, monkeypatch):
    monkeypatch.setattr(loop, "GRACE", 0.3)
    stop = Stop()
    study = search(lambda i: stop.soft.set() or [], stop=stop).run()
    assert [t.state for t in study.trials] == [State.CANCELLED]


def test_a_process_that_cannot_be_killed_does_not_hold_the_run(search):
    stop = Stop()
    made = search(lambda i: [], stop=stop, on_event=_stop_twice(stop))
    made.executor.cancel = lambda job: None
    began = time.monotonic()
    study = made.run()
    assert time.monotonic() - began < 20 and [t.state for t in study.trials] == [State.CANCELLED]


def test_what_finishing_will_take_is_held_back_once_it_is_known(search):
    made = search(lambda i: ends_ok(0.7, 0.8, seconds=2.0), max_trials=1)
    made.run()
    assert made.budget.refit_seconds == pytest.approx(2.0 * 2 + 0.7) and made.budget.predict_seconds == pytest.approx(0.002)


def test_fold_models_stay_only_with_the_two_best(search):
    made = search(lambda i: ends_ok(*[(0.5, 0.9, 0.7, 0.8)[i]] * 2))
    submit = made.executor.submit
    made.executor.submit = lambda name, path, limits: ((path.parent / "fold0.model.safetensors").write_text("x"), submit(name, path, limits))
    made.run()
    assert sorted(int(p.parent.name) for p in made.files.trials.glob("*/fold0.model.safetensors")) == [2, 4]


def test_events_say_who_started_and_how_it_ended(search):
    made = search(lambda i: ends_ok(0.7, 0.8), max_trials=1)
    made.run()
    assert [e["event"] for e in made.seen] == ["trial_started", "trial_ok"]
    assert made.seen[0]["pid"] == made.seen[1]["pid"] == 1000 and made.seen[1]["score"] == pytest.approx(0.75)


def test_a_fold_whose_score_is_not_a_number_does_not_end_the_run(search):
    """A fold without the rare class has no ROC AUC; the run must go on, and such a trial must not win."""
    plays = [ends_ok(0.9, math.nan), ends_ok(0.7, 0.8), ends_ok(0.6, 0.6), ends_ok(math.nan, math.nan)]
    study = search(lambda i: plays[i]).run()
    assert len(study.trials) == 4 and study.ranked()[0].score == study.ranked()[0].score


def test_a_pooled_trial_has_the_score_of_all_its_predictions(search):
    folds = ends_ok(*[None] * 4)
    play = [*folds[:-1], {"kind": "pooled", "score": 0.7, "spread": 0.05}, folds[-1]]
    made = search(lambda i: play, n_folds=4, pooled=True, growth=4 / 3, max_trials=2)
    study = made.run()
    assert [(t.state, t.score, t.spread, t.fold_scores) for t in study.trials] == [(State.OK, 0.7, 0.05, (None,) * 4)] * 2
    assert made.study.pooled and json.loads((made.files.trial(1) / "job.json").read_text())["pooled"]


def test_a_pooled_trial_without_a_score_does_not_win(search):
    folds = ends_ok(None, None)
    study = search(lambda i: [*folds[:-1], {"kind": "pooled", "score": None, "spread": None}, folds[-1]], pooled=True, max_trials=1).run()
    assert [t.state for t in study.trials] == [State.ERROR]


def test_a_fold_starts_only_when_it_was_admitted_and_has_a_deadline_of_its_own(search):
    made = search(lambda i: ends_ok(0.7, 0.8, 0.9), n_folds=3, max_trials=1)
    made.run()
    assert [(job, go) for job, go, _ in made.executor.said] == [("1", True)] * 2
    moments = [message["deadline"] for _, _, message in made.executor.said]
    assert time.monotonic() < moments[0] < moments[1] < made.budget.deadline


def test_without_a_time_limit_nothing_has_a_deadline(search):
    made = search(lambda i: ends_ok(0.7, 0.8), max_trials=2, seconds=None, clocked=False)
    made.run()
    assert [message for _, _, message in made.executor.said] == [{"deadline": None}] * 2 and made.executor.limits["1"].deadline == math.inf
    assert json.loads((made.files.trial(1) / "job.json").read_text())["trials"][0]["deadline"] is None


def test_a_hopeless_trial_ends_in_order_as_pruned(search):
    made = search(lambda i: ends_ok(0.7, 0.8, 0.9), n_folds=3, max_trials=2)
    made.proposer.hopeless = lambda proposal, trial: "worse" if trial.number == 2 and len(trial.fold_scores) == 2 else ""
    study = made.run()
    assert [(t.state, t.cause, len(t.fold_scores)) for t in study.trials] == [(State.OK, "", 3), (State.PRUNED, "worse", 2)]
    assert made.executor.said[-1][:2] == ("2", False) and study.counts() == {"complete": 1, "pruned": 1, "failed": 0}


def test_a_fold_that_no_longer_fits_does_not_start_and_is_no_failure(search):
    made = search(lambda i: ends_ok(0.7, 0.8, 0.9, seconds=3000.0), n_folds=3, max_trials=1)
    study = made.run()
    assert [(t.state, len(t.fold_scores)) for t in study.trials] == [(State.CANCELLED, 1)] and "fold 2" in study.trials[0].cause
    assert study.counts()["failed"] == 0 and study.usable()[0].number == 1


def test_what_was_killed_from_outside_is_tried_once_more(search):
    plays = [ends_badly(), ends_ok(0.7, 0.8), ends_ok(0.6, 0.6)]
    study = search(lambda i: plays[i], max_trials=3).run()
    assert [(t.state, t.attempt) for t in study.trials] == [(State.KILLED, 1), (State.OK, 2), (State.OK, 1)]
    assert study.trials[0].params == study.trials[1].params and study.trials[1].note == "trial 1 once more" and "tried again" in study.trials[0].cause


def test_a_crash_of_its_own_is_not(search):
    study = search(lambda i: ends_badly(signal.SIGSEGV), max_trials=2).run()
    assert [(t.state, t.attempt) for t in study.trials] == [(State.KILLED, 1)] * 2


def test_a_fault_of_the_accelerator_is_tried_again_without_it(search):
    plays = [[{"kind": "fault", "state": "memory", "cause": "CUDA out of memory"}, *ends_badly(256)], ends_ok(0.7, 0.8)]
    made = search(lambda i: plays[i], max_trials=2, candidates=(CandidateFamily("linear", LINEAR, SPACE, "cuda"),))
    study = made.run()
    assert [(t.state, t.device) for t in study.trials] == [(State.MEMORY, "cuda"), (State.OK, "cpu")]


@pytest.mark.parametrize(("limit", "state"), [("deadline", State.TIMEOUT), ("memory", State.MEMORY)])
def test_what_a_limit_ended_says_which(search, limit, state):
    study = search(lambda i: [{"kind": "exited", "status": int(signal.SIGKILL), "limit": limit, "peak_memory_mb": 7}], max_trials=1).run()
    assert [t.state for t in study.trials] == [state] and study.trials[0].attempt == 1


def test_the_best_so_far_is_handed_on_whenever_it_changes(search):
    seen = []
    search(lambda i: ends_ok(*[(0.5, 0.4, 0.7, 0.6)[i]] * 2), on_best=lambda study: seen.append(study.ranked()[0].number)).run()
    assert seen == [1, 3]


def test_trials_of_an_earlier_start_count_and_are_not_run_again(search):
    done = search(lambda i: ends_ok(0.7, 0.8), max_trials=3).run().trials
    assert [t.number for t in done] == [1, 2, 3]


def test_what_was_running_at_the_kill_is_run_again_under_its_number(search):
    made = search(lambda i: ends_ok(0.7, 0.8), max_trials=3, past=Past((toy_trial(1, 0.9),), (Interrupted(2, 1, "linear", {"C": 5.0}),)))
    study = made.run()
    assert [(t.number, t.attempt) for t in study.trials] == [(1, 1), (2, 2), (3, 1)] and study.trials[1].params == {"C": 5.0}
    assert made.standing.best.number == 1


def test_what_was_interrupted_twice_is_given_up(search):
    study = search(lambda i: ends_ok(0.7, 0.8), max_trials=3, past=Past((), (Interrupted(2, 2, "linear", {"C": 5.0}),))).run()
    assert [(t.number, t.state) for t in study.trials] == [(2, State.KILLED), (3, State.OK), (4, State.OK)] and "2 times" in study.trials[0].cause


DEFAULT = Reference("other", LINEAR, {"C": 1.0}, "another library's own defaults", rounds=7)


def test_references_are_rows_that_do_not_count_and_cannot_win(search):
    made = search(lambda i: ends_ok(0.9, 0.9) if i == 1 else ends_ok(0.7, 0.8), max_trials=3, references=[DEFAULT])
    study = made.run()
    assert [t.reference for t in study.trials] == [False, True, False, False]
    reference = next(t for t in study.trials if t.reference)
    assert reference.note == DEFAULT.words and study.counts()["complete"] == 3 and reference not in study.ranked()
    assert json.loads((made.files.trial(reference.number) / "job.json").read_text())["context"]["rounds"] == 7


def test_a_reference_without_time_is_a_row_that_says_so(search):
    study = search(lambda i: ends_ok(0.7, 0.8, seconds=900.0), max_trials=1, references=[DEFAULT]).run()
    assert [(t.state, t.reference) for t in study.trials if t.reference] == [(State.CANCELLED, True)] and study.counts()["failed"] == 0


def test_a_reference_of_an_earlier_start_is_not_run_again(search):
    made = search(lambda i: ends_ok(0.7, 0.8), max_trials=2, references=[DEFAULT], past=Past((toy_trial(1, 0.9, reference=True, family="other"),)))
    assert [t.reference for t in made.run().trials] == [True, False, False] and made.standing.best.number != 1


def test_trials_that_were_ended_early_bring_no_gain_either(search):
    made = search(lambda i: ends_ok(0.7, 0.8, 0.9), n_folds=3, max_trials=50, stop_after_no_gain=5)
    made.proposer.hopeless = lambda proposal, trial: "worse" if trial.number > 1 else ""
    study = made.run()
    assert len(study.trials) == 6 and "no gain" in study.stopped

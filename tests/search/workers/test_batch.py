"""Trials that train as one: the same results as one after the other, each told as it ends, and no fault, stop or kill that takes the others along."""

import json
import signal
import time
from dataclasses import replace

import numpy as np
import pytest

from automl.families.base import Context
from automl.families.classifiers import mlp
from automl.families.space import Fixed, Int, Space
from automl.neural.batched.training import Batch
from automl.plan.batching import Batching
from automl.plan.candidates import CandidateFamily
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.loop import Past, Search, Stop
from automl.search.trialstore import TrialStore
from automl.search.workers import trial as module
from automl.search.workers.batch import run_batch
from automl.search.workers.inline import InlineExecutor
from automl.vocabulary import State

from ...toys import Script, ends_badly, ends_ok, toy_plan, toy_store

CONTEXT = Context("classification", 360, 5, 2)
OPTIONS = {
    "layers": Int(1, 2, 1), "width": Int(32, 40, 32), "dropout": Fixed(0.0), "smoothing": Fixed(0.0), "bins": Fixed(0), "batch": Int(32, 64, 32),
    "prune": Fixed("no"),
}  # fmt: skip
SPACE = Space({**mlp.space(CONTEXT), **OPTIONS})
MLP = CandidateFamily("mlp", "automl.families.classifiers.mlp:FAMILY", SPACE, "cpu")
FORCED = Batching("mlp", "cpu", mlp.FAMILY.together.alike, "", 4, 8, None, "asked for by the test")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    toy_store(folder, 200)
    return folder


@pytest.fixture
def search(tmp_path, store, monkeypatch):
    """Return a function that makes a search over networks of some epochs, forced into batches of four."""
    monkeypatch.setattr(mlp, "MOST_EPOCHS", 4)
    executors = []

    def make(batches=True, name="run", stop=None, on_event=None, past=None, **changes):
        files = RunDir(tmp_path / name)
        if past is None:
            files.create()
            files.store.rmdir() if files.store.exists() else None
            files.store.symlink_to(store)
        values = {"candidates": (MLP,), "max_trials": 5, "seconds": None, "clocked": False, "n_rows": 180, "metric": "log_loss", "greater_is_better": False}
        plan = toy_plan(**{**values, "batching": (FORCED,) if batches else (), **changes})
        executors.append(InlineExecutor())
        events = []
        made = Search(plan, files, executors[-1], Budget(time.monotonic(), plan.seconds), on_event or events.append, stop or Stop(), past=past)
        made.files, made.seen = files, events
        return made

    yield make
    for executor in executors:
        executor.close()


def answers(files, trial):
    return np.load(files.trial(trial.number) / module.PREDICTIONS)


def test_the_first_trial_runs_alone_and_the_others_as_one_with_the_results_they_have_alone(search, tmp_path):
    together = search()
    found = sorted(together.run().trials, key=lambda t: t.number)
    assert [(t.number, t.state) for t in found] == [(n, State.OK) for n in range(1, 6)], [t.cause for t in found]
    assert found[0].batch == {} and [t.batch["job"] for t in found[1:]] == [2] * 4
    assert all(t.batch["slots"] == 8 and t.batch["seconds"] > 0 and len(t.fold_seconds) == 2 for t in found[1:])
    assert {t.params["layers"] for t in found[1:]} == {found[1].params["layers"]} and len({str(t.params) for t in found}) == 5

    by_params = {str(t.params): t for t in found}
    alone = search(batches=False, name="alone")
    proposals = [alone.proposer.renew("mlp", t.params) for t in found]
    alone.proposer.propose = lambda number, fits: proposals.pop(0) if proposals else None
    others = alone.run().trials
    assert len(others) == 5 and not any(t.batch for t in others)
    for t in others:
        twin = by_params[str(t.params)]
        assert t.fold_scores == pytest.approx(twin.fold_scores, abs=2e-4) and t.rounds == twin.rounds
        assert np.abs(answers(alone.files, t) - answers(together.files, twin)).max() < 2e-3


def test_each_trial_is_on_disk_before_anybody_is_told_and_told_as_soon_as_it_ends(search, monkeypatch):
    true, order, there = Batch._ended, [], []

    def spy(self, which):
        order.extend(["slot"] * len(which))
        return true(self, which)

    def on_event(event):
        if event["event"] == "trial_ok":
            order.append("told")
            there.append((made.files.trial(event["trial"]) / "result.json").exists())

    monkeypatch.setattr(Batch, "_ended", spy)
    made = search(on_event=on_event)
    patient = iter(range(100))
    true_build = mlp.Trained

    def build(params, context):
        """Trials end one after the other: each may train for some epochs more than the one before."""
        made_one = true_build(params, context)
        made_one.context = replace(context, rounds=2 + 20 * (next(patient) // 2))
        return made_one

    monkeypatch.setattr(mlp, "Trained", build)
    made.executor.events = _slowly(made.executor.events)
    assert all(t.state == State.OK for t in made.run().trials) and there == [True] * 5
    first_of_batch = order.index("told", order.index("told") + 1)
    assert order[first_of_batch:].count("slot") > 0, order


def _slowly(events):
    return lambda timeout: events(min(timeout, 0.01))


def test_a_slot_that_fails_takes_no_other_along(search, monkeypatch):
    true = mlp.FAMILY.export

    def export(estimator, context):
        form = true(estimator, context)
        if estimator.params["optimizer.adamw.lr"] == bad[0]:
            form.arrays["bias"][:] = np.nan
        return form

    def propose(*args):
        found = alike(*args)
        bad[0] = found.params["optimizer.adamw.lr"] if bad[0] is None else bad[0]
        return found

    bad = [None]
    family = replace(mlp.FAMILY, export=export)
    monkeypatch.setattr(mlp, "FAMILY", family)
    space = Space({**SPACE, "optimizer": Fixed("adamw"), "optimizer.adamw.weight_decay": Fixed(0.0), "optimizer.adamw.lr": _rate()})
    made = search(candidates=(replace(MLP, space=space),))
    alike = made.proposer.alike
    made.proposer.alike = propose
    trials = made.run().trials
    failed = [t for t in trials if t.state != State.OK]
    assert len(trials) == 5 and [t.state for t in failed] == [State.ERROR] and failed[0].params["optimizer.adamw.lr"] == bad[0], [t.cause for t in trials]
    assert failed[0].batch and failed[0].attempt == 1


def _rate():
    from automl.families.space import Float

    return Float(1e-4, 1e-1, 1e-3, log=True)


def test_a_fault_of_the_training_itself_sends_each_trial_through_alone_under_its_number(search, monkeypatch):
    true = Batch.tick

    def tick(self):
        if len(self.running) > 2:
            raise RuntimeError("the training broke")
        return true(self)

    monkeypatch.setattr(Batch, "tick", tick)
    made = search()
    trials = made.run().trials
    assert sorted((t.number, t.state) for t in trials) == [(n, State.OK) for n in range(1, 6)]
    again = [t for t in trials if t.attempt == 2]
    assert len(again) == 4 and all(t.batch == {} and "alone" in t.note and "the training broke" in t.note for t in again)
    assert made.batches.of["mlp"].trials == 2 and made.proposer.faults["mlp"] == 0
    assert sum(e["event"] == "note" and "the training broke" in e["text"] for e in made.seen) == 4


def _says(kind, **data):
    return {"kind": kind, **data}


def test_a_killed_worker_costs_what_it_had_told_nothing_and_the_others_another_try(tmp_path):
    """The worker of four trials is killed after the first of them ended: that one stays, three run again, each in a job of its own."""
    files = RunDir(tmp_path / "run")
    files.create()
    told = {"seconds": 1.0, "slots": 8, "at_once": 8, "device": "cpu", "job": 2, "trials": 4, "peak_mb": 0, "notes": []}

    def play(position):
        if position != 1:
            return ends_ok(0.7, 0.8)
        folds = [{**packet, "trial": 3} for packet in ends_ok(0.9, 0.9)[:-1]]
        return [*folds, _says("ended", trial=3, batch=told, peak_memory_mb=9), *ends_badly()]

    made = Search(
        toy_plan(candidates=(MLP,), batching=(FORCED,), max_trials=5, n_rows=180),
        files,
        Script(play),
        Budget(time.monotonic(), 600.0),
        lambda event: None,
        Stop(),
    )
    trials = {t.number: t for t in made.run().trials}
    assert sorted(trials) == [1, 2, 3, 4, 5] and all(t.state == State.OK for t in trials.values())
    assert trials[3].batch == told and trials[3].attempt == 1 and trials[3].score == pytest.approx(0.9)
    assert [trials[n].attempt for n in (2, 4, 5)] == [2] * 3 and "SIGKILL" in trials[4].note
    assert [name for name, _ in made.executor.submitted] == ["1", "2", "2-2", "4-2", "5-2"]
    assert not any(made.files.running_attempts())


@pytest.mark.parametrize("clocked", [True, False])
def test_a_hopeless_trial_is_given_up_by_its_number_and_only_where_the_clock_may_decide(tmp_path, clocked):
    files = RunDir(tmp_path / "run")
    files.create()
    told = {"seconds": 1.0, "slots": 4, "at_once": 4, "device": "cpu", "job": 2, "trials": 2, "peak_mb": 0, "notes": []}

    def play(position):
        folds = [{**packet, "trial": n} for n in (2, 3) for packet in ends_ok(0.7, 0.8)[: 2 - (n == 2 and clocked)]]
        ends = [_says("ended", trial=n, batch=told, peak_memory_mb=9) for n in (2, 3)]
        return [*folds, *ends, _says("exited", status=0, peak_memory_mb=9)] if position else ends_ok(0.7, 0.8)

    plan = toy_plan(candidates=(MLP,), batching=(FORCED,), max_trials=3, n_rows=180, clocked=clocked, seconds=600.0 if clocked else None)
    made = Search(plan, files, Script(play), Budget(time.monotonic(), plan.seconds), lambda event: None, Stop())
    made.executor.evict = lambda job, **message: made.executor.said.append((job, False, message))  # the script goes on with what it has
    made.proposer.hopeless = lambda proposal, trial: "worse" if trial.number == 2 else ""
    trials = {t.number: t for t in made.run().trials}
    assert [t for t in made.executor.said if t[0] == "2"] == ([("2", False, {"trial": 2})] if clocked else [])
    assert trials[2].state == (State.PRUNED if clocked else State.OK) and trials[3].state == State.OK and trials[2].attempt == 1


def test_the_time_that_ends_a_batch_ends_its_trials_and_none_is_tried_again(tmp_path):
    files = RunDir(tmp_path / "run")
    files.create()
    late = _says("exited", status=int(signal.SIGKILL), limit="deadline", peak_memory_mb=7)
    made = Search(
        toy_plan(candidates=(MLP,), batching=(FORCED,), max_trials=5, n_rows=180), files, Script(lambda i: [late] if i else ends_ok(0.7, 0.8)),
        Budget(time.monotonic(), 600.0), lambda event: None, Stop(),
    )  # fmt: skip
    assert sorted((t.number, t.state) for t in made.run().trials) == [(1, State.OK), *[(n, State.TIMEOUT) for n in (2, 3, 4, 5)]]


def test_when_memory_runs_out_fewer_train_at_once_and_no_trial_is_lost(search, monkeypatch):
    true = Batch.tick

    def tick(self):
        if len(self.running) > 3:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")
        return true(self)

    monkeypatch.setattr(Batch, "tick", tick)
    trials = search().run().trials
    assert [t.state for t in trials] == [State.OK] * 5 and all(t.attempt == 1 for t in trials)
    assert trials[-1].batch["at_once"] == 2 and "2 at once" in trials[-1].batch["notes"][-1]


@pytest.fixture
def batch(tmp_path, store, monkeypatch):
    """Return a function that runs a batch of three trials here and returns its packets; `told` are the driver's answers."""
    monkeypatch.setattr(mlp, "MOST_EPOCHS", 6)

    def run(deadline=None, told=(), **changes):
        plan = toy_plan(candidates=(MLP,), n_rows=180)
        folders = [tmp_path / str(n) for n in (5, 6, 7)]
        for folder in folders:
            folder.mkdir()
        rates = (1e-3, 2e-3, 3e-3)
        params = [{**SPACE.default(), "optimizer.adamw.lr": rate} for rate in rates]
        members = [{"number": int(f.name), "params": p, "folder": str(f), "deadline": deadline} for f, p in zip(folders, params, strict=True)]
        job = {
            "kind": "batch", "family": MLP.locator, "name": "mlp", "trials": members, "store": str(store), "log": str(tmp_path / "log"),
            "context": plan.context(MLP, 1), **plan.terms(), "memory_mb": None, **changes,
        }  # fmt: skip
        packets, answers = [], list(told)
        run_batch(job, packets.append, lambda wait=True: answers.pop(0) if answers else {})
        return packets

    return run


def test_folds_come_in_their_order_and_a_trial_ends_once(batch):
    began = time.monotonic()
    packets = batch()
    for number in (5, 6, 7):
        own = [p for p in packets if p["trial"] == number]
        assert [(p["kind"], p.get("fold")) for p in own] == [("fold", 0), ("fold", 1), ("ended", None)]
        assert all(p["seconds"] > 0 and not p["cut"] for p in own[:2]) and own[2]["batch"]["slots"] == 6
    shares = [p["batch"]["seconds"] for p in packets if p["kind"] == "ended"]
    assert all(s > 0 for s in shares) and sum(shares) < time.monotonic() - began


def test_pooled_predictions_are_scored_before_a_trial_ends(batch):
    packets = batch(pooled=True)
    assert [p["kind"] for p in packets if p["trial"] == 6] == ["fold", "fold", "pooled", "ended"]
    assert all(0 <= p["score"] <= 1 for p in packets if p["kind"] == "pooled")


def test_at_the_deadline_all_end_with_what_they_have(batch, monkeypatch):
    monkeypatch.setattr(mlp, "MOST_EPOCHS", 100_000)
    packets = batch(deadline=time.monotonic())
    assert sum(p["kind"] == "ended" for p in packets) == 3 and all(p["cut"] and np.isfinite(p["score"]) for p in packets if p["kind"] == "fold")


def test_a_trial_that_the_driver_gives_up_is_dropped_and_the_others_go_on(batch):
    packets = batch(told=[{"go": False, "trial": 6}])
    assert [p["kind"] for p in packets if p["trial"] == 6] == ["ended"]
    assert batch_of(packets)[0]["batch"]["seconds"] > 0  # it had some of the time
    assert [sum(p["kind"] == "fold" for p in packets if p["trial"] == n) for n in (5, 7)] == [2, 2]
    assert {p["trial"] for p in batch_of(packets)} == {5, 6, 7}


def batch_of(packets):
    return [p for p in packets if p["kind"] == "ended"]


def test_one_that_cannot_be_built_is_told_and_left_out(batch, monkeypatch):
    def build(params, context):
        if params["optimizer.adamw.lr"] == 2e-3:
            raise ValueError("no such network")
        return mlp.Trained(params, context)

    monkeypatch.setattr(mlp, "FAMILY", replace(mlp.FAMILY, build=build))
    packets = batch()
    told = [p for p in packets if p["trial"] == 6]
    assert [p["kind"] for p in told] == ["fault", "ended"] and "no such network" in told[0]["cause"]
    assert sum(p["kind"] == "ended" for p in packets) == 3 and sum(p["kind"] == "fold" for p in packets) == 4


def test_a_stop_in_the_middle_keeps_what_ended_and_cancels_the_rest(search):
    stop = Stop()

    def on_event(event):
        if event["event"] == "trial_ok" and event["trial"] > 1:
            stop.soft.set(), stop.hard.set()

    made = search(stop=stop, on_event=on_event)
    true, seen = made.executor.events, []

    def one_by_one(timeout):
        seen.extend(true(timeout) if not seen else [])
        return [seen.pop(0)] if seen else []

    made.executor.events = one_by_one
    trials = made.run().trials
    states = [t.state for t in trials]
    assert len(trials) == 5 and states.count(State.OK) >= 2 and set(states) <= {State.OK, State.CANCELLED}
    assert sorted(int(p.name) for p in made.files.trials.iterdir() if p.name.isdecimal()) == [1, 2, 3, 4, 5]


def test_a_killed_run_goes_on_with_the_trials_of_its_batch_that_had_not_ended(search):
    """The driver dies after the second trial of a batch was kept: those two stay, the two others are run again, each alone."""

    class Killed(Exception):
        pass

    def on_event(event):
        if event["event"] == "trial_ok" and event["trial"] == 3:
            raise Killed

    made = search(on_event=on_event)
    with pytest.raises(Killed):
        made.run()
    made.executor.close()
    store = TrialStore(made.files)
    done, interrupted = store.load()
    kept = {t.number for t in done}
    assert {1, 3} <= kept and {i.number for i in interrupted} == {1, 2, 3, 4, 5} - kept
    assert json.loads((made.files.trial(1) / "job.json").read_text())["kind"] == "trial"
    again = search(past=Past(tuple(done), tuple(interrupted)))
    trials = again.run().trials
    assert sorted((t.number, t.state) for t in trials) == [(n, State.OK) for n in range(1, 6)]
    assert {t.number for t in trials if t.attempt == 2} == {i.number for i in interrupted}

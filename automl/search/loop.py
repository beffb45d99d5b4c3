"""The search: hands out trials while they fit the budget, takes in what comes back, and always knows the best so far."""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from typing import Any

from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.budget import Budget
from automl.search.proposer import MOST_FAULTS, Proposal, Proposer
from automl.search.study import Study, Trial, TrialStore, with_score
from automl.search.workers.local import Event, LocalExecutor
from automl.vocabulary import State

OnEvent = Callable[[dict[str, object]], None]
REFIT_START = 0.7  # seconds a refit needs beside its fit: its process, its files, the comparison with the library
GRACE = 5.0  # seconds that running trials get to finish after the first Ctrl-C


@dataclass
class Stop:
    """What the user asked for while the run goes on: `soft` ends the search, `hard` also its running trials."""

    soft: Flag = field(default_factory=Flag)
    hard: Flag = field(default_factory=Flag)
    active: bool = False  # whether there is anything yet that a stop should keep


@dataclass
class _Running:
    trial: Trial
    proposal: Proposal
    state: State | None = None
    cause: str = ""
    cut: bool = False


class Search:
    """One search; `run` returns the study. Everything mutable of it lives here and nowhere else."""

    def __init__(self, plan: Plan, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop) -> None:
        self.plan, self.files, self.executor, self.budget, self.stop = plan, files, executor, budget, stop
        self.on_event = on_event
        self.store = TrialStore(files)
        self.study = Study(plan.greater_is_better, plan.n_folds, pooled=plan.pooled)
        self.running: dict[str, _Running] = {}
        self.proposer = Proposer({c.family: c.space for c in plan.candidates}, plan.greater_is_better, plan.seed)
        self.best: Trial | None = None
        self.mark: float | None = None  # the score that a gain is counted from
        self.since_gain = 0
        self.next_number = 1

    def run(self) -> Study:
        """Search until the budget, the number of trials or the user ends it."""
        stopping: float | None = None
        while True:
            now = time.monotonic()
            if self.stop.soft.is_set() and stopping is None:
                stopping = now + GRACE
                self.study.stopped = "stopped by the user"
            if stopping is None:
                self._hand_out(now)
            if not self.running:
                break
            limit = self.budget.search_end if stopping is None else min(stopping, self.budget.search_end)
            if now >= limit or self.stop.hard.is_set():
                late = stopping is None and not self.stop.soft.is_set()
                self._end_all(State.TIMEOUT if late else State.CANCELLED, "the time for the search was over" if late else "stopped by the user")
                break
            for event in self.executor.events(min(0.25, max(0.0, limit - now))):
                self._take(event)
        given_up = all(faults >= MOST_FAULTS for faults in self.proposer.faults.values())
        self.study.stopped = self.study.stopped or ("every family was given up after three faults" if given_up else "the time for the search was used")
        return self.study

    def _hand_out(self, now: float) -> None:
        while len(self.running) < self.executor.slots:
            most = self.plan.max_trials
            if most is not None and self.next_number > most:
                self.study.stopped = f"all {most} trials were run"
                return
            if self.since_gain >= self.plan.stop_after_no_gain and not self.proposer.untried:
                self.study.stopped = f"{self.since_gain} trials in a row brought no gain beyond noise"
                return
            left = self.budget.search_end - now
            patience = 2.0 if self.best is None else 3.0
            proposal = self.proposer.propose(left, patience)
            if proposal is None:
                return
            self._submit(proposal)

    def _submit(self, proposal: Proposal) -> None:
        number, self.next_number = self.next_number, self.next_number + 1
        candidate = self.plan.candidate(proposal.family)
        folder = self.files.trial(number)
        folder.mkdir()
        job = {
            "kind": "trial", "family": candidate.locator, "params": proposal.params, "store": str(self.files.scratch / "store"),
            "folder": str(folder), "log": str(self.files.log), "context": self.plan.context(candidate, self.plan.threads_per_trial),
            "metric": self.plan.metric, "positive": self.plan.positive, "pooled": self.plan.pooled, "memory_mb": self.plan.memory_mb_per_worker,
            "costs": self.plan.costs,
            "deadline": soft_deadline(self.budget.search_end) if self.budget.seconds is not None else 1e18,
        }  # fmt: skip
        path = folder / "job.json"
        path.write_text(json.dumps(job))
        trial = Trial(number, proposal.family, proposal.params, candidate.device, State.OK, started=self.budget.used())
        self.running[str(number)] = _Running(trial, proposal)
        self.executor.submit(str(number), path)

    def _take(self, event: Event) -> None:
        at = self.running.get(event.job)
        if at is None:
            return
        data, trial = event.data, at.trial
        if event.kind == "started":
            at.trial = replace(trial, pid=data["pid"])
            self.on_event({"event": "trial_started", "trial": trial.number, "pid": data["pid"], "family": trial.family, "device": trial.device})
        elif event.kind == "fold":
            at.cut = at.cut or data["cut"]
            self.budget.feature_seconds = max(self.budget.feature_seconds, data["feature_seconds"])
            self.budget.score_seconds = max(self.budget.score_seconds, data["score_seconds"])
            at.trial = replace(
                trial,
                fold_scores=(*trial.fold_scores, data["score"]),
                fold_seconds=(*trial.fold_seconds, data["seconds"]),
                predict_seconds=trial.predict_seconds + data["predict_seconds"],
                rounds=(*trial.rounds, data["rounds"]) if data["rounds"] is not None else trial.rounds,
            )
        elif event.kind == "pooled":
            at.trial = replace(trial, score=data["score"], spread=data["spread"])
        elif event.kind == "fault":
            at.state, at.cause = State(data["state"]), data["cause"]
        elif event.kind == "exited":
            self._finish(event.job, data)

    def _finish(self, job: str, data: dict[str, Any]) -> None:
        at = self.running.pop(job)
        state, cause = at.state, at.cause
        if state is None:
            state, cause = verdict(data["status"], len(at.trial.fold_scores) == self.plan.n_folds)
        if state == State.OK and at.cut:
            cause = "cut short by the time left"
        trial = replace(
            at.trial, state=state, cause=cause, seconds=self.budget.used() - at.trial.started, peak_memory_mb=data.get("peak_memory_mb", 0)
        )  # fmt: skip
        trial = with_score(trial)
        if trial.state == State.OK and trial.score is None:
            trial = replace(trial, state=State.ERROR, cause=f"no fold has a {self.plan.metric}: a class is missing in each")
        self.store.finish(trial)
        self.study.trials.append(trial)
        self.proposer.tell(at.proposal, trial)
        if trial.state == State.OK:
            self._count_gain(trial)
            self._keep_best(trial)
        self.on_event({"event": f"trial_{trial.state}", "trial": trial.number, "pid": trial.pid, "family": trial.family,
                       "score": trial.score, "seconds": round(trial.seconds, 3), "cause": trial.cause})  # fmt: skip

    def _count_gain(self, trial: Trial) -> None:
        """Count complete trials since the best score last rose by more than a tenth of its own spread between folds."""
        assert trial.score is not None
        least = 0.1 * ((self.best.spread or 0.0) if self.best is not None else 0.0)
        gain = 0.0 if self.mark is None else (trial.score - self.mark) * (1 if self.plan.greater_is_better else -1)
        if self.mark is None or gain > least:
            self.mark, self.since_gain = trial.score, 0
        else:
            self.since_gain += 1

    def _keep_best(self, trial: Trial) -> None:
        """Note the best trial and what finishing with it will take; drop the models of beaten ones."""
        ranked = self.study.ranked()
        self.best = ranked[0]
        for beaten in ranked[2:]:
            self.store.drop_models(beaten)
        self.budget.refit_seconds = max(self.best.fold_seconds) * self.plan.growth + REFIT_START
        self.budget.predict_seconds = self.best.predict_seconds

    def _end_all(self, state: State, cause: str) -> None:
        for job, at in list(self.running.items()):
            at.state, at.cause = state, cause
            self.executor.cancel(job)
        end = time.monotonic() + 2.0
        while self.running and time.monotonic() < end:
            for event in self.executor.events(0.2):
                self._take(event)
        for job in list(self.running):  # a process that cannot even be killed must not hold the run
            self._finish(job, {"status": signal.SIGKILL})


def soft_deadline(kill: float) -> float:
    """Return when a fit should end by itself, so that what it has can still be exported and scored before the kill."""
    left = kill - time.monotonic()
    return kill - max(0.3, min(3.0, 0.12 * left))


def signal_name(number: int) -> str:
    """Return the name of a signal; real-time ones have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def verdict(status: int, complete: bool) -> tuple[State, str]:
    """Return state and cause from a wait status; a process that left without its last fold is no success."""
    if os.WIFSIGNALED(status):
        return State.KILLED, f"the worker process was killed by {signal_name(os.WTERMSIG(status))}"
    code = os.waitstatus_to_exitcode(status)
    if code == 0 and complete:
        return State.OK, ""
    return State.CRASHED, f"the worker process ended with code {code}"

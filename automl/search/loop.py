"""The search: hands out trials while they fit the budget, takes in what comes back, and always knows the best so far."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from typing import Any

from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.batches import Batches
from automl.search.budget import Budget
from automl.search.outcome import disk_full, faulty, forced, verdict
from automl.search.proposer import MOST_FAULTS, Proposal, Proposer
from automl.search.race import Race
from automl.search.references import Reference
from automl.search.schedule import Allowance, Schedule
from automl.search.standing import Standing
from automl.search.study import NO_TIME, Study, Trial, with_score
from automl.search.trialstore import BATCH, Interrupted, TrialStore
from automl.search.workers.local import Event, Limits, LocalExecutor
from automl.vocabulary import State

OnEvent = Callable[[dict[str, object]], None]
GRACE = 5.0  # seconds that running trials get to finish after the first Ctrl-C
STOPPED_BY_USER = "stopped by the user"
REFERENCES_FROM = 0.35  # of the time, from which on references run even while families wait
MOST_ATTEMPTS = 2  # of a configuration whose worker was killed from outside, or whose device failed


@dataclass
class Stop:
    """What the user asked for while the run goes on: `soft` ends the search, `hard` also its running trials."""

    soft: Flag = field(default_factory=Flag)
    hard: Flag = field(default_factory=Flag)
    active: bool = False  # whether there is anything yet that a stop should keep
    terminated: bool = False  # by the system (SIGTERM), not by the user: a later start of the run goes on
    at_once: bool = False  # whether the first request ends the run, without finishing with the best so far (`runtime.on_interrupt: stop`)


@dataclass(frozen=True)
class Past:
    """What an earlier start of the same run left: trials that ended, and those that were running when it was killed.

    `missing` are numbers below theirs that nothing is known of; new trials take them first.
    """

    trials: tuple[Trial, ...] = ()
    interrupted: tuple[Interrupted, ...] = ()
    missing: tuple[int, ...] = ()


@dataclass
class _Running:
    trial: Trial
    proposal: Proposal
    job: str
    end: float
    first: bool
    state: State | None = None
    cause: str = ""
    cut: bool = False
    own: bool = False  # whether a fault is its own, not that of the job it shares with others
    size: int = 1  # trials of its job


class Search:
    """One search; `run` returns the study. Everything mutable of it lives here and nowhere else.

    `on_best` is called with the study whenever another trial is the best one; `members` says which trials would answer
    together if the search ended now, for the time that finishing with them takes.
    """

    def __init__(
        self, plan: Plan, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop, *,
        past: Past | None = None, on_best: Callable[[Study], None] = lambda study: None, references: Sequence[Reference] = (),
        members: Callable[[Study], Sequence[Trial]] = lambda study: study.ranked()[:1],
    ) -> None:  # fmt: skip
        self.plan, self.files, self.executor, self.budget, self.stop = plan, files, executor, budget, stop
        self.on_event, self.on_best = on_event, on_best
        self.store = TrialStore(files)
        self.data = executor.put(files.store)
        self.study = Study(plan.greater_is_better, plan.n_folds, pooled=plan.pooled, objectives=plan.objectives)
        self.running: dict[int, _Running] = {}
        self.busy: set[str] = set()  # jobs that have not exited
        self.failed: set[str] = set()  # jobs of several trials that ended before these did
        self.batches = Batches(plan)
        self.proposer = Proposer(plan, Race(plan, files))
        self.schedule = Schedule(plan, budget, [r.candidate() for r in references])
        self.references = list(references)
        self.again: list[Proposal] = []
        self.standing = Standing(plan, budget, self.study, self.store, members, on_best)
        self.next_number = 1
        self.missing: list[int] = []
        self._recall(past or Past())

    def _recall(self, past: Past) -> None:
        """Take in what an earlier start left, as if it had just come back; what was running then is tried again."""
        self.missing = list(past.missing)
        for trial in past.trials:
            self.next_number = max(self.next_number, trial.number + 1)
            self.study.trials.append(trial)
            if trial.reference:
                self.references = [r for r in self.references if r.family != trial.family]
                continue
            self.proposer.recall(trial)
            for seconds in () if trial.batch else trial.fold_seconds:
                self.schedule.costs.learn(trial.family, trial.params, seconds)
            self.standing.weigh(trial, told=False)
        if self.standing.best is not None:
            self.on_best(self.study)
        for old in past.interrupted:
            self.next_number = max(self.next_number, old.number + 1)
            if old.reference or old.family not in self.proposer.spaces:
                self.missing.append(old.number)  # a reference still stands among those to be run
            elif old.attempt >= MOST_ATTEMPTS:
                self._give_up(old)
            else:
                self.again.append(self.proposer.renew(old.family, old.params, number=old.number, attempt=old.attempt + 1, note=old.note))
        self.missing.sort()

    def _give_up(self, old: Interrupted) -> None:
        """Keep the record of a configuration with which the run was killed more than once."""
        cause = f"the run was killed {old.attempt} times while this trial was running"
        trial = Trial(old.number, old.family, old.params, "cpu", State.KILLED, cause, attempt=old.attempt, note=old.note)
        self.store.begin(old.number, old.attempt + 1)
        self.store.finish(trial)
        self.study.trials.append(trial)

    def run(self) -> Study:
        """Search until the budget, the number of trials or the user ends it."""
        stopping: float | None = None
        while True:
            now = time.monotonic()
            if self.stop.soft.is_set() and stopping is None:
                stopping = now + GRACE
                self.study.stopped = STOPPED_BY_USER
            if stopping is None:
                self._hand_out()
            if not self.running and not self.busy:
                break
            limit = self.budget.search_end if stopping is None else min(stopping, self.budget.search_end)
            if now >= limit or self.stop.hard.is_set():
                late = stopping is None and not self.stop.soft.is_set()
                self._end_all(State.TIMEOUT if late else State.CANCELLED, NO_TIME if late else STOPPED_BY_USER)
                break
            for event in self.executor.events(min(0.25, max(0.0, limit - now))):
                self._take(event)
        for left in [p for p in self.again if p.number is not None and self.store.begun(p.number)]:
            self._cancel(left)
        self.study.trials += [self._never_run(r) for r in self.references]
        given_up = all(faults >= MOST_FAULTS for faults in self.proposer.faults.values())
        end = "every configuration was tried" if self.proposer.exhausted else "the time for the search was used"
        self.study.stopped = self.study.stopped or ("every family was given up after three faults" if given_up else end)
        return self.study

    def _hand_out(self) -> None:
        while len(self.busy) < self.executor.slots:
            self.again = [p for p in self.again if self.proposer.faults[p.family] < MOST_FAULTS]
            if self.again:
                self._submit(self.again.pop(0))
                continue
            most = self.plan.max_trials
            over = self._room() <= 0
            if reference := self._due(over):
                self._submit(Proposal(reference.family, reference.params, None, note=reference.words), reference)
                continue
            if over:
                self.study.stopped = f"all {most} trials were run"
                return
            if self.standing.since_gain >= self.plan.stop_after_no_gain and not self.proposer.untried:
                self.study.stopped = f"{self.standing.since_gain} trials in a row brought no gain beyond noise"
                return
            proposal = self.proposer.propose(self._number(), self._fits)
            if proposal is None:
                return
            self._submit(proposal)

    def _room(self) -> float:
        """Return how many further trials may run."""
        begun = len(self.study.own()) + sum(not at.trial.reference for at in self.running.values()) + len(self.again)
        return float("inf") if self.plan.max_trials is None else self.plan.max_trials - begun

    def _number(self) -> int:
        """Return the number of the next trial: the first that an earlier start left without a record, else a new one."""
        return self.missing[0] if self.missing else self.next_number

    def _due(self, over: bool) -> Reference | None:
        """Return the next reference that is to run now: once every family had its turn, or a third of the time is gone."""
        waited = self.schedule.left() < (1 - REFERENCES_FROM) * (self.budget.seconds or float("inf"))
        if self.references and self.standing.best is not None and (over or not self.proposer.untried or (self.plan.clocked and waited)):
            first = self.references[0]
            if self.schedule.fits(first.family, first.params, first=False, none_yet=False):
                return self.references.pop(0)
        return None

    def _fits(self, family: str, params: dict[str, Any]) -> bool:
        return self.schedule.fits(family, params, first=family not in self.proposer.started, none_yet=self.standing.best is None)

    def _submit(self, proposal: Proposal, reference: Reference | None = None) -> None:
        """Start a trial, and beside it in the same job others like it, where that pays."""
        first = reference is None and proposal.family not in self.proposer.started
        self.proposer.started |= {proposal.family} if reference is None else set()
        end = self.schedule.end_of_trial(first=first, others_wait=bool(self.proposer.untried))
        running = [self._begin(proposal, reference, end, first)]
        if reference is None and proposal.attempt == 1 and proposal.device is None and proposal.family in self.proposer.best:
            most = min(self.plan.stop_after_no_gain - self.standing.since_gain, self._room() + 1)
            size = self.batches.size(proposal.family, proposal.params, self.schedule, int(min(most, 1 << 30)))
            while len(running) < size and (mate := self._mate(proposal)):
                running.append(self._begin(mate, None, end, first=False))
        head = running[0]
        number, device = head.trial.number, head.trial.device
        candidate = reference.candidate() if reference else self.plan.candidate(proposal.family)
        unit = self.schedule.unit(proposal.family, proposal.params)
        if len(running) > 1:
            allowed = self.batches.allowance(end, len(running), self.standing.best, self.budget.score_seconds)
        else:
            allowed = self.schedule.allowance(end, self.plan.n_folds, unit)
        job = {
            "kind": "trial" if len(running) == 1 else "batch", "family": candidate.locator, "name": proposal.family, "trials": [],
            "store": self.data, "log": str(self.files.log),
            "context": {**self.plan.context(candidate, self.plan.threads_per_trial, reference.rounds if reference else None), "device": device},
            **self.plan.terms(), "memory_mb": self.plan.memory_mb_per_worker,
            "attempt": proposal.attempt, "reference": reference is not None,
        }  # fmt: skip
        name = str(number) if proposal.attempt == 1 else f"{number}-{proposal.attempt}"
        members = []
        for at in running:
            at.job, at.size = name, len(running)
            folder = self.store.folder(at.trial.number)
            members.append({"number": at.trial.number, "params": at.proposal.params, "folder": str(folder), "deadline": _moment(allowed.soft)})
            path = self.store.describe(at.trial.number, {**job, "trials": members[-1:], "note": at.proposal.note})
        if len(running) > 1:
            path = self.store.describe(number, {**job, "trials": members, "note": proposal.note}, BATCH)
        self.busy.add(name)
        self.executor.submit(name, path, self._limits(allowed))

    def _begin(self, proposal: Proposal, reference: Reference | None, end: float, first: bool) -> _Running:
        """Give a trial its number and its folder."""
        number = proposal.number or self._number()
        self.missing = [n for n in self.missing if n != number]
        self.next_number = max(self.next_number, number + 1)
        candidate = reference.candidate() if reference else self.plan.candidate(proposal.family)
        self.store.begin(number, proposal.attempt)
        trial = Trial(
            number, proposal.family, proposal.params, proposal.device or candidate.device, State.OK, started=self.budget.used(), attempt=proposal.attempt,
            note=proposal.note, predicted_seconds=self.schedule.unit(proposal.family, proposal.params).p50 * self.plan.n_folds, reference=reference is not None,
        )  # fmt: skip
        self.running[number] = _Running(trial, proposal, "", end, first)
        return self.running[number]

    def _mate(self, proposal: Proposal) -> Proposal | None:
        """Return a further configuration to train beside one that is about to start."""
        key, options = self.batches.key(proposal.family, proposal.params), self.batches.of[proposal.family].alike
        return self.proposer.alike(proposal, self._number(), self._fits, lambda params: self.batches.key(proposal.family, params) == key, options)

    def _limits(self, allowed: Allowance) -> Limits:
        return Limits(allowed.hard, self.plan.memory_mb_per_worker)

    def _take(self, event: Event) -> None:
        data = event.data
        if event.kind == "exited":
            self.busy.discard(event.job)
            for at in [r for r in self.running.values() if r.job == event.job]:
                self._finish_or_alone(at, data)
            return
        about = [r for r in self.running.values() if r.job == event.job and r.trial.number == data.get("trial", r.trial.number)]
        for at in about:
            trial = at.trial
            if event.kind == "started":
                at.trial = replace(trial, pid=data["pid"])
                self.on_event({"event": "trial_started", "trial": trial.number, "pid": data["pid"], "family": trial.family, "device": trial.device})
            elif event.kind == "fold":
                self._take_fold(at, data)
            elif event.kind == "pooled":
                at.trial = replace(trial, score=data["score"], spread=data["spread"])
            elif event.kind == "fault":
                if data.get("full"):
                    raise disk_full(data)
                at.state, at.cause, at.own = State(data["state"]), data["cause"], "trial" in data
            elif event.kind == "ended":
                at.trial = replace(trial, batch=data["batch"])
                self._finish_or_alone(at, {**data, "status": 0})

    def _finish_or_alone(self, at: _Running, data: dict[str, Any]) -> None:
        """Finish a trial; one that a batch did not get done by no fault of its own is run again by itself, under its number."""
        state, cause = self._outcome(at, data)
        its_own = at.own and state != State.MEMORY
        if at.size == 1 or its_own or state not in (State.ERROR, State.MEMORY, State.CRASHED, State.KILLED) or self.stop.soft.is_set():
            self._finish(at, data)
            return
        del self.running[at.trial.number]
        device = "cpu" if at.trial.device != "cpu" else None
        note = f"alone{', without the accelerator' if device else ''}: {cause}"
        if at.job not in self.failed and at.trial.family in self.batches.of:
            self.batches.shrink(at.trial.family)
        self.failed.add(at.job)
        self.again.append(self.proposer.restart(at.proposal, at.trial.number, attempt=at.proposal.attempt + 1, note=note, device=device))
        self.on_event({"event": "note", "text": f"trial {at.trial.number} did not end beside {at.size - 1} others ({cause}); it is tried {note}"})

    def _outcome(self, at: _Running, data: dict[str, Any]) -> tuple[State, str]:
        """Return how a trial ended and why."""
        all_folds = len(at.trial.fold_scores) == self.plan.n_folds
        if all_folds and (not self.plan.pooled or at.trial.score is not None):
            return State.OK, ""  # all is on disk: how its process ended no longer matters
        return (at.state, at.cause) if at.state is not None else forced(data, self.plan.memory_mb_per_worker) or verdict(data["status"], all_folds)

    def _take_fold(self, at: _Running, data: dict[str, Any]) -> None:
        """Note what a fold said, and decide whether the next one may start."""
        trial = at.trial
        at.cut = at.cut or data["cut"]
        self.budget.feature_seconds = max(self.budget.feature_seconds, data["feature_seconds"])
        self.budget.score_seconds = max(self.budget.score_seconds, data["score_seconds"])
        done = len(trial.fold_scores) + 1
        at.trial = trial.after_fold(data)
        fitting = data["seconds"] - data["feature_seconds"]
        if at.size > 1:
            # whether it is heard in time hangs on the clock: without a time limit, where runs must repeat, all go on to their end
            if done < self.plan.n_folds and self.plan.clocked and (why := self.proposer.hopeless(at.proposal, at.trial)):
                at.state, at.cause = State.PRUNED, why
                self.executor.evict(at.job, trial=trial.number)
            return
        if not data["cut"] or fitting > self.schedule.unit(trial.family, trial.params).p50:
            self.schedule.costs.learn(trial.family, trial.params, fitting)
        if done == self.plan.n_folds:
            return
        why = "" if trial.reference else self.proposer.hopeless(at.proposal, at.trial)
        if why:
            at.state, at.cause = State.PRUNED, why
            self.executor.evict(at.job)
        elif not self.schedule.next_fits(trial.family, trial.params):
            at.state, at.cause = State.CANCELLED, f"fold {done + 1} did not fit into the time left"
            self.executor.evict(at.job)
        else:
            allowed = self.schedule.allowance(at.end, self.plan.n_folds - done, self.schedule.unit(trial.family, trial.params))
            self.executor.limit(at.job, self._limits(allowed))
            self.executor.admit(at.job, deadline=_moment(allowed.soft))

    def _cancel(self, proposal: Proposal) -> None:
        """Keep the record of a trial that was to begin anew, when the search ended."""
        assert proposal.number is not None
        cause = self.study.stopped or "the search was over"
        trial = Trial(proposal.number, proposal.family, proposal.params, "cpu", State.CANCELLED, cause, note=proposal.note)
        self.store.finish(trial)
        self.study.trials.append(trial)

    def _never_run(self, reference: Reference) -> Trial:
        """Return the row of a reference that there was no time for."""
        number, self.next_number = self.next_number, self.next_number + 1
        cause = "there was no time left for it"
        return Trial(number, reference.family, reference.params, reference.device, State.CANCELLED, cause, note=reference.words, reference=True)

    def _finish(self, at: _Running, data: dict[str, Any]) -> None:
        number = at.trial.number
        del self.running[number]
        state, cause = self._outcome(at, data)
        if state == State.OK and at.cut:
            cause = "cut short by the time left"
        trial = replace(
            at.trial, state=state, cause=cause, seconds=self.budget.used() - at.trial.started, peak_memory_mb=data.get("peak_memory_mb", 0)
        )  # fmt: skip
        trial = with_score(trial)
        if trial.state == State.OK and trial.score is None:
            trial = replace(trial, state=State.ERROR, cause=f"no fold has a {self.plan.metric}: a class is missing in each")
        if again := self._try_again(at, trial):
            trial = replace(trial, cause=f"{trial.cause}; tried again once")
            self.again.append(again)
        self.store.finish(trial)
        self.study.trials.append(trial)
        if not trial.reference:
            self.proposer.tell(at.proposal, trial)
            self.standing.weigh(trial)
        self.on_event({"event": f"trial_{trial.state}", "trial": trial.number, "pid": trial.pid, "family": trial.family,
                       "score": trial.score, "seconds": round(trial.seconds, 3), "cause": trial.cause})  # fmt: skip

    def _try_again(self, at: _Running, trial: Trial) -> Proposal | None:
        """Return the same configuration as a further trial, once, where what ended it was not its own fault."""
        if at.proposal.attempt >= MOST_ATTEMPTS or self.stop.soft.is_set() or trial.reference:
            return None
        note = f"trial {trial.number} once more"
        if trial.device != "cpu" and trial.state in (State.MEMORY, State.ERROR, State.CRASHED):
            return self.proposer.renew(trial.family, trial.params, attempt=at.proposal.attempt + 1, note=f"{note}, without the accelerator", device="cpu")
        if trial.state == State.KILLED and faulty(trial.cause):
            return self.proposer.renew(trial.family, trial.params, attempt=at.proposal.attempt + 1, note=note)
        return None

    def _end_all(self, state: State, cause: str) -> None:
        for at in list(self.running.values()):
            at.state, at.cause = state, cause
        for job in sorted(self.busy):
            self.executor.cancel(job)
        end = time.monotonic() + 2.0
        while self.running and time.monotonic() < end:
            for event in self.executor.events(0.2):
                self._take(event)
        for at in list(self.running.values()):  # a process that cannot even be killed must not hold the run
            self._finish(at, {"status": signal.SIGKILL})


def _moment(deadline: float) -> float | None:
    """Return a moment as JSON holds it: there is no infinity."""
    return None if deadline == float("inf") else deadline

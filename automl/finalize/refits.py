"""Trials fitted once more on all training rows, as many at once as there are workers; what did not end well says why."""

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from automl.inference.forms import Form
from automl.inference.storage import read_form
from automl.plan.plan import Plan
from automl.rundir import RunDir, refused
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.outcome import disk_full, verdict
from automl.search.schedule import soft_deadline
from automl.search.study import Trial
from automl.search.workers.local import Event, LocalExecutor


@dataclass
class Refitted:
    """A fit on all training rows, or several with other seeds (Family.copies): forms and facts, or why there is none."""

    features: Form | None = None
    models: tuple[Form, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    why: str = ""


@dataclass
class _Job:
    trial: Trial
    folder: Path
    facts: dict[str, Any] = field(default_factory=dict)
    cause: str = ""
    status: int = 0
    ended: bool = False


def refit_all(
    plan: Plan, trials: Sequence[Trial], files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop,
    store: Path | None = None,
) -> dict[int, Refitted]:  # fmt: skip
    """Fit each trial on all training rows, in this order, until the time for it is over; by number of the trial.

    `store` has other rows to learn from than those of the run. A single one gets all cores where its family gains by them.
    Raises EnvironmentFault when the disk is full.
    """
    alone = len(trials) == 1
    waiting = [(t, _describe(plan, t, files, budget, alone, store or files.store)) for t in trials]
    jobs: dict[str, _Job] = {}
    while waiting or any(not job.ended for job in jobs.values()):
        over = time.monotonic() > budget.refit_end or stop.hard.is_set()
        while waiting and not over and len(executor.running) < executor.slots:
            trial, path = waiting.pop(0)
            name = f"refit-{trial.number}"
            jobs[name] = _Job(trial, path.parent)
            executor.submit(name, path)
        if over:
            waiting = []
            for name, job in jobs.items():
                if not job.ended:
                    job.cause = job.cause or ("you asked for the end" if stop.hard.is_set() else "out of time")
                    executor.cancel(name)
        for event in executor.events(0.1):
            if event.job in jobs:
                _take(jobs[event.job], event, on_event)
    done = {job.trial.number: _result(job) for job in jobs.values()}
    never = Refitted(why="you asked for the end" if stop.hard.is_set() else "there was no time left for it")
    return {t.number: done.get(t.number, never) for t in trials}


def _describe(plan: Plan, trial: Trial, files: RunDir, budget: Budget, alone: bool, store: Path) -> Path:
    """Write and return what a refit is to do. Raises EnvironmentFault."""
    candidate = plan.candidate(trial.family)
    folder = files.scratch / f"refit-{trial.number}"
    with refused(folder, what="start the refit"):
        shutil.rmtree(folder, ignore_errors=True)  # an earlier start of the run, or a fit on fewer rows, may have left one
        folder.mkdir()
    rounds = round(sum(trial.rounds) / len(trial.rounds)) if trial.rounds else None
    family = plan.record(trial.family)
    threads = plan.cores if alone and family.scales else 1
    job = {
        "kind": "refit", "family": candidate.locator, "params": trial.params, "store": str(store), "folder": str(folder),
        "log": str(files.log), "context": plan.context(candidate, threads, rounds), "memory_mb": plan.memory_mb_per_worker * (plan.workers if alone else 1),
        "deadline": soft_deadline(budget.refit_end) if budget.seconds is not None else None, "copies": family.copies, **plan.terms(),
        **({"soft": str(files.soft_labels)} if trial.distilled else {}),
    }  # fmt: skip
    path = folder / "job.json"
    with refused(path, what="start the refit"):
        path.write_text(json.dumps(job))
    return path


def _take(job: _Job, event: Event, on_event: OnEvent) -> None:
    """Take in what a refit said. Raises EnvironmentFault when the disk is full."""
    trial = job.trial
    if event.kind == "started":
        on_event({"event": "refit_started", "trial": trial.number, "pid": event.data["pid"], "family": trial.family})
    elif event.kind == "refitted":
        job.facts = {k: v for k, v in event.data.items() if k not in ("kind", "id")}
    elif event.kind == "fault":
        if event.data.get("full"):
            raise disk_full(event.data)
        job.cause = event.data["cause"]
    elif event.kind == "exited":
        job.ended, job.status = True, event.data["status"]
        done = bool(job.facts) and os.waitstatus_to_exitcode(job.status) == 0
        job.cause = "" if done else job.cause or verdict(job.status, True)[1] or "it failed"
        on_event({"event": "refit_ok" if done else "refit_failed", "trial": trial.number, "cause": job.cause})


def _result(job: _Job) -> Refitted:
    if job.cause or not job.facts:
        return Refitted(why=job.cause or "it failed")
    models = tuple(read_form(job.folder / f"model{number}.safetensors") for number in range(job.facts["copies"]))
    return Refitted(read_form(job.folder / "features.safetensors"), models, job.facts)

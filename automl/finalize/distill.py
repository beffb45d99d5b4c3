"""One model that learned the answers of several: it is fitted on their out-of-fold probabilities and judged fold by fold, like a trial.

Each row stands once per class, weighted by the probability that the others gave it, which is the cross-entropy against soft labels
for every family that takes weights (Hinton, Vinyals and Dean 2015, Distilling the knowledge in a neural network, section 2; for tables
Fakoor et al. 2020, Fast, accurate, and simple models for tabular data via augmented distillation, section 3). The probabilities of a row
come from models that did not see it, so they are no echo of its label; those of other rows were made with the fold that a student is
judged on, so its score out of fold is a little bright. The holdout is not touched by any of this.
"""

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from automl.finalize.ensemble import Choice
from automl.finalize.worker import events_of
from automl.plan.plan import Plan
from automl.rundir import RunDir, refused
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.outcome import disk_full, verdict
from automl.search.schedule import refit_seconds, soft_deadline
from automl.search.store import Store
from automl.search.study import Study, Trial, with_score
from automl.search.workers.fitting import LEAST_SHARE
from automl.search.workers.local import Limits, LocalExecutor
from automl.vocabulary import State

NAME = "distill"
KINDS = ("boosted_trees", "network")  # schemes of the families that learn: one small model each, stored in a quarter of its bytes
NOTE = "learned the answers of the ensemble"
LEAST_KNOWN = 0.5  # of the training rows, that a student must find an answer for
ROOM = 1.5  # of the predicted seconds, that must be there


def student_of(plan: Plan, study: Study) -> Trial | None:
    """Return the trial whose configuration learns: the best of a family that takes weights and is one network or one boosted model."""
    able = {c.family for c in plan.candidates if plan.record(c.family).weighted and plan.record(c.family).scheme in KINDS}
    return next((t for t in study.ranked() if t.family in able and not t.distilled), None)


def soft_labels(store: Store, choice: Choice, n_outputs: int) -> NDArray[np.float32]:
    """Return (n_rows, n_outputs) what the ensemble said of each row of the table, out of fold; NaN where no fold scored it."""
    total = np.zeros((len(store.y), n_outputs))
    seen = np.zeros(len(store.y))
    for (_, valid), answers in zip(store.folds, choice.out_of_fold, strict=True):
        np.add.at(total, valid, answers)
        np.add.at(seen, valid, 1)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / seen[:, None], dtype=np.float32)


def seconds_needed(plan: Plan, student: Trial, soft: NDArray[np.float32]) -> float:
    """Return the predicted seconds of the student's folds and of its fit on all rows: those of its trial, times how often a row stands."""
    known = soft[np.isfinite(soft[:, 0])]
    times = float((known >= LEAST_SHARE).sum() / max(1, len(known)))
    return times * (sum(student.fold_seconds) + refit_seconds(plan, [student]))


def distil(
    plan: Plan, study: Study, choice: Choice, store: Store, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop
) -> tuple[Trial | None, str]:  # fmt: skip
    """Return the trial of a model that learned the ensemble's answers, and why there is none where there is none.

    Its folds, models and answers lie in the run folder as those of any trial. Raises EnvironmentFault when the disk is full.
    """
    student = student_of(plan, study)
    if student is None:
        return None, "no trial is of a network or a boosted model that takes weights"
    soft = soft_labels(store, choice, plan.n_outputs)
    if np.isfinite(soft[store.train, 0]).mean() < LEAST_KNOWN:
        return None, "too few rows have an answer of the ensemble that did not see them"
    needed = seconds_needed(plan, student, soft)
    left = budget.refit_end - time.monotonic()
    if stop.soft.is_set() or stop.hard.is_set():
        return None, "you asked for the end"
    if ROOM * needed > left:
        return None, f"it takes about {needed:.1f} s, and {max(0.0, left):.1f} s were left"
    number = 1 + max(t.number for t in study.trials)
    trial = Trial(number, student.family, student.params, "cpu", State.ERROR, started=budget.used(), note=NOTE, distilled=True)
    path, deadline = _describe(plan, trial, soft, files, executor, budget)
    executor.submit(NAME, path, Limits(budget.refit_end, plan.memory_mb_per_worker * plan.workers))
    began, cause, status = time.monotonic(), "", 0
    for event in events_of(executor, NAME, budget.refit_end, stop):
        if event.kind == "started":
            trial = replace(trial, pid=event.data["pid"])
            on_event({"event": "trial_started", "trial": number, "pid": trial.pid, "family": trial.family, "note": NOTE})
        elif event.kind == "fold":
            trial = trial.after_fold(event.data)
            if len(trial.fold_scores) < plan.n_folds:
                executor.admit(NAME, deadline=deadline)
        elif event.kind == "fault":
            if event.data.get("full"):
                raise disk_full(event.data)
            cause = event.data["cause"]
        elif event.kind == "cancelled":
            cause = "you asked for the end" if event.data["by_user"] else "out of time"
        elif event.kind == "exited":
            status = event.data["status"]
    whole = len(trial.fold_scores) == plan.n_folds and os.waitstatus_to_exitcode(status) == 0 and not cause
    why = "" if whole else cause or verdict(status, True)[1] or "it failed"
    trial = with_score(replace(trial, state=State.OK if whole else State.ERROR, cause=why, seconds=time.monotonic() - began))
    on_event({"event": f"trial_{trial.state}", "trial": number, "pid": trial.pid, "family": trial.family,
              "score": trial.score, "seconds": round(trial.seconds, 3), "cause": trial.cause})  # fmt: skip
    return (trial, "") if whole and trial.score is not None else (None, trial.cause or "it has no score")


def _describe(
    plan: Plan, trial: Trial, soft: NDArray[np.float32], files: RunDir, executor: LocalExecutor, budget: Budget
) -> tuple[Path, float | None]:  # fmt: skip
    """Write the soft labels and what is to be done; return where that lies, and the moment a fit must end by."""
    folder, candidate = files.trial(trial.number), plan.candidate(trial.family)
    deadline = soft_deadline(budget.refit_end) if budget.seconds is not None else None
    threads = plan.cores if plan.record(trial.family).scales else 1
    member = {"number": trial.number, "params": trial.params, "folder": str(folder), "deadline": deadline}
    job = {
        "kind": "trial", "family": candidate.locator, "name": trial.family, "trials": [member], "store": executor.put(files.store), "log": str(files.log),
        "context": plan.context(candidate, threads), **plan.terms(), "memory_mb": plan.memory_mb_per_worker * plan.workers, "soft": str(files.soft_labels),
    }  # fmt: skip
    with refused(folder, what="start the fit on the ensemble's answers"):
        shutil.rmtree(folder, ignore_errors=True)  # an earlier start of the run may have left one
        folder.mkdir(parents=True)
        np.save(files.soft_labels, soft)
        path = files.scratch / f"{NAME}.json"
        path.write_text(json.dumps(job))
    return path, deadline

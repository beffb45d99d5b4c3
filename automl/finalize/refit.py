"""The winner fitted on all training rows in a worker; when that fails or time is out, the best model there already is."""

import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from automl.errors import ArtifactError
from automl.finalize.candidate import Candidate, FoldModel
from automl.finalize.worker import events_of
from automl.inference.forms import Form
from automl.inference.storage import read_form
from automl.plan.plan import Plan
from automl.rundir import RunDir, refused
from automl.search.budget import Budget
from automl.search.loop import OnEvent, Stop
from automl.search.objectives import OBJECTIVES
from automl.search.outcome import disk_full, verdict
from automl.search.schedule import soft_deadline
from automl.search.store import Store
from automl.search.study import Study, Trial
from automl.search.workers.local import LocalExecutor
from automl.search.workers.trial import PREDICTIONS


def baseline_candidate(plan: Plan, store: Store) -> Candidate:
    """Return the constant predictor: the floor under every run, and what the score is compared with."""
    form = OBJECTIVES.get(plan.task, plan.task).baseline(store.y[store.train], plan.n_outputs)
    nothing = Form("features", {"steps": [], "sparse": False})
    return Candidate("baseline", "float32", "class shares", nothing, form, (), None, {"made_by": "the class shares of the training rows"})


def refit(
    plan: Plan, study: Study, store: Store, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop,
    trials: Sequence[Trial] | None = None,
) -> Candidate:  # fmt: skip
    """Return the best usable candidate, or one of `trials`; tries the next one when the refit of the first fails early enough."""
    for attempt, trial in enumerate(study.usable()[:3] if trials is None else trials):
        name = f"refit-{trial.number}"
        facts: dict[str, Any] = {}
        left = budget.refit_end - time.monotonic()
        fold_seconds = max(trial.fold_seconds, default=0.0)
        why = ""
        if stop.hard.is_set():
            why = "you asked for the end"
        elif left < (0.5 if attempt == 0 else 1.3) * fold_seconds:
            why = f"{fold_seconds:.1f} s for a fit did not fit into the {max(left, 0):.1f} s left"
        else:
            facts, why = _run(plan, trial, name, files, executor, budget, on_event, stop)
        folder = files.scratch / name
        folds = _fold_models(plan, trial, store, files)
        predictions = out_of_fold_of(plan, trial, store, files)
        if facts:
            facts["made_by"] = "a fit on all training rows"
            features, model = read_form(folder / "features.safetensors"), read_form(folder / "model.safetensors")
            return Candidate(trial.family, "float32", "as trained", features, model, folds, trial.number, facts, n_folds=plan.n_folds, out_of_fold=predictions)
        if folds:
            most = max(folds, key=lambda f: len(store.folds[f.fold][0]))  # forward in time the first fold learned from the fewest rows
            made = {"made_by": f"the model of fold {most.fold + 1}, in place of a fit on all training rows: {why}"}
            found = _of_fold(plan, trial, store, most.fold, most.model, made)
            return replace(found, folds=folds, n_folds=plan.n_folds, out_of_fold=predictions)
    return baseline_candidate(plan, store)


def fold_candidate(plan: Plan, trial: Trial, store: Store, files: RunDir) -> Candidate | None:
    """Return a trial's model of the fold that learned from the most rows, usable as it lies there; None where none was kept."""
    family = plan.record(trial.family)
    for fold in sorted(range(len(trial.fold_scores)), key=lambda f: (-len(store.folds[f][0]), f)):
        if store.made(family.needs, fold) and (model := _fold_model(files, trial, fold)) is not None:
            return _of_fold(plan, trial, store, fold, model, {"made_by": f"the model of fold {fold + 1} of trial {trial.number}, while the search went on"})
    return None


def _of_fold(plan: Plan, trial: Trial, store: Store, fold: int, model: Form, facts: dict[str, Any]) -> Candidate:
    family = plan.record(trial.family)
    return Candidate(trial.family, "float32", "as trained", store.form(family.needs, fold), model, (), trial.number, facts)


def _fold_model(files: RunDir, trial: Trial, fold: int) -> Form | None:
    """Return the model of a fold; None where it was not kept, or cannot be read any more."""
    try:
        return read_form(files.trial(trial.number) / f"fold{fold}.model.safetensors")
    except (OSError, ArtifactError):
        return None


def _run(
    plan: Plan, trial: Trial, name: str, files: RunDir, executor: LocalExecutor, budget: Budget, on_event: OnEvent, stop: Stop
) -> tuple[dict[str, Any], str]:  # fmt: skip
    """Return the facts of a refit, or nothing and why."""
    candidate = plan.candidate(trial.family)
    folder = files.scratch / name
    with refused(folder, what="start the refit"):
        shutil.rmtree(folder, ignore_errors=True)  # an earlier start of the run may have left one
        folder.mkdir()
    rounds = round(sum(trial.rounds) / len(trial.rounds)) if trial.rounds else None
    job = {
        "kind": "refit", "family": candidate.locator, "params": trial.params, "store": str(files.store), "folder": str(folder),
        "log": str(files.log), "context": plan.context(candidate, plan.cores if plan.record(trial.family).scales else 1, rounds),
        "memory_mb": plan.memory_mb_per_worker * plan.workers,
        "deadline": soft_deadline(budget.refit_end) if budget.seconds is not None else None, **plan.terms(),
    }  # fmt: skip
    path = folder / "job.json"
    with refused(path, what="start the refit"):
        path.write_text(json.dumps(job))
    executor.submit(name, path)
    facts: dict[str, Any] = {}
    status, cause = 0, ""
    for event in events_of(executor, name, budget.refit_end, stop):
        if event.kind == "started":
            on_event({"event": "refit_started", "trial": trial.number, "pid": event.data["pid"], "family": trial.family})
        elif event.kind == "cancelled":
            cause = cause or "out of time"
        elif event.kind == "refitted":
            facts = {k: v for k, v in event.data.items() if k not in ("kind", "id")}
        elif event.kind == "fault":
            if event.data.get("full"):
                raise disk_full(event.data)
            cause = event.data["cause"]
        elif event.kind == "exited":
            status = event.data["status"]
            cause = cause or (verdict(status, True)[1] if not facts else "")
    done = bool(facts) and os.waitstatus_to_exitcode(status) == 0
    on_event({"event": "refit_ok" if done else "refit_failed", "trial": trial.number, "cause": cause if not done else ""})
    return (facts, "") if done else ({}, cause or "it failed")


def out_of_fold_of(plan: Plan, trial: Trial, store: Store, files: RunDir) -> tuple[Any, ...]:
    """Return the out-of-fold predictions of the search, fold by fold; nothing when a fold is missing."""
    path = files.trial(trial.number) / PREDICTIONS
    try:
        found = np.load(path) if len(trial.fold_scores) == plan.n_folds else None
    except (OSError, ValueError):
        found = None
    return () if found is None else tuple(np.split(found, np.cumsum([len(valid) for _, valid in store.folds])[:-1]))


def _fold_models(plan: Plan, trial: Trial, store: Store, files: RunDir) -> tuple[FoldModel, ...]:
    """Return the models of a trial's folds that were kept, with the rows they are judged on."""
    family = plan.record(trial.family)
    out = []
    for fold in range(len(trial.fold_scores)):
        model = _fold_model(files, trial, fold)
        if model is not None:
            rows = store.folds[fold][1]
            out.append(FoldModel(fold, model, store.scored(family.needs, fold)[1], store.y[rows], store.unit_of(rows)))
    return tuple(out)

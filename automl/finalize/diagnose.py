"""The diagnosis of the winner in a worker: does it learn from labels that mean nothing, and would more rows help it."""

import json
import os
import time
from typing import Any

from automl.finalize.worker import events_of
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.loop import OnEvent, Stop
from automl.search.outcome import forced, verdict
from automl.search.store import Store
from automl.search.study import Trial
from automl.search.workers.diagnose import LEAST_ROWS, predicted_seconds
from automl.search.workers.local import Limits, LocalExecutor

NAME = "diagnose"


def diagnose(
    plan: Plan, trial: Trial, store: Store, files: RunDir, executor: LocalExecutor, on_event: OnEvent, stop: Stop, seconds: float | None
) -> dict[str, Any]:
    """Return {permuted, points, growth, fold, note}; `note` says in a sentence what is missing and why, or is empty.

    `seconds`: what it may take, None without a limit. It starts only when it should fit, without the permuted labels where these
    should not, and never fails a run.
    """
    fold = _fold(plan, store)
    path = None if fold is None else files.trial(trial.number) / f"fold{fold}.model.safetensors"
    kept = path is not None and path.exists()
    found: dict[str, Any] = {"permuted": None, "points": [], "growth": None, "fold": fold, "note": ""}
    permuted, needed = True, predicted_seconds(trial.fold_seconds, kept)
    if seconds is not None and needed > seconds:
        permuted, needed = False, predicted_seconds(trial.fold_seconds, kept, permuted=False)
    if stop.soft.is_set() or stop.hard.is_set():
        return {**found, "note": "The winner was not examined further: you asked for the end."}
    if seconds is not None and needed > seconds:
        return {**found, "note": f"There was no time to examine the winner further: it takes about {needed:.1f} s, and {max(seconds, 0.0):.1f} s were left."}
    try:
        asked = {"fold": fold, "model": str(path) if kept else None, "permuted": permuted}
        why = _run(plan, trial, asked, files, executor, on_event, stop, seconds, found)
    except Exception as fault:  # whatever goes wrong here, the model is made and the run goes on
        why = f"{type(fault).__name__}: {fault}".splitlines()[0][:200]
    if why:
        found["note"] = f"The winner was not examined {'fully' if found['permuted'] or found['points'] else 'further'}: {why}."
    elif not found["points"]:
        found["note"] = "The rows are too few for a learning curve."
    elif not permuted:
        found["note"] = "There was no time for a fit on permuted labels."
    return found


def _fold(plan: Plan, store: Store) -> int | None:
    """Return the fold whose rows are used: the first; forward in time the last, which learned from most. None where a fold is a row or few."""
    fold = len(store.folds) - 1 if store.time is not None else 0
    return None if plan.pooled or len(store.folds[fold][1]) < LEAST_ROWS else fold


def _run(
    plan: Plan, trial: Trial, asked: dict[str, Any], files: RunDir, executor: LocalExecutor, on_event: OnEvent, stop: Stop,
    seconds: float | None, found: dict[str, Any],
) -> str:  # fmt: skip
    """Fill in what the worker tells, and return why it did not tell all, or an empty string."""
    candidate = plan.candidate(trial.family)
    context = plan.context(candidate, plan.cores if plan.record(trial.family).scales else 1)
    end = float("inf") if seconds is None else time.monotonic() + seconds
    memory_mb = plan.memory_mb_per_worker * plan.workers
    job = {
        "kind": "diagnose", "family": candidate.locator, "params": trial.params, "store": executor.put(files.store), "log": str(files.log),
        "context": {**context, "device": trial.device}, **asked, **plan.terms(), "memory_mb": memory_mb,
        "deadline": None if seconds is None else end - 0.1 * seconds,
    }  # fmt: skip
    folder = files.scratch / NAME
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    executor.submit(NAME, path, Limits(end, memory_mb))
    cause = ""
    for event in events_of(executor, NAME, end, stop):
        data = {k: v for k, v in event.data.items() if k not in ("kind", "id")}
        if event.kind == "started":
            on_event({"event": "diagnosis_started", "trial": trial.number, "pid": data["pid"]})
        elif event.kind == "cancelled":
            cause = cause or ("you asked for the end" if data["by_user"] else "it was out of time")
        elif event.kind in ("permuted", "growth"):
            found[event.kind] = data
        elif event.kind == "point":
            found["points"].append(data)
        elif event.kind == "late":
            cause = cause or "it was out of time"
        elif event.kind == "fault":
            cause = cause or data["cause"]
        elif event.kind == "exited" and os.waitstatus_to_exitcode(data["status"]) != 0:
            cause = cause or (forced(data, memory_mb) or verdict(data["status"], False))[1]
    on_event({"event": "diagnosis_ended", "trial": trial.number, "cause": cause})
    return cause

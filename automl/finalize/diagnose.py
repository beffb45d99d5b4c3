"""The diagnosis of the winner in a worker: does it learn from labels that mean nothing, and would more rows help it."""

import json
import os
import time
from typing import Any

from automl.finalize.refit import scales
from automl.plan.plan import Plan
from automl.rundir import RunDir
from automl.search.loop import OnEvent, Stop
from automl.search.outcome import forced, verdict
from automl.search.store import Store
from automl.search.study import Trial
from automl.search.workers.diagnose import LEAST_ROWS, SHARES
from automl.search.workers.local import Limits, LocalExecutor

START_SECONDS = 0.7  # beside its fits: its process, its files, the shuffles and resamples
SAFETY = 1.3  # a fit alone on the machine may still be slower than the one that was measured
NAME = "diagnose"


def predicted_seconds(trial: Trial, kept: bool) -> float:
    """Return what a diagnosis should take: a fit on permuted labels and one per share of the rows; the whole is there when it was kept."""
    fits = 1 + sum(SHARES) - (1 if kept else 0)
    return START_SECONDS + SAFETY * fits * max(trial.fold_seconds, default=0.0)


def diagnose(
    plan: Plan, trial: Trial, store: Store, files: RunDir, executor: LocalExecutor, on_event: OnEvent, stop: Stop, seconds: float | None
) -> dict[str, Any]:
    """Return {permuted, points, growth, fold, note}; `note` says in a sentence what is missing and why, or is empty.

    `seconds`: what it may take, None without a limit. It starts only when it should fit, and never fails a run.
    """
    fold = _fold(plan, store)
    path = None if fold is None else files.trial(trial.number) / f"fold{fold}.model.safetensors"
    kept = path is not None and path.exists()
    found: dict[str, Any] = {"permuted": None, "points": [], "growth": None, "fold": fold, "note": ""}
    needed = predicted_seconds(trial, kept)
    if stop.soft.is_set() or stop.hard.is_set():
        return {**found, "note": "The winner was not examined further: you asked for the end."}
    if seconds is not None and needed > seconds:
        return {**found, "note": f"There was no time to examine the winner further: it takes about {needed:.1f} s, and {max(seconds, 0.0):.1f} s were left."}
    try:
        why = _run(plan, trial, fold, str(path) if kept else None, files, executor, on_event, stop, seconds, found)
    except Exception as fault:  # whatever goes wrong here, the model is made and the run goes on
        why = f"{type(fault).__name__}: {fault}".splitlines()[0][:200]
    if why:
        found["note"] = f"The winner was not examined {'fully' if found['permuted'] else 'further'}: {why}."
    elif not found["points"]:
        found["note"] = "The rows are too few for a learning curve."
    return found


def _fold(plan: Plan, store: Store) -> int | None:
    """Return the fold whose rows are used: the first; forward in time the last, which learned from most. None where a fold is a row or few."""
    fold = len(store.folds) - 1 if store.time is not None else 0
    return None if plan.pooled or len(store.folds[fold][1]) < LEAST_ROWS else fold


def _run(
    plan: Plan, trial: Trial, fold: int | None, model: str | None, files: RunDir, executor: LocalExecutor, on_event: OnEvent, stop: Stop,
    seconds: float | None, found: dict[str, Any],
) -> str:  # fmt: skip
    """Fill in what the worker tells, and return why it did not tell all, or an empty string."""
    candidate = plan.candidate(trial.family)
    context = plan.context(candidate, plan.cores if scales(candidate.locator) else 1)
    end = float("inf") if seconds is None else time.monotonic() + seconds
    memory_mb = plan.memory_mb_per_worker * plan.workers
    job = {
        "kind": "diagnose", "family": candidate.locator, "params": trial.params, "store": executor.put(files.store), "log": str(files.log),
        "context": {**context, "device": trial.device}, "fold": fold, "model": model, **plan.terms(), "memory_mb": memory_mb, "deadline": None if seconds is None else end - 0.1 * seconds,
    }  # fmt: skip
    folder = files.scratch / NAME
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    executor.submit(NAME, path, Limits(end, memory_mb))
    cause = ""
    while NAME in executor.running:
        if time.monotonic() > end or stop.hard.is_set():
            executor.cancel(NAME)
            cause = cause or ("you asked for the end" if stop.hard.is_set() else "it was out of time")
        for event in executor.events(0.25):
            if event.job != NAME:
                continue
            data = {k: v for k, v in event.data.items() if k not in ("kind", "id")}
            if event.kind == "started":
                on_event({"event": "diagnosis_started", "trial": trial.number, "pid": data["pid"]})
            elif event.kind in ("permuted", "growth"):
                found[event.kind] = data
            elif event.kind == "point":
                found["points"].append(data)
            elif event.kind == "fault":
                cause = cause or data["cause"]
            elif event.kind == "exited" and os.waitstatus_to_exitcode(data["status"]) != 0:
                cause = cause or (forced(data, memory_mb) or verdict(data["status"], False))[1]
    on_event({"event": "diagnosis_ended", "trial": trial.number, "cause": cause})
    return cause

"""A trial inside a worker: fold by fold, each started only when the driver says so; results by files and packets."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.fewer import sample
from automl.families.base import Context, Family
from automl.features.monotone import signs
from automl.inference.forms import Model
from automl.inference.storage import to_bytes
from automl.registry import resolve
from automl.search.objectives import OBJECTIVES, Objective
from automl.search.store import Rows, Store
from automl.search.workers.fitting import fit, moment
from automl.search.workers.job import Send, Told

PREDICTIONS = "out_of_fold.npy"  # of a trial: (n_scored, n_outputs), fold after fold
POOLED_PARTS = 5  # that pooled predictions are scored in, for the spread between them
KEEP_BYTES = 64 << 20  # fold models beyond this are not kept: they serve only to judge rungs and as a last resort
TRAIN_ROWS = 2000  # learning rows at most that a fold's model is scored on, beside those it did not see
ONE_ROW_TIMES = 5  # answers to one row, of which the median counts


class BadAnswer(ValueError):
    """A model answered with something that cannot be scored."""


def run_trials(job: dict[str, Any], send: Send, told: Told) -> None:
    """Run the trials of a job, one after the other; each packet says which of them it is about."""
    for member in job["trials"]:

        def say(packet: dict[str, object], number: int = member["number"]) -> None:
            send({**packet, "trial": number})

        run_trial(job, member, say, told)


def run_trial(job: dict[str, Any], member: dict[str, Any], send: Send, told: Told) -> None:
    """Fit and score each fold; out-of-fold predictions and fold models are on disk before a fold is announced.

    A unit of work is a fold: after each but the last the driver is asked whether the next one may start, and until when.
    """
    family: Family = resolve(job["family"])  # type: ignore[assignment]
    store, folder = Store.open(Path(job["store"])), Path(member["folder"])
    objective = OBJECTIVES.get(job["context"]["task"], job["context"]["task"])
    soft = np.load(job["soft"], mmap_mode="r") if job.get("soft") else None
    outputs: list[NDArray[Any]] = []
    kept = 0
    deadline = moment(member.get("deadline"))
    for fold in range(len(store.folds)):
        began = time.monotonic()
        learn, score = store.rows(fold)
        features, x, x_score = store.features(family.needs_of(member["params"]), fold)
        ready = time.monotonic()
        context = replace(Context(**job["context"]), seed=job["context"]["seed"] + fold, monotone=signs(features, job.get("monotone") or {}))
        about = store.unit_of(learn), store.time_of(learn), store.weight_of(learn), soft[learn] if soft is not None else None
        estimator = fit(family, job, member["params"], context, x, store.y[learn], deadline, *about)
        cut = time.monotonic() >= deadline
        form = family.export(estimator, context)
        fitted = time.monotonic()
        model = Model(form)
        output = model.predict(x_score)
        scored = time.monotonic()
        if fault := objective.fault(output, len(score), context.n_outputs):
            raise BadAnswer(fault)
        _append(folder / PREDICTIONS, output, sum(len(valid) for _, valid in store.folds))
        outputs += [output] if job.get("pooled") else []
        kept += form.n_bytes
        if kept <= KEEP_BYTES:
            (folder / f"fold{fold}.model.safetensors").write_bytes(to_bytes(form))

        value = _judged(job, objective, store, score, output)
        judged = time.monotonic()
        some = sample(np.arange(len(learn)), TRAIN_ROWS, context.seed)
        send({
            "kind": "fold", "fold": fold, "score": value, "train_score": _judged(job, objective, store, learn[some], model.predict(x[some])),
            "seconds": fitted - began, "predict_seconds": scored - fitted, "feature_seconds": ready - began, "score_seconds": judged - scored, "cut": cut,
            "rounds": family.rounds(estimator) if family.rounds else None, "size_bytes": form.n_bytes, "latency_ms": _one_row(model.predict, x_score),
        })  # fmt: skip
        if fold + 1 < len(store.folds):
            answer = told()
            if not answer.get("go"):
                return
            deadline = moment(answer.get("deadline"))

    if job.get("pooled"):
        send({"kind": "pooled", **_pooled(objective, job, store, np.concatenate(outputs))})


def _judged(job: dict[str, Any], objective: Objective, store: Store, rows: Rows, output: NDArray[Any]) -> float | None:
    """Return the score of some rows; none where predictions are pooled, or where a class is missing among the rows."""
    if job.get("pooled"):
        return None
    value = objective.score(job["metric"], store.y[rows], output, job["positive"], job.get("costs", ()), store.weight_of(rows))
    return value if value == value else None


def _one_row(predict: Callable[[Any], object], x: Any) -> float:
    """Return the milliseconds of an answer to one row, the median of some."""
    one, seconds = x[:1], []
    for _ in range(ONE_ROW_TIMES):
        began = time.perf_counter()
        predict(one)
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)) * 1e3


def _append(path: Path, output: NDArray[Any], n_rows: int) -> None:
    """Append the predictions of a fold; the array can be loaded once all `n_rows` are there, and is one file for a thousand folds."""
    new = not path.exists()
    with path.open("ab") as file:
        if new:
            shape = (n_rows, *output.shape[1:])
            header = {"descr": np.lib.format.dtype_to_descr(output.dtype), "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
        file.write(np.ascontiguousarray(output).tobytes())


def _pooled(objective: Objective, job: dict[str, Any], store: Store, outputs: NDArray[Any]) -> dict[str, float | None]:
    """Return the score of all predictions at once, and the deviation between scores of fifths of them."""
    rows = np.concatenate([valid for _, valid in store.folds])

    def score_of(some: NDArray[np.bool_]) -> float:
        costs, own = job.get("costs", ()), rows[some]
        return objective.score(job["metric"], store.y[own], outputs[some], job["positive"], costs, store.weight_of(own))

    score = score_of(np.ones(len(rows), dtype=bool))
    part = np.random.default_rng(job["context"]["seed"]).permutation(len(rows)) % POOLED_PARTS
    scores = [score_of(part == k) for k in range(POOLED_PARTS)]
    known = [s for s in scores if s == s]
    return {"score": score if score == score else None, "spread": float(np.std(known, ddof=1)) if len(known) > 1 else None}

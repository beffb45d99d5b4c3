"""What runs inside a worker: one trial over its folds, or one refit on all training rows; results by files and packets."""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.forward import cuts, part_at
from automl.data.units import Units, dense
from automl.families.base import Context, Family, FitData, Progress
from automl.inference.forms import Form, Model
from automl.inference.storage import to_bytes
from automl.registry import resolve
from automl.search.objectives import OBJECTIVES, Objective
from automl.search.store import Rows, Store

Send = Callable[[dict[str, object]], None]

STOP_SHARE = 0.12  # of a fit's rows, held back to stop early on; the rows a fold is scored on stay unseen
PREDICTIONS = "out_of_fold.npy"  # of a trial: (n_scored, n_outputs), fold after fold
POOLED_PARTS = 5  # that pooled predictions are scored in, for the spread between them
KEEP_BYTES = 64 << 20  # fold models beyond this are not kept: they serve only to judge rungs and as a last resort


def run_job(path: str, send: Send) -> int:
    """Run the job described at `path`; return the exit code. Faults are sent as a packet, their traceback goes to the log."""
    job = json.loads(Path(path).read_text())
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    kinds: dict[str, Callable[[dict[str, Any], Send], None]] = {"trial": run_trial, "refit": run_refit}
    try:
        _limit_memory(job.get("memory_mb"), job["context"]["device"])
        kinds[job["kind"]](job, send)
    except MemoryError:
        send({"kind": "fault", "state": "memory", "cause": f"needed more than the {job.get('memory_mb')} MB a worker may use"})
        return 1
    except Exception as fault:
        traceback.print_exc()
        sys.stderr.flush()
        short = f"{type(fault).__name__}: {fault}".splitlines()[0][:300]
        memory = "memory" in short.lower() and ("alloc" in short.lower() or "out of" in short.lower())
        send({"kind": "fault", "state": "memory" if memory else "error", "cause": short})
        return 1
    return 0


def _limit_memory(limit_mb: int | None, device: str) -> None:
    if limit_mb and device == "cpu" and sys.platform == "linux":
        import resource

        # RLIMIT_DATA, not RLIMIT_AS: libraries reserve far more address space than they fill
        resource.setrlimit(resource.RLIMIT_DATA, (limit_mb << 20, limit_mb << 20))


def _fit(
    family: Family, job: dict[str, Any], context: Context, x: Any, y: Rows, deadline: float,
    unit: Rows | None = None, time: NDArray[np.float64] | None = None,
) -> Any:  # fmt: skip
    """Fit one estimator by a deadline; where the family stops early and no length is known yet, on rows held back from its own."""
    from threadpoolctl import threadpool_limits

    progress = Progress(deadline)
    data = FitData(x, y)
    if family.rounds is not None and context.rounds is None:
        learn, stop = _hold_back(y, context.seed, unit, time)
        if len(stop):  # very small classes leave none; the fit then runs to its full length
            data = FitData(x[learn], y[learn], x[stop], y[stop])
    with threadpool_limits(limits=context.threads):
        return family.fit(family.build(job["params"], context), data, progress)


def _hold_back(y: Rows, seed: int, unit: Rows | None = None, time: NDArray[np.float64] | None = None) -> tuple[Rows, Rows]:
    """Return positions to learn from and to stop on, under the contract of the split: units whole, the latest rows in time.

    Else stratified; a class with few rows keeps them all for learning. Rows of a unit that spans the cut in time are in neither.
    """
    everything = np.arange(len(y))
    if time is not None:
        moments = cuts(time, [1 - STOP_SHARE])
        before, after, _ = part_at(time, None if unit is None else dense(unit), moments[0] if moments else np.inf)
        learn, stop = np.flatnonzero(before), np.flatnonzero(after)
    else:
        held = _held_units(Units.make(y, unit), np.random.default_rng(seed))
        learn, stop = np.flatnonzero(~held), np.flatnonzero(held)
    lost = len(stop) == 0 or len(np.unique(y[learn])) < len(np.unique(y))
    return (everything, everything[:0]) if lost else (learn, stop)


def _held_units(units: Units, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return (n_rows,) whether a row is to stop on: of each class the share in single rows, about the share in larger units."""
    held = np.zeros(len(units), dtype=bool)
    alone = len(units) == len(units.y)
    for code in np.unique(units.label):
        members = rng.permutation(np.flatnonzero(units.label == code))
        size = units.size[members]
        ends = np.cumsum(size) - (0 if alone else size / 2)
        held[members[ends <= STOP_SHARE * size.sum()]] = True
    if not alone and not held.any() and len(units) > 2:
        held[units.size.argmin()] = True  # few large units: a fit without an end would cost more than the smallest of them
    return held[units.of]


def run_trial(job: dict[str, Any], send: Send) -> None:
    """Fit and score each fold; out-of-fold predictions and fold models are on disk before a fold is announced."""
    family: Family = resolve(job["family"])  # type: ignore[assignment]
    store, folder = Store.open(Path(job["store"])), Path(job["folder"])
    objective = OBJECTIVES.get(job["context"]["task"], job["context"]["task"])
    outputs: list[NDArray[Any]] = []
    kept = 0
    for fold in range(len(store.folds)):
        began = time.monotonic()
        learn, score = store.rows(fold)
        _, x, x_score = store.features(family.needs, fold)
        ready = time.monotonic()
        deadline = ready + (job["deadline"] - ready) / (len(store.folds) - fold)  # what is left, shared by the folds left
        context = replace(Context(**job["context"]), seed=job["context"]["seed"] + fold)
        estimator = _fit(family, job, context, x, store.y[learn], deadline, store.unit_of(learn), None if store.time is None else store.time[learn])
        cut = time.monotonic() >= deadline
        form = family.export(estimator, context)
        fitted = time.monotonic()
        output = Model(form).predict(x_score)
        scored = time.monotonic()
        _append(folder / PREDICTIONS, output, sum(len(valid) for _, valid in store.folds))
        outputs += [output] if job.get("pooled") else []
        kept += form.n_bytes
        if kept <= KEEP_BYTES:
            (folder / f"fold{fold}.model.safetensors").write_bytes(to_bytes(form))
        value = float("nan") if job.get("pooled") else objective.score(job["metric"], store.y[score], output, job["positive"], job.get("costs", ()))
        judged = time.monotonic()
        send({
            "kind": "fold", "fold": fold, "score": value if value == value else None,  # a fold without a class has none, nor has one that is pooled
            "seconds": fitted - began, "predict_seconds": scored - fitted, "feature_seconds": ready - began, "score_seconds": judged - scored,
            "cut": cut,
            "rounds": family.rounds(estimator) if family.rounds else None,
        })  # fmt: skip

    if job.get("pooled"):
        send({"kind": "pooled", **_pooled(objective, job, store, np.concatenate(outputs))})


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
    y = store.y[np.concatenate([valid for _, valid in store.folds])]
    score = objective.score(job["metric"], y, outputs, job["positive"], job.get("costs", ()))
    part = np.random.default_rng(job["context"]["seed"]).permutation(len(y)) % POOLED_PARTS
    scores = [objective.score(job["metric"], y[part == k], outputs[part == k], job["positive"], job.get("costs", ())) for k in range(POOLED_PARTS)]
    known = [s for s in scores if s == s]
    return {"score": score if score == score else None, "spread": float(np.std(known, ddof=1)) if len(known) > 1 else None}


def run_refit(job: dict[str, Any], send: Send) -> None:
    """Fit on all training rows, write the forms, and compare the form with the library's own predictions and speed."""
    family: Family = resolve(job["family"])  # type: ignore[assignment]
    store, folder = Store.open(Path(job["store"])), Path(job["folder"])
    context = Context(**job["context"])
    features, x, _ = store.features(family.needs, None)
    rows = store.train
    estimator = _fit(family, job, context, x, store.y[rows], job["deadline"], store.unit_of(rows), None if store.time is None else store.time[rows])
    form = family.export(estimator, context)
    sample = x[: min(x.shape[0], 2048)]
    facts = {"parity": _parity(family, estimator, form, sample), "library_bytes": family.library_bytes(estimator) if family.library_bytes else None}
    (folder / "features.safetensors").write_bytes(to_bytes(features))
    (folder / "model.safetensors").write_bytes(to_bytes(form))
    send({"kind": "refitted", **facts, **_compare_speed(family, estimator, form, sample), "sample_rows": sample.shape[0]})


def _parity(family: Family, estimator: Any, form: Form, x: Any) -> float:
    own, library = Model(form).predict(x), family.predict(estimator, x)
    width = min(own.shape[1], library.shape[1])
    return float(np.abs(own[:, :width] - library[:, :width]).max())


def _compare_speed(family: Family, estimator: Any, form: Form, x: Any) -> dict[str, float]:
    """Return rows per second of our runtime and of the library, one thread, interleaved, medians of three."""
    from threadpoolctl import threadpool_limits

    model = Model(form)
    seconds: dict[str, list[float]] = {"form": [], "library": []}
    with threadpool_limits(limits=1):
        for _ in range(3):
            for name in seconds:
                began = time.perf_counter()
                if name == "form":
                    model.predict(x)
                else:
                    family.predict(estimator, x)
                seconds[name].append(time.perf_counter() - began)
    return {f"{name}_rows_per_second": x.shape[0] / max(float(np.median(times)), 1e-9) for name, times in seconds.items()}

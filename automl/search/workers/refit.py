"""A refit inside a worker: a fit on all training rows, or some with other seeds, their forms, and how these compare with the library's own model."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from automl.families.base import Context, Family
from automl.features.monotone import signs
from automl.inference.forms import Form, Model
from automl.inference.storage import to_bytes
from automl.registry import resolve
from automl.search.objectives import OBJECTIVES
from automl.search.store import Store
from automl.search.workers.fitting import fit, moment
from automl.search.workers.job import Send, Told
from automl.search.workers.trial import BadAnswer

COPY_ROOM = 1.3  # of the time of a copy so far, that the next one must have


def run_refit(job: dict[str, Any], send: Send, told: Told) -> None:
    """Fit on all training rows, write the forms, and compare the first with the library's own predictions and speed.

    Further copies are fitted while the time allows: each stops early on rows of its own, so that together they learn from all.
    """
    began = time.monotonic()
    family: Family = resolve(job["family"])  # type: ignore[assignment]
    store, folder = Store.open(Path(job["store"])), Path(job["folder"])
    features, x, _ = store.features(family.needs_of(job["params"]), None)
    context = replace(Context(**job["context"]), monotone=signs(features, job.get("monotone") or {}))
    rows, deadline, copies = store.train, moment(job["deadline"]), int(job.get("copies", 1))
    context = context if copies == 1 else replace(context, rounds=None)
    soft = np.load(job["soft"])[rows] if job.get("soft") else None
    made: list[tuple[Any, Form]] = []
    while len(made) < copies:
        own = replace(context, seed=context.seed + len(made))
        about = store.unit_of(rows), store.time_of(rows), store.weight_of(rows), soft
        fitted = fit(family, job, job["params"], own, x, store.y[rows], deadline, *about)
        made.append((fitted, family.export(fitted, own)))
        now = time.monotonic()
        if now + COPY_ROOM * (now - began) / len(made) > deadline:
            break
    estimator, form = made[0]
    sample = x[: min(x.shape[0], 2048)]
    if fault := OBJECTIVES.get(context.task, context.task).fault(Model(form).predict(sample), sample.shape[0], context.n_outputs):
        raise BadAnswer(fault)
    facts = {"parity": _parity(family, estimator, form, sample), "library_bytes": family.library_bytes(estimator) if family.library_bytes else None}
    (folder / "features.safetensors").write_bytes(to_bytes(features))
    for number, (_, copy) in enumerate(made):
        (folder / f"model{number}.safetensors").write_bytes(to_bytes(copy))
    send({"kind": "refitted", **facts, **_compare_speed(family, estimator, form, sample), "sample_rows": sample.shape[0], "copies": len(made)})


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

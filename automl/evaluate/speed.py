"""How fast packed rungs answer: interleaved rounds on one thread, medians, within a stated share of the budget."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from automl.artifact.load import Predictor
from automl.inference.table import Table, conform

BATCH = 4096


def time_rungs(predictors: Sequence[Predictor], table: Table, seconds: float) -> list[dict[str, float | None]]:
    """Return per rung: rows per second of the whole artifact and of the model alone, and one-row latencies in ms.

    `table` is raw rows; all rungs take turns on the same ones, so that a change of the machine hits all alike.
    """
    batch = table.take(np.arange(min(BATCH, table.n_rows)))
    singles = [table.take(np.array([i % table.n_rows])) for i in range(40)]
    matrices = [p.features.transform(conform(batch, p.fields)) for p in predictors]
    whole: list[list[float]] = [[] for _ in predictors]
    model: list[list[float]] = [[] for _ in predictors]
    one: list[list[float]] = [[] for _ in predictors]
    end = time.monotonic() + seconds
    rounds = 0
    while rounds < 3 or (time.monotonic() < end and rounds < 15):
        for i, predictor in enumerate(predictors):
            whole[i].append(_seconds(predictor.proba, batch))
            model[i].append(_seconds(predictor.model.predict, matrices[i]))
            one[i] += [_seconds(predictor.proba, single) for single in singles[: 40 if rounds else 5]]
        rounds += 1
        if rounds == 1:
            one = [[] for _ in predictors]  # the first calls fill caches
        if time.monotonic() > end + seconds:  # slow models: one honest round is better than none
            break
    n = batch.n_rows
    out: list[dict[str, float | None]] = []
    for i in range(len(predictors)):
        singles_ms = np.array(one[i]) * 1e3
        out.append({
            "rows_per_second": n / max(float(np.median(whole[i])), 1e-9),
            "model_rows_per_second": n / max(float(np.median(model[i])), 1e-9),
            "batch1_p50_ms": float(np.quantile(singles_ms, 0.5)) if len(singles_ms) else None,
            "batch1_p95_ms": float(np.quantile(singles_ms, 0.95)) if len(singles_ms) else None,
        })  # fmt: skip
    return out


def _seconds(call: Callable[[Any], object], argument: Any) -> float:
    began = time.perf_counter()
    call(argument)
    return time.perf_counter() - began

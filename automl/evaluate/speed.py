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

    `table` is raw rows; all rungs take turns on the same ones, so that a change of the machine hits all alike. Features
    are the same work on every rung, so they are timed once and added. The batch shrinks until the time allows 3 rounds.
    """
    n = min(BATCH, table.n_rows)
    share = seconds / (8 * (len(predictors) + 1))
    while True:
        batch = table.take(np.arange(n))
        conformed = conform(batch, predictors[0].fields)
        features, matrix = _timed(predictors[0].features.transform, conformed)
        slowest = max([features, *(_timed(p.model.predict, matrix)[0] for p in predictors)])
        if slowest <= share or n <= 64:
            break
        n = max(64, min(n // 2, int(n * share / slowest)))
    feature_times = [features]
    model: list[list[float]] = [[] for _ in predictors]
    one: list[list[float]] = [[] for _ in predictors]
    singles = [table.take(np.array([i % table.n_rows])) for i in range(20)]
    end = time.monotonic() + 0.7 * seconds
    rounds = 0
    while rounds < 3 or (time.monotonic() < end and rounds < 15):
        feature_times.append(_timed(predictors[0].features.transform, conformed)[0])
        for i, predictor in enumerate(predictors):
            model[i].append(_timed(predictor.model.predict, matrix)[0])
            one[i] += [_timed(predictor.proba, single)[0] for single in singles]
        rounds += 1
        if time.monotonic() > end + seconds:  # slow models: one honest round is better than none
            break
    out: list[dict[str, float | None]] = []
    for i in range(len(predictors)):
        alone = max(float(np.median(model[i])), 1e-9)
        latency = np.array(one[i]) * 1e3
        out.append({
            "rows_per_second": n / (float(np.median(feature_times)) + alone), "model_rows_per_second": n / alone, "timed_rows": n,
            "batch1_p50_ms": float(np.quantile(latency, 0.5)), "batch1_p95_ms": float(np.quantile(latency, 0.95)),
        })  # fmt: skip
    return out


def _timed(call: Callable[[Any], Any], argument: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    result = call(argument)
    return time.perf_counter() - began, result

"""How fast packed rungs answer: taking turns, warmed up, on one thread, medians, within a stated share of the budget."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from automl.artifact.load import Predictor
from automl.inference.compiled import settle
from automl.inference.table import Table

BATCH = 4096
LEAST_BATCH = 1000  # rows; smaller batches time the calls, not the work
LEAST_SECONDS = 0.005  # of one measurement; shorter ones are repeated inside it
ROUNDS = 9


def time_rungs(predictors: Sequence[Predictor], table: Table, seconds: float, wait: float = math.inf) -> list[dict[str, Any]]:
    """Return per rung: rows per second, its speed against the first rung, and one-row latencies in ms.

    `table` is rows already read. Features are the same work on every rung, so they are timed once and added. All rungs take
    turns in changing order, each warmed before it is timed; the ratio is the median of the rounds' own ratios, with the
    range of its middle half. A one-row call takes a mapping, as `predict_row` does. `wait`: the
    seconds that compiled code may be waited for; `compiled` says whether it was there in time.
    """
    from threadpoolctl import threadpool_limits

    in_time = settle(wait)
    with threadpool_limits(limits=1):
        return [found | {"compiled": in_time} for found in _timed_rungs(predictors, table, seconds)]


def _timed_rungs(predictors: Sequence[Predictor], table: Table, seconds: float) -> list[dict[str, Any]]:
    first = predictors[0]
    n = min(BATCH, table.n_rows)
    matrix = first.matrix(table.take(np.arange(n)))
    slowest = max(_once(p.model.predict, matrix) for p in predictors)  # cold, so an upper bound
    share = seconds / (3 * ROUNDS * len(predictors))
    if slowest > share and n > LEAST_BATCH:
        n = max(LEAST_BATCH, int(n * share / slowest))
        matrix = matrix[:n]
    batch = table.take(np.arange(n))
    feature_times = [_once(first.matrix, batch) for _ in range(3)]
    rows = [row_mapping(table, i % table.n_rows, [f.name for f in first.fields]) for i in range(15)]
    model: list[list[float]] = [[] for _ in predictors]
    one: list[list[float]] = [[] for _ in predictors]
    end = time.monotonic() + seconds
    for number in range(ROUNDS):
        order = np.roll(np.arange(len(predictors)), number)
        for i in order if number % 2 else order[::-1]:
            predictors[i].model.predict(matrix)
            model[i].append(_repeated(predictors[i].model.predict, matrix))
            predictors[i].predict_row(rows[0])
            one[i] += [_once(predictors[i].predict_row, row) for row in rows]
        if number >= 2 and time.monotonic() > end:
            break
    out: list[dict[str, Any]] = []
    for i in range(len(predictors)):
        alone, latency = float(np.median(model[i])), np.array(one[i]) * 1e3
        low, ratio, high = (float(q) for q in np.quantile(np.array(model[0]) / np.array(model[i]), (0.25, 0.5, 0.75)))
        out.append({
            "rows_per_second": n / (float(np.median(feature_times)) + alone), "model_rows_per_second": n / alone, "timed_rows": n,
            "runtime_ratio": ratio, "runtime_ratio_range": [low, high],
            "batch1_p50_ms": float(np.quantile(latency, 0.5)), "batch1_p95_ms": float(np.quantile(latency, 0.95)),
        })  # fmt: skip
    return out


def row_mapping(table: Table, row: int, names: Sequence[str]) -> Mapping[str, object]:
    """Return one row as a user would give it."""
    out: dict[str, object] = {}
    for name in names:
        column = table.columns[name]
        value = column.values[row]
        if column.kind == "coded":
            out[name] = column.levels[value] if value >= 0 else None
        elif column.kind == "date":
            out[name] = None if np.isnan(value) else str(np.datetime64(int(value), "s"))
        else:
            out[name] = None if np.isnan(value) else float(value)
    return out


def _once(call: Callable[[Any], object], argument: Any) -> float:
    began = time.perf_counter()
    call(argument)
    return max(time.perf_counter() - began, 1e-9)


def _repeated(call: Callable[[Any], object], argument: Any) -> float:
    """Return seconds of one call, from as many as take LEAST_SECONDS."""
    began, calls = time.perf_counter(), 0
    while True:
        call(argument)
        calls += 1
        spent = time.perf_counter() - began
        if spent >= LEAST_SECONDS:
            return spent / calls

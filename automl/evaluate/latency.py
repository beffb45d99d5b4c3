"""How long an answer of a packed artifact takes: the artifact loaded again, calls of as many rows as were asked for, on one thread."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from automl.artifact.load import Predictor
from automl.evaluate.speed import row_mapping
from automl.inference.table import Table

FEWEST_CALLS, LEAST_CALLS, MOST_CALLS = 5, 40, 2000
WARM_UP = 3
DISTINCT = 50  # different inputs that take turns


def latency_ms(predictor: Predictor, table: Table, rows: int, percentile: float, seconds: float) -> tuple[float, float]:
    """Return the milliseconds that `percentile` percent of the calls take at most, of calls that fill `seconds` (40 at least), and
    those that making features takes of a call, in the middle.

    `table` is rows already read, repeated where a call needs more. A call of one row takes a mapping, as `predict_row` does;
    of more rows it is a table in memory.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        names = [f.name for f in predictor.fields]
        if rows == 1:
            mappings = [row_mapping(table, i % table.n_rows, names) for i in range(min(DISTINCT, table.n_rows))]
            calls: list[Callable[[], object]] = [partial(predictor.predict_row, row) for row in mappings]
        else:
            starts = range(min(DISTINCT, max(1, table.n_rows // rows)))
            tables = [table.take((np.arange(rows) + start * rows) % table.n_rows) for start in starts]
            calls = [partial(predictor.proba, part) for part in tables]
        for call in calls[:WARM_UP]:
            call()
        taken: list[float] = []
        end = time.monotonic() + seconds
        while len(taken) < MOST_CALLS and (len(taken) < LEAST_CALLS or time.monotonic() < end):
            call = calls[len(taken) % len(calls)]
            began = time.perf_counter()
            call()
            taken.append(time.perf_counter() - began)
            if len(taken) >= FEWEST_CALLS and time.monotonic() > end + max(seconds, 0.2):
                break  # the calls are so slow that a percentile of few must do
        part = table.take(np.arange(rows) % table.n_rows)
        features = []
        for _ in range(FEWEST_CALLS):
            began = time.perf_counter()
            predictor.matrix(part)
            features.append(time.perf_counter() - began)
    return float(np.percentile(taken, percentile)) * 1e3, float(np.median(features)) * 1e3

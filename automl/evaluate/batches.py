"""How fast packed rungs answer batches of several sizes, on one thread and on all, and what energy that takes where a counter tells."""

import os
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.artifact.load import Predictor
from automl.evaluate.energy import joules
from automl.inference.table import Table

SIZES = (256, 65_536)
MOST_CELLS = 1 << 24  # of a batch, 64 MB
LEAST_ROUNDS, MOST_ROUNDS = 3, 7
LEAST_SECONDS = 0.002  # of one measurement; shorter ones are repeated inside it
PROBED = 4096  # rows that tell how long a larger batch may take
NOISY = 0.10  # middle half of the times, as a share of their median, beyond which a rate is marked


def time_batches(predictors: Sequence[Predictor], table: Table, seconds: float) -> list[dict[str, Any]]:
    """Return per rung `batches`, a record per size, and `all_threads`, the largest batch on all cores, None where there is one core.

    Models alone are timed, as features are the same work on every rung; a table of fewer rows is repeated. A size whose
    measurement would not fit into its share of `seconds` is measured with fewer rows, which the record says, and left out below 256.
    All rungs take turns; rates are of medians, ratios the medians of the rounds' own with the range of their middle half.
    """
    from threadpoolctl import threadpool_limits

    base = predictors[0].matrix(table.take(np.arange(min(4096, table.n_rows))))
    out: list[dict[str, Any]] = [{"batches": [], "all_threads": None} for _ in predictors]
    share = seconds / (len(SIZES) + 1)
    with threadpool_limits(limits=1):
        for size in SIZES:
            for own, record in zip(out, _timed(predictors, base, size, share), strict=False):
                own["batches"].append(record)
    cores = os.cpu_count() or 1
    if cores > 1 and out[0]["batches"]:
        with threadpool_limits(limits=cores):
            for own, record in zip(out, _timed(predictors, base, out[0]["batches"][-1]["rows"], share), strict=False):
                own["all_threads"] = {"threads": cores, **record}
    return out


def _timed(predictors: Sequence[Predictor], base: Any, size: int, seconds: float) -> list[dict[str, Any]]:
    """Return a record per rung, nothing where even one round of 256 rows does not fit."""
    n_base, width = int(base.shape[0]), max(1, int(base.shape[1]))
    size = min(size, max(SIZES[0], MOST_CELLS // width))
    probe = base[np.arange(min(size, PROBED)) % n_base]
    slowest = max(min(_seconds(p, probe), _seconds(p, probe)) for p in predictors) / probe.shape[0]  # the first call may be cold
    affordable = int(seconds / (slowest * LEAST_ROUNDS * len(predictors)))
    if affordable < SIZES[0]:
        return []
    x = base[np.arange(min(size, affordable)) % n_base]
    spent: list[list[float]] = [[] for _ in predictors]
    energy: list[list[float | None]] = [[] for _ in predictors]
    end = time.monotonic() + seconds
    for number in range(MOST_ROUNDS):
        for i in np.roll(np.arange(len(predictors)), number).tolist():
            before = joules()
            taken, calls = 0.0, 0
            while taken < LEAST_SECONDS:
                taken += _seconds(predictors[i], x)
                calls += 1
            after = joules()
            spent[i].append(taken / calls)
            energy[i].append(None if before is None or after is None or after < before else (after - before) / calls)
        if number + 1 >= LEAST_ROUNDS and time.monotonic() > end:
            break
    first = np.array(spent[0])
    return [_record(int(x.shape[0]), np.array(own), first, used) for own, used in zip(spent, energy, strict=True)]


def _record(rows: int, own: Any, first: Any, energy: Sequence[float | None]) -> dict[str, Any]:
    middle = float(np.median(own))
    ratio = [float(q) for q in np.quantile(first / own, (0.25, 0.5, 0.75))]
    known = [e for e in energy if e is not None]
    used = 1e6 * float(np.median(known)) / rows if known and len(known) == len(energy) else None
    return {
        "rows": rows, "rows_per_second": rows / middle, "runtime_ratio": ratio[1], "runtime_ratio_range": [ratio[0], ratio[2]],
        "noisy": _spread(own) > NOISY or _spread(first) > NOISY, "joules_per_million_rows": used,
    }  # fmt: skip


def _spread(times: Any) -> float:
    """Return the middle half of some times as a share of their median."""
    low, middle, high = (float(q) for q in np.quantile(times, (0.25, 0.5, 0.75)))
    return (high - low) / middle


def _seconds(predictor: Predictor, x: Any) -> float:
    began = time.perf_counter()
    predictor.model.predict(x)
    return max(time.perf_counter() - began, 1e-9)


def buys(batches: Sequence[dict[str, Any]], precision: str) -> str:
    """Return in a sentence what fewer bits bought: bytes, and at which sizes of batch a rung is clearly faster than float32, or slower.

    A difference counts where the middle half of the rounds lies clear of 2 %, and neither rung's times scatter.
    """
    if precision == "float32" or not batches:
        return ""
    if all(b["noisy"] for b in batches):
        return "fewer bytes; the machine was too busy to tell the speed"
    batches = [b for b in batches if not b["noisy"]]
    faster = [f"{b['runtime_ratio']:.1f}× at {b['rows']:,} rows" for b in batches if b["runtime_ratio_range"][0] > 1.02]
    slower = [f"{b['runtime_ratio']:.2f}× at {b['rows']:,} rows" for b in batches if b["runtime_ratio_range"][1] < 0.98]
    if faster:
        return f"fewer bytes, and speed: {', '.join(faster)}"
    return f"fewer bytes, and slower: {', '.join(slower)}" if slower else "fewer bytes; no faster than float32 here"

"""A task without a label evaluated: packed rungs loaded again, timed and compared, the result beside the simplest one, constraints."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from automl.artifact.load import MODEL, Predictor, predictor_of
from automl.evaluate.latency import latency_ms
from automl.evaluate.measure import folder_bytes
from automl.evaluate.speed import time_rungs
from automl.finalize.candidate import Candidate
from automl.inference.table import Table
from automl.plan.unlabelled import UnlabelledPlan
from automl.quantize.agreement import LOSSES
from automl.quantize.ladder import passes, words_of
from automl.spec.units import human_bytes, human_milliseconds

TIMED_ROWS = 4096
COMPARED_ROWS = 20_000
MOST_SECONDS = 3.0
WAIT_SHARE = 0.05  # of the time, that compiled code may be waited for on a machine that has none yet
SMALL_MODEL = 100_000  # bytes, below which a file is mostly its container


@dataclass(frozen=True)
class Rungs:
    """Rungs as they were packed and measured: rows of the ladder, and the position of the one that ships."""

    ladder: list[dict[str, Any]]
    chosen: int
    missed: tuple[str, ...] = ()
    constraints: tuple[dict[str, Any], ...] = ()


def measure_rungs(
    plan: UnlabelledPlan, candidates: Sequence[Candidate], folders: Sequence[Path], table: Table
) -> Rungs:  # fmt: skip
    """Return the ladder of packed rungs, each loaded again and timed on some rows of a table, and the one that ships.

    Of those that lose no more than `max_drop` at the upper end, and that were asked for, the ones that keep most of what is asked
    come first, then `prefer` decides. The score of a rung is how far it agrees with float32: the share of rows in the same cluster, or
    the share of the coordinates' variance that it gives back.
    """
    some = table.take(np.arange(min(TIMED_ROWS, table.n_rows)))
    predictors: list[Predictor] = [predictor_of(folder) for folder in folders]
    share = MOST_SECONDS if plan.seconds is None else min(MOST_SECONDS, 0.01 * plan.seconds)
    timed = time_rungs(predictors, some, share, math.inf if plan.seconds is None else WAIT_SHARE * plan.seconds)
    sizes = [folder_bytes(folder) for folder in folders]
    latency = [None if plan.limits.latency_ms is None else latency_ms(p, some, plan.limits.rows, plan.limits.percentile, share / 2)[0] for p in predictors]
    missed = [_missed(plan, size, ms) for size, ms in zip(sizes, latency, strict=True)]
    allowed = [i for i, c in enumerate(candidates) if passes(c, plan.max_drop) and c.precision in plan.precisions] or [0]
    chosen = min(allowed, key=lambda i: (len(missed[i]), _preference(plan, candidates[i], sizes[i], timed[i]), i))
    compared = table.take(np.arange(min(COMPARED_ROWS, table.n_rows)))
    matrix = predictors[0].matrix(compared)
    outputs = [p.model.predict(matrix) for p in predictors]
    rows, twin = [], (folders[0] / MODEL).stat().st_size
    for i, candidate in enumerate(candidates):
        lost = float(LOSSES[plan.task](outputs[0], outputs[i]).mean()) if len(outputs[0]) else 0.0
        model_bytes = (folders[i] / MODEL).stat().st_size
        rows.append({
            "precision": candidate.precision, "scheme": words_of(candidate), "size_bytes": sizes[i], "model_bytes": model_bytes,
            "model_share_of_float32": model_bytes / twin, **timed[i], "device": "cpu", "threads": 1, "library_ratio": None,
            "score": 1.0 - lost, "drop": lost, "judged_drop": candidate.drop, "judged_drop_upper": candidate.drop_upper,
            "passes": passes(candidate, plan.max_drop), "asked_for": candidate.precision in plan.precisions, "chosen": i == chosen,
            "remark": f"the numbers fill {human_bytes(candidate.model.n_bytes)}; the rest is the container" if twin < SMALL_MODEL else "",
            "agreement": 1.0 - lost,
        })  # fmt: skip
    return Rungs(rows, chosen, missed[chosen], _constraints(plan, sizes[chosen], latency[chosen], missed[chosen]))


def _preference(plan: UnlabelledPlan, candidate: Candidate, size: int, timed: dict[str, Any]) -> float:
    if plan.prefer == "most_accurate":
        return candidate.drop or 0.0
    return float(size) if plan.prefer == "smallest" else -float(timed["rows_per_second"])


def _missed(plan: UnlabelledPlan, size: int, latency: float | None) -> tuple[str, ...]:
    """Return the names of the constraints that are not kept."""
    limits = plan.limits
    too_large = limits.size_bytes is not None and size > limits.size_bytes
    too_slow = limits.latency_ms is not None and (latency is None or latency > limits.latency_ms)
    return tuple(name for name, bad in (("model_size", too_large), ("latency", too_slow)) if bad)


def _constraints(plan: UnlabelledPlan, size: int, latency: float | None, missed: Sequence[str]) -> tuple[dict[str, Any], ...]:
    """Return the rows of the constraint table that are about the artifact."""
    limits, rows = plan.limits, []
    if limits.size_bytes is not None:
        rows.append(("model_size", f"at most {human_bytes(limits.size_bytes)}", human_bytes(size)))
    if limits.latency_ms is not None:
        what = "one row" if limits.rows == 1 else f"{limits.rows:,} rows"
        asked = f"at most {human_milliseconds(limits.latency_ms)} for {what}, in {limits.percentile:g} % of the calls"
        rows.append(("latency", asked, "not measured" if latency is None else human_milliseconds(latency)))
    return tuple({"name": name, "asked": asked, "got": got, "met": name not in missed, "hard": name not in limits.soft} for name, asked, got in rows)


def gate_sentences(plan: UnlabelledPlan, rungs: Rungs) -> dict[str, Any] | None:
    """Return what the gate says, in the words of other tasks; None where nothing is asked of the artifact."""
    if not plan.limits.asked:
        return None
    failed = [row for row in rungs.constraints if not row["met"] and row["hard"]]
    wished = [row["name"] for row in rungs.constraints if not row["met"] and not row["hard"]]
    return {
        "met": not failed, "failed": [row["name"] for row in failed], "missed": wished,
        "sentences": [f"{row['name']}: asked {row['asked']}, got {row['got']}" for row in failed], "relaxations": [], "tried": [],
    }  # fmt: skip

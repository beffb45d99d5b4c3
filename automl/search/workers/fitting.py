"""One fit inside a worker: by a deadline, with the weights of rows and classes, and on rows held back where the family needs some."""

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.forward import cuts, part_at
from automl.data.units import Units, dense
from automl.families.base import Context, Family, FitData, Progress
from automl.search.store import Rows

LEAST_SHARE = 0.01  # of a soft label: a class less likely than this is left out, which keeps most rows at one or two copies
STOP_SHARE = 0.12  # of a fit's rows, held back to stop early or to calibrate on; the rows a fold is scored on stay unseen


def fit(
    family: Family, job: dict[str, Any], params: dict[str, Any], context: Context, x: Any, y: Rows, deadline: float,
    unit: Rows | None = None, time: NDArray[np.float64] | None = None, weight: NDArray[np.float64] | None = None,
    soft: NDArray[np.float32] | None = None,
) -> Any:  # fmt: skip
    """Return an estimator fitted by a deadline (time.monotonic() scale); the rows as `fit_data` takes them."""
    data = fit_data(family, job, context, x, y, unit, time, weight, soft)
    worker = os.getpid()
    with limited(context.threads):
        estimator = family.fit(family.build(params, context), data, Progress(deadline))
    if os.getpid() != worker:  # a copy that the fit forked and forgot must not go on as the same trial once more
        os._exit(0)
    return estimator


def fit_data(
    family: Family, job: dict[str, Any], context: Context, x: Any, y: Rows, unit: Rows | None = None, time: NDArray[np.float64] | None = None,
    weight: NDArray[np.float64] | None = None, soft: NDArray[np.float32] | None = None,
) -> FitData:  # fmt: skip
    """Return the rows of a fit, of x (n_rows, n_features), y (n_rows,) codes, with their weights and those that are held back.

    Where the family stops early and no length is known yet, or fits its probabilities apart, some of the rows are held back
    for that; `unit` and `time` (n_rows,) say which rows stay together and which are late, `weight` (n_rows,) how much each counts.
    `soft` (n_rows, n_outputs) are probabilities to learn in place of y: each row then stands once per class, with its probability as
    weight; y holds where they are NaN.
    """
    of_class = job.get("class_weights") or () if family.weighted else ()
    weight = weight if family.weighted else None
    if soft is not None:
        at, y, shares = spread(y, soft)
        unit = at if unit is None else unit[at]
        x, time = x[at], None if time is None else time[at]
        weight = shares.astype(np.float64) if weight is None else weight[at] * shares
    own = joint_weights(of_class, y, weight)
    data = FitData(x, y, weight=own)
    if (family.rounds is not None and context.rounds is None) or family.calibrates:
        learn, stop = hold_back(y, context.seed, unit, time)
        if len(stop):  # very small classes leave none; the fit then runs to its full length
            kept, held = (None, None) if own is None else (own[learn], own[stop])
            data = FitData(x[learn], y[learn], x[stop], y[stop], kept, held)
    return data


def joint_weights(of_class: Sequence[float], y: Rows, weight: NDArray[np.float64] | None) -> NDArray[np.float32] | None:
    """Return (n_rows,) the weight of each row, mean 1: its own times that of its class; None where all weigh alike, or nothing weighs anything."""
    if weight is None:
        return np.asarray(of_class, dtype=np.float32)[y] if of_class else None
    both = weight * np.asarray(of_class)[y] if of_class else weight
    return (both / both.mean()).astype(np.float32) if both.sum() > 0 else None


def spread(y: Rows, soft: NDArray[np.float32]) -> tuple[Rows, Rows, NDArray[np.float32]]:
    """Return (n_out,) positions of rows, their classes and weights: a row stands for each class of some probability, these sum to 1."""
    known = np.isfinite(soft[:, 0])
    shares = np.where(known[:, None], soft, np.eye(soft.shape[1], dtype=np.float32)[y])
    shares = np.where(shares >= LEAST_SHARE, shares, 0)
    shares = shares / shares.sum(axis=1, keepdims=True)
    at, codes = np.nonzero(shares)
    return at, codes.astype(y.dtype), shares[at, codes].astype(np.float32)


def moment(deadline: float | None) -> float:
    """Return a moment of a job's description, in which there is no infinity."""
    return float("inf") if deadline is None else deadline


def limited(threads: int) -> AbstractContextManager[object]:
    """Return a context in which libraries use so many threads; one is what a worker starts with, and to set it again costs 4 ms."""
    if threads == 1 and os.environ.get("OMP_NUM_THREADS") == "1":
        return nullcontext()
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[object] = threadpool_limits(limits=threads)
    return limits


def hold_back(y: Rows, seed: int, unit: Rows | None = None, time: NDArray[np.float64] | None = None) -> tuple[Rows, Rows]:
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

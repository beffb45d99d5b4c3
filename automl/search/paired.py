"""Models side by side on the same rows: scores on shared resamples, so that what the rows have in common cancels out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.units import Draws
from automl.search.store import Rows

REPLICATES = 300
LEAST_REPLICATES = 30
ROWS_DRAWN = 6_000_000  # over all replicates of a run that is not limited by time; beyond, fewer replicates say it well enough

Score = Callable[..., float]
"""Of class codes (n_rows,), answers (n_rows, n_outputs) and, where rows count differently, their weights (n_rows,)."""


@dataclass(frozen=True)
class Paired:
    """`points` (n_models,) scores on the rows as they are, `draws` (n_replicates, n_models) on each resample of them."""

    points: NDArray[np.float64]
    draws: NDArray[np.float64]

    def difference(self, first: int, second: int) -> tuple[float, float, float]:
        """Return the score of one model less that of another, and its 95 % interval (percentile method)."""
        drawn = self.draws[:, first] - self.draws[:, second]
        known = drawn[np.isfinite(drawn)]
        low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (np.nan, np.nan)
        return float(self.points[first] - self.points[second]), float(low), float(high)


def paired(
    score: Score, y: Sequence[Rows], units: Sequence[Rows], outputs: Sequence[Sequence[Any]], seed: int,
    seconds: float | None = None, replicates: int | None = None, weights: Sequence[NDArray[np.float64] | None] = (),
) -> Paired | None:  # fmt: skip
    """Return the scores of several models on shared bootstrap resamples; None when `seconds` are too few for it.

    y, units: per part of the rows (a fold) the class codes (n_part,) and the unit of each row; outputs: per model, per part
    (n_part, n_outputs). A model's score is the mean over parts, as that of a trial is; parts without a score, where a class
    is missing, are left out. Units are drawn whole, also where several parts hold rows of them (see data.units.Draws).
    `replicates`: as many as the rows are worth, when left out. `weights`: per part (n_part,) how much each row counts, or None.
    """
    codes, drawn_units = np.concatenate(y), np.concatenate(units)
    joined = [np.concatenate(parts).astype(np.float64) for parts in outputs]
    ends = np.cumsum([len(part) for part in y])[:-1]
    known_weights = [w for w in weights if w is not None]
    counts = np.concatenate(known_weights) if known_weights else None

    def scores(rows: Rows) -> list[float]:
        parts = np.split(rows, np.searchsorted(rows, ends))
        more = [() if counts is None else (counts[part],) for part in parts]
        found = np.array([[score(codes[part], output[part], *own) for output in joined] for part, own in zip(parts, more, strict=True) if len(part)])
        known = found[np.isfinite(found).all(axis=1)]
        return [float(v) for v in known.mean(axis=0)] if len(known) else [np.nan] * len(joined)

    began = time.monotonic()
    points = np.array(scores(np.arange(len(codes))))
    each = time.monotonic() - began
    if seconds is not None and each * (LEAST_REPLICATES + 1) > seconds:
        return None
    replicates = replicates or min(REPLICATES, max(LEAST_REPLICATES, ROWS_DRAWN // max(1, len(codes))))
    draws, rng = Draws(len(codes), drawn_units), np.random.default_rng(seed)
    found: list[list[float]] = []
    while len(found) < replicates and (seconds is None or len(found) < LEAST_REPLICATES or time.monotonic() - began < seconds):
        found.append(scores(np.sort(draws.rows(rng))))
    return Paired(points, np.array(found))

"""A paired bootstrap of two models on the same rows: the difference, its interval, its p-value, and what could not be seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.units import dense
from automl.search.paired import paired

LEVEL = 0.05
POWER = 0.8
REPLICATES = 2000
LEAST_REPLICATES = 300
CELLS_DRAWN = 60_000_000  # rows times classes, over all replicates: some 5 s
CELLS = CELLS_DRAWN // LEAST_REPLICATES  # of one replicate; beyond, the rows are thinned
LEAST_ROWS = 4000  # that are left by thinning
FEW_BEYOND = 5  # replicates on the far side of zero, below which the normal tail is taken

Score = Callable[[NDArray[np.int64], NDArray[np.float64]], float]


@dataclass(frozen=True)
class Difference:
    """Scores of two models, and by how much the second is better (negative: worse), in the metric's unit.

    `low` and `high`: 95 % interval; `p`: two-sided; `smallest`: the true difference that such a test finds four times out of
    five. NaN where the score is not defined. Resampled: `n_units` units over `n_rows` rows, `replicates` times.
    """

    scores: tuple[float, float]
    gain: float
    low: float
    high: float
    p: float
    smallest: float
    n_units: int
    n_rows: int
    replicates: int


def difference(
    score: Score, greater_is_better: bool, y: NDArray[np.int64], outputs: Sequence[NDArray[np.float64]], unit: NDArray[np.int64] | None = None, seed: int = 0
) -> Difference:  # fmt: skip
    """Return how two models differ on the same rows.

    y (n_rows,) class codes, outputs per model (n_rows, n_classes), unit (n_rows,) rows that are drawn together. The interval
    is the expanded percentile one (Hesterberg 2015, What Teachers Should Know about the Bootstrap, arXiv 1411.5279): with few units
    the plain one is too narrow. Tables beyond CELLS are thinned to a part of their units, and the spread found there is scaled by
    the root of the share, as scores of rows settle (m out of n bootstrap; Bickel, Goetze and van Zwet 1997); the scores
    themselves are of all rows.
    """
    from scipy.special import ndtr, stdtrit

    sign = 1.0 if greater_is_better else -1.0
    whole = tuple(float(score(y, output)) for output in outputs)
    gain = sign * (whole[1] - whole[0])
    own = np.arange(len(y)) if unit is None else dense(unit)
    n_units = int(own.max()) + 1
    rows = _thinned(y, own if unit is not None else None, max(LEAST_ROWS, CELLS // outputs[0].shape[1]))
    drawn = dense(own[rows])
    replicates = int(np.clip(CELLS_DRAWN // (len(rows) * outputs[0].shape[1]), LEAST_REPLICATES, REPLICATES))
    found = paired(score, [y[rows]], [drawn], [[output[rows]] for output in outputs], seed, replicates=replicates)
    assert found is not None  # only a limit of time can keep it from coming
    n_drawn = int(drawn.max()) + 1
    spread = sign * ((found.draws[:, 1] - found.draws[:, 0]) - (found.points[1] - found.points[0])) * np.sqrt(n_drawn / n_units)
    gains = gain + spread[np.isfinite(spread)]
    if not np.isfinite(gain) or len(gains) < LEAST_REPLICATES // 2 or n_units < 2:
        return Difference((whole[0], whole[1]), gain, np.nan, np.nan, np.nan, np.nan, n_units, len(rows), len(gains))
    wider = float(np.sqrt(n_units / (n_units - 1)))
    tail = float(ndtr(wider * stdtrit(n_units - 1, LEVEL / 2)))
    low, high = (float(v) for v in np.quantile(gains, (tail, 1 - tail)))
    smallest = wider * float(gains.std()) * float(stdtrit(n_units - 1, 1 - LEVEL / 2) + stdtrit(n_units - 1, POWER))
    return Difference((whole[0], whole[1]), gain, low, high, _p(gain, gains, wider, n_units), smallest, n_units, len(rows), len(gains))


def _p(gain: float, gains: NDArray[np.float64], wider: float, n_units: int) -> float:
    """Return the two-sided p-value: the level at which the expanded percentile interval just reaches zero."""
    from scipy.special import ndtri, stdtr

    beyond = int(min((gains <= 0).sum(), (gains >= 0).sum()))
    spread = float(gains.std())
    if spread == 0:
        return 1.0 if gain == 0 else 0.0
    z = float(ndtri(min(0.5, (1 + beyond) / (len(gains) + 1))))
    if beyond < FEW_BEYOND:
        z = min(z, -abs(gain) / spread)
    return float(min(1.0, 2 * stdtr(n_units - 1, z / wider)))


def _thinned(y: NDArray[np.int64], unit: NDArray[np.int64] | None, most: int) -> NDArray[Any]:
    """Return the positions of at most about so many rows: of single rows the same share of every class, of units whole ones."""
    if len(y) <= most:
        return np.arange(len(y))
    rng, share = np.random.default_rng(0), most / len(y)
    if unit is not None:
        n_units = int(unit.max()) + 1
        kept = np.zeros(n_units, dtype=bool)
        kept[rng.permutation(n_units)[: max(2, round(share * n_units))]] = True
        return np.flatnonzero(kept[unit])
    order = np.lexsort((rng.random(len(y)), y))
    place = np.arange(len(y)) - np.searchsorted(y[order], y[order])  # within the class
    kept_rows = order[place < np.ceil(share * np.bincount(y))[y[order]]]
    return np.sort(kept_rows)


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979); NaN stays NaN and does not count."""
    values = np.asarray(p, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    out = np.full(len(values), np.nan)
    out[order] = np.minimum(1.0, np.maximum.accumulate(values[order] * np.arange(len(order), 0, -1)))
    return [float(v) for v in out]

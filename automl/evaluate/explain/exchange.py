"""Values that change places between rows, and scores with parts of the rows left out: what permutation importance is made of."""

from dataclasses import dataclass

import numpy as np

from automl.data.units import dense
from automl.evaluate.explain.scored import Floats, Rows
from automl.evaluate.explain.student import reach
from automl.metrics import Metric

PARTS = 20  # that are left out one at a time


def exchanged(units: Rows, rng: np.random.Generator) -> Rows:
    """Return (n_rows,) the row whose values each row gets: one of another unit, never its own.

    Units stand in a random circle, and each gets the values of the next one; of units of several rows the rows in any order,
    some twice or not at all where the next unit has another size. So a value that a whole unit shares stays shared, and comes
    from another unit: within one, equal values would change places and nothing would seem to matter. Every two different units
    are as likely to meet as any other two [the derangement of Fisher, Rudin and Dominici 2019, section 3, "e-switch"].
    """
    of = dense(units)
    n_units = int(of.max(initial=-1)) + 1
    if n_units < 2:
        return rng.permutation(len(of))
    circle = rng.permutation(n_units)
    giver = np.empty(n_units, dtype=np.int64)
    giver[circle] = np.roll(circle, 1)
    order = np.lexsort((rng.random(len(of)), of))  # rows unit by unit, in any order within
    size = np.bincount(of)
    start = np.cumsum(size) - size
    place = np.arange(len(of)) - start[of[order]]
    from_unit = giver[of[order]]
    source = np.empty(len(of), dtype=np.int64)
    source[order] = order[start[from_unit] + place % size[from_unit]]
    return source


@dataclass(frozen=True)
class Judge:
    """Scores answers on all rows and on the rows without each of some parts; rows of one unit are left out together."""

    metric: Metric
    positive: int
    y: Rows
    kept: tuple[Rows, ...]

    @classmethod
    def of(cls, metric: Metric, positive: int, y: Rows, units: Rows, rng: np.random.Generator) -> "Judge":
        """Return the judge of rows with class codes `y` (n_rows,), their units dealt out to parts at random."""
        of = dense(units)
        n_units = int(of.max(initial=-1)) + 1
        part = rng.permutation(n_units)[of] % min(PARTS, max(n_units, 1))
        return cls(metric, positive, y, tuple(np.flatnonzero(part != k) for k in range(int(part.max(initial=-1)) + 1)))

    def scores(self, proba: Floats) -> Floats:
        """Return (1 + n_parts,) the score of all rows, then without each part; NaN where it is not defined."""
        every = [self.metric.score(self.y, proba, self.positive)]
        return np.array(every + [self.metric.score(self.y[rows], proba[rows], self.positive) for rows in self.kept])

    def gains(self, better: Floats, worse: Floats) -> Floats:
        """Return by how much the first scores (..., 1 + n_parts) are better than the second, in the metric's unit."""
        return better - worse if self.metric.greater_is_better else worse - better


def interval_of(gains: Floats) -> tuple[float, float, float]:
    """Return the mean of gains (n_repeats, 1 + n_parts) over repeats, and its 95 % interval; NaN where it is not known.

    The variance is that of the grouped jackknife over rows [Efron and Tibshirani 1993, chapter 11], of the mean over repeats, to
    which the variance between repeats is added. As rows have their luck with the exchange too, a part of it counts twice: the
    interval is a little wide.
    """
    mean = gains.mean(axis=0)
    parts = mean[1:][np.isfinite(mean[1:])]
    if not np.isfinite(mean[0]) or len(parts) < 3:
        return float(mean[0]), float("nan"), float("nan")
    variance = float(((parts - parts.mean()) ** 2).sum()) * (len(parts) - 1) / len(parts)
    if len(gains) > 1:
        variance += float(gains[:, 0].var(ddof=1)) / len(gains)
    half = reach(len(parts) - 1) * variance**0.5
    return float(mean[0]), float(mean[0] - half), float(mean[0] + half)

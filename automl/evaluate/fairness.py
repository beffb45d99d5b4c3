"""Whether groups of rows are treated alike: rates of predictions per group, the largest gap between two, and how sure that is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.units import Draws
from automl.plan.limits import LEAST_GROUP

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

REPLICATES = 200
LEAST_REPLICATES = 30
MOST_SHOWN = 20  # groups, the largest ones


@dataclass(frozen=True)
class Gap:
    """`value` is the largest difference between two groups that have rows enough, None where there are no two.

    `interval` its 95 % bootstrap interval; `groups` tell of each: name, rows, its rates by what they are of, and `judged`.
    """

    metric: str
    value: float | None
    interval: tuple[float, float] | None = None
    groups: tuple[dict[str, Any], ...] = ()

    def record(self) -> dict[str, Any]:
        """Return the gap as JSON values."""
        return {"metric": self.metric, "gap": self.value, "interval": list(self.interval) if self.interval else None, "groups": list(self.groups)}


def gap_between(
    metric: str, y: Codes, predicted: Codes, positive: int, codes: Codes, names: Sequence[str], *, units: Codes | None = None, seed: int = 0,
    seconds: float = 0.0,
) -> Gap:  # fmt: skip
    """Return the gap between groups of rows: y, predicted (n_rows,) class codes, `codes` (n_rows,) positions in `names`.

    equal_opportunity compares the share of positive rows that are predicted positive (Hardt, Price and Srebro 2016, section 2);
    demographic_parity the share of rows that are; equalized_odds both that of positive and that of negative rows, the larger
    gap counting. A rate of fewer than LEAST_GROUP rows is told and not judged. As many bootstrap replicates as fit into
    `seconds` (percentile method, units drawn whole); none, and no interval, where it is 0.
    """
    hit = predicted == positive
    parts = _parts(metric, y == positive)
    n_groups = len(names)
    counts = {name: np.bincount(codes[rows], minlength=n_groups) for name, rows in parts.items()}
    judged = {name: count >= LEAST_GROUP for name, count in counts.items()}
    rates = _rates(codes, hit, parts, n_groups)
    value = _largest(rates, judged)
    size = np.bincount(codes, minlength=n_groups)
    shown = [i for i in np.argsort(-size, kind="stable").tolist() if size[i]][:MOST_SHOWN]
    groups = tuple(
        {
            "name": names[i], "rows": int(size[i]), "rates": {name: _known(rates[name][i]) for name in parts},
            "counted": {name: int(counts[name][i]) for name in parts}, "judged": bool(all(judged[name][i] for name in parts)),
        }
        for i in shown
    )  # fmt: skip
    if value is None or seconds <= 0:
        return Gap(metric, value, None, groups)
    draws, rng = Draws(len(y), units), np.random.default_rng(seed)
    found: list[float] = []
    end = time.monotonic() + seconds
    while len(found) < REPLICATES and (len(found) < LEAST_REPLICATES or time.monotonic() < end):
        rows = draws.rows(rng)
        drawn = _largest(_rates(codes[rows], hit[rows], {name: part[rows] for name, part in parts.items()}, n_groups), judged)
        found += [drawn] if drawn is not None else []
    low, high = np.quantile(found, (0.025, 0.975)) if found else (value, value)
    return Gap(metric, value, (float(low), float(high)), groups)


def _parts(metric: str, is_positive: Flags) -> dict[str, Flags]:
    """Return which rows (n_rows,) each rate is of."""
    if metric == "demographic_parity":
        return {"predicted positive": np.ones(len(is_positive), dtype=bool)}
    if metric == "equal_opportunity":
        return {"positive rows found": is_positive}
    return {"positive rows found": is_positive, "negative rows taken for positive": ~is_positive}


def _rates(codes: Codes, hit: Flags, parts: dict[str, Flags], n_groups: int) -> dict[str, NDArray[np.float64]]:
    out = {}
    for name, rows in parts.items():
        of = np.bincount(codes[rows], minlength=n_groups)
        with np.errstate(invalid="ignore", divide="ignore"):
            out[name] = np.bincount(codes[rows & hit], minlength=n_groups) / of
    return out


def _largest(rates: dict[str, NDArray[np.float64]], judged: dict[str, Flags]) -> float | None:
    """Return the largest gap of any rate over the groups that are judged on it."""
    gaps = []
    for name, rate in rates.items():
        known = rate[judged[name] & np.isfinite(rate)]
        if len(known) > 1:
            gaps.append(float(known.max() - known.min()))
    return max(gaps) if len(gaps) == len(rates) else None


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

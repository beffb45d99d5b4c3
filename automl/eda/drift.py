"""Training rows against those that are held out: how each column differs, and which rows stand on both sides.

Looks at the inputs of the holdout and never feeds a feature or a choice.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.data.split import Split
from automl.eda.clock import Clock
from automl.eda.columns import LEAST_NAMED, LONGEST_NAME, known_numbers, quantile
from automl.eda.overlap import overlap
from automl.inference.table import Column

BINS = 10
SMOOTHING = 0.5  # rows added to every bin of either side, so that an empty one has no infinite ratio
MOST_ROWS = 50_000
SHOWN_LEVELS = 20
SURE = 1.6449  # of the normal distribution, 95 %

Floats = NDArray[np.float64]


def drift(dataset: Dataset, split: Split, clock: Clock) -> dict[str, Any]:
    """Return `columns`, how much each differs between the sides, the most first, and `overlap`, rows that stand on both."""
    if not len(split.holdout):
        return {"skipped": "no rows are held out"}
    train, held = sample(split.train, MOST_ROWS), sample(split.holdout, MOST_ROWS)
    clock.sampled("drift of columns", len(train) + len(held), len(split.train) + len(split.holdout), "distances change little with more rows")
    out: dict[str, Any] = {"train_rows": len(train), "holdout_rows": len(held)}
    columns: list[dict[str, Any]] = []
    with clock.share("columns", 0.5) as own:
        for field in dataset.fields:
            if own.left() <= 0:
                out["columns_skipped"] = f"the time ran out after {len(columns)} of {len(dataset.fields)} columns"
                break
            column = dataset.table.columns[field.name]
            if field.kind != "text":
                found = _levels(column, split.train, split.holdout) if column.kind == "coded" else _numbers(column, train, held)
                columns.append({"column": field.name, "kind": field.kind} | found)
    out["columns"] = sorted(columns, key=lambda c: -(c["psi"] - c["psi_by_chance"]))
    out["overlap"] = overlap(dataset, split, clock)
    return out


def stability_index(train: NDArray[np.int64], held: NDArray[np.int64]) -> tuple[float, float]:
    """Return the population stability index of counts in bins, and what it stays below by chance in 19 of 20 cases.

    Half a row is added to every bin. The second is the 95 % quantile of chi-squared with bins - 1 degrees of freedom
    (Wilson & Hilferty 1931) times 1/n + 1/m (Yurdakul & Naranjo 2020).
    """
    used = (train + held) > 0
    train, held = train[used], held[used]
    if len(train) < 2:
        return 0.0, 0.0
    p, q = (train + SMOOTHING) / (train + SMOOTHING).sum(), (held + SMOOTHING) / (held + SMOOTHING).sum()
    k = len(train) - 1
    chi_squared = k * (1 - 2 / (9 * k) + SURE * np.sqrt(2 / (9 * k))) ** 3
    return float(((p - q) * np.log(p / q)).sum()), float(chi_squared * (1 / max(1, train.sum()) + 1 / max(1, held.sum())))


def kolmogorov_smirnov(left: Floats, right: Floats) -> float:
    """Return the greatest distance of the distribution functions of two samples, 0 to 1; 0 where one is empty."""
    if not len(left) or not len(right):
        return 0.0
    every = np.concatenate([left, right])
    order = np.argsort(every)
    ordered, of_left = every[order], np.cumsum(order < len(left))
    apart = of_left / len(left) - (np.arange(1, len(every) + 1) - of_left) / len(right)
    return float(np.abs(apart[np.append(ordered[1:] != ordered[:-1], True)]).max())  # equal values step together


def _numbers(column: Column, train: NDArray[np.int64], held: NDArray[np.int64]) -> dict[str, Any]:
    """Compare in ten bins of about equal training rows and one of missing ones, and by the Kolmogorov-Smirnov distance.

    By chance the distance stays below 1.36 sqrt(1/n + 1/m) in 19 of 20 cases (Smirnov 1948).
    """
    sides, gaps = [], []
    for rows in (train, held):
        values = column.values[rows]
        known = np.sort(known_numbers(values))
        sides.append(known)
        gaps.append(len(values) - len(known))
    edges = np.unique([quantile(sides[0], k / BINS) for k in range(1, BINS)]) if len(sides[0]) else np.zeros(0)
    counts = [np.append(np.diff(np.concatenate(([0], np.searchsorted(side, edges, "right"), [len(side)]))), gap) for side, gap in zip(sides, gaps, strict=True)]
    psi, chance = stability_index(*counts)
    n, m = (max(1, len(side)) for side in sides)
    return {
        "psi": psi, "psi_by_chance": chance,
        "measure": "ks", "distance": kolmogorov_smirnov(*sides), "distance_by_chance": min(1.0, 1.36 * float(np.sqrt(1 / n + 1 / m))),
        "missing_train": gaps[0] / max(1, len(train)), "missing_holdout": gaps[1] / max(1, len(held)),
    }  # fmt: skip


def _levels(column: Column, train: NDArray[np.int64], held: NDArray[np.int64]) -> dict[str, Any]:
    """Compare in bins of the nine most frequent training levels, the others together, and missing; and by total variation.

    By chance: the mean of the total variation when both sides come from the levels' joint shares. `unseen` counts levels
    that only held-out rows have, and names those with five rows or more.
    """
    wide = len(column.levels)
    p, q = (np.bincount(column.values[rows] + 1, minlength=wide + 1) for rows in (train, held))  # place 0 is missing
    gaps, p, q = (int(p[0]), int(q[0])), p[1:], q[1:]
    order = np.argsort(-p, kind="stable")[: BINS - 1]
    counts = [np.concatenate([side[order], [side.sum() - side[order].sum(), gap]]) for side, gap in zip((p, q), gaps, strict=True)]
    psi, chance = stability_index(*counts)
    n, m = max(1, int(p.sum())), max(1, int(q.sum()))
    share = (p + q) / (n + m)
    expected = 0.5 * float(np.sqrt(2 / np.pi * share * (1 - share) * (1 / n + 1 / m)).sum())
    unseen = np.flatnonzero((p == 0) & (q > 0))
    named = unseen[q[unseen] >= LEAST_NAMED]
    named = named[np.argsort(-q[named], kind="stable")[:SHOWN_LEVELS]]
    return {
        "psi": psi, "psi_by_chance": chance,
        "measure": "total_variation", "distance": 0.5 * float(np.abs(p / n - q / m).sum()), "distance_by_chance": min(1.0, expected),
        "missing_train": gaps[0] / max(1, len(train)), "missing_holdout": gaps[1] / max(1, len(held)),
        "unseen": {"levels": len(unseen), "rows": int(q[unseen].sum()), "named": [[column.levels[i][:LONGEST_NAME], int(q[i])] for i in named]},
    }  # fmt: skip

"""What columns tell of the target: ranks for numbers and dates, shares of the classes for categories, on one scale."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.eda.pairs import pairs
from automl.eda.ranks import MOST_CLASSES, area_of_table, auc_by_class, macro_auc, mean_known, midranks, told
from automl.inference.table import Column

TARGET_ROWS = 50_000  # the standard error of an area is then at most 0.003
PAIR_ROWS = 20_000  # and that of a rank correlation 0.007
BINS = 20
FOLDS = 5

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def relations(dataset: Dataset, rows: NDArray[np.int64], clock: Clock) -> dict[str, Any]:
    """Return `target`, every column with what it tells of the target, the most first; `pairs` of columns, the strongest first;
    `matrix` of the columns that tell most; and `groups` of columns that go together.
    """
    chosen = sample(rows, TARGET_ROWS)
    out: dict[str, Any] = {}
    if dataset.classes:
        with clock.share("target", 0.6) as own:
            out["target"], done = _with_target(dataset, chosen, own)
        clock.sampled("association with the target", len(chosen), len(rows), "areas and shares change little with more rows")
        if done < len(dataset.fields):
            out["target_skipped"] = f"the time ran out after {done} of {len(dataset.fields)} columns"
    if clock.left() <= 0:
        return out | {"skipped": "the time ran out before the pairs of columns"}
    few = sample(rows, PAIR_ROWS)
    clock.sampled("association of columns", len(few), len(rows), "a rank correlation changes little with more rows")
    return out | pairs(dataset, few, [t["column"] for t in out.get("target", [])], clock)


def _with_target(dataset: Dataset, rows: NDArray[np.int64], clock: Clock) -> tuple[list[dict[str, Any]], int]:
    y = dataset.y[rows]
    fold = np.random.default_rng(0).integers(0, FOLDS, len(rows))
    out: list[dict[str, Any]] = []
    done = 0
    for field in dataset.fields:
        if clock.left() <= 0:
            break
        done += 1
        column = dataset.table.columns[field.name]
        if field.kind != "text":
            out.append({"column": field.name, "kind": field.kind} | with_target(column, rows, y, fold, len(dataset.classes), dataset.positive))
    return sorted(out, key=strength, reverse=True), done


def strength(entry: dict[str, Any]) -> float:
    """Return how much a column tells, 0 to 1: the greater of its area, rescaled, and its share of the target's entropy."""
    return float(max(2 * (entry["auc"] or 0.5) - 1, entry["nmi"]))


def with_target(column: Column, rows: NDArray[np.int64], y: Codes, fold: Codes, n_classes: int, positive: int) -> dict[str, Any]:
    """Return what one column tells: `auc`, the mean over classes of the area of one against the rest by its values alone, 0.5
    to 1; `nmi`, the share of the target's entropy; `direction`, 1 where greater values go with the positive one of two classes.

    Rows (n,), their classes (n,) and folds (n,). Numbers and dates are scored by their ranks, categories by the shares of the
    classes at their level in the other folds. Missing values are left out; `rows` are those that count.
    """
    values = column.values[rows]
    known = values >= 0 if column.kind == "coded" else np.isfinite(values)
    if not known.all():
        values, y, fold = values[known], y[known], fold[known]
    out: dict[str, Any] = {"auc": None, "nmi": 0.0, "direction": 0, "rows": len(values)}
    if len(values) < 2:
        return out
    if column.kind == "coded":
        codes = _compact(values)
        return out | {"auc": _out_of_fold(codes, y, fold, n_classes), "nmi": told(_at_least(codes, 5), y)}
    ranks = midranks(values)
    if ranks.min() == ranks.max():
        return out
    areas, size = auc_by_class(ranks, y, n_classes)
    bins = (BINS * (ranks - 0.5) / len(ranks)).astype(np.int64)
    direction = int(np.sign(areas[positive] - 0.5)) if n_classes == 2 and not np.isnan(areas[positive]) else 0
    return out | {"auc": macro_auc(areas, size), "nmi": told(bins, y), "direction": direction}


def _compact(codes: NDArray[np.int32]) -> Codes:
    """Return codes without gaps, from 0."""
    used = np.zeros(int(codes.max()) + 1, dtype=bool)
    used[codes] = True
    return (np.cumsum(used) - 1)[codes]


def _at_least(codes: Codes, least: int) -> Codes:
    """Return codes where levels of few rows share one."""
    counts = np.bincount(codes)
    place = np.where(counts >= least, np.arange(len(counts)), len(counts))
    return _compact(place[codes])


def _out_of_fold(codes: Codes, y: Codes, fold: Codes, n_classes: int) -> float | None:
    """Return the mean area of the class shares at a level, counted in the other folds, one row of the prior added to each.

    Areas are taken fold by fold: a fold with more rows of a class leaves fewer to the others, so that scores across folds
    would stand in the wrong order.
    """
    n_levels = int(codes.max()) + 1
    size = np.bincount(y, minlength=n_classes)
    areas = np.full(n_classes, np.nan)
    place = fold * n_levels + codes
    every = np.bincount(place, minlength=FOLDS * n_levels).reshape(FOLDS, n_levels)
    others = every.sum(axis=0) - every
    shown = np.argsort(-size, kind="stable")[: MOST_CLASSES if n_classes > 2 else 1]  # of two classes, one says it all
    for label in shown:
        inside = np.bincount(place[y == label], minlength=FOLDS * n_levels).reshape(FOLDS, n_levels)
        share = (inside.sum(axis=0) - inside + size[label] / len(y)) / (others + 1)
        areas[label] = mean_known([area_of_table(share[k], inside[k], every[k] - inside[k]) for k in range(FOLDS)])
    return macro_auc(areas, size, undirected=False)

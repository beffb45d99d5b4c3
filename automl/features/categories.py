"""Fits the steps on categories: a column per level, ranks by frequency, and the shares of the classes in each level."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Needs
from automl.features.numbers import centre_and_scale
from automl.features.recipe import CategoryOptions
from automl.inference.forms import Arrays
from automl.inference.table import Column, Floats

Step = dict[str, Any]
Codes = NDArray[np.int64]

RARE = 5  # a level with fewer learning rows is not stored: its weight would be noise, and it could be a single cell of the data
MANY_LEVELS = 50  # above, and above this share of the rows, levels are too many and too rare for weights of their own
MANY_SHARE = 0.01
MOST_ONEHOT = 1000  # columns of one category, where a user asks for them beyond what a family takes by itself
MOST_CLASSES = 10  # whose shares are columns; the most frequent ones
INNER_FOLDS = 5  # as scikit-learn's TargetEncoder
LEAST_RATIO = 0.05  # of the spread of shares to that of the class: below, levels tell less than 0.3 % of it, and are not scaled up


@dataclass(frozen=True)
class Rows:
    """What a fit knows of the learning rows beside their cells: class codes `y` and groups that stay together, both (n_rows,)."""

    y: Codes
    groups: Codes | None = None
    seed: int = 0


def fit_category(place: Step, column: Column, rows: Rows, needs: Needs, options: CategoryOptions, arrays: Arrays) -> tuple[Step, NDArray[Any] | None]:
    """Return the step of a category and, for shares of classes, the matrix (n_rows, n_shares) of the learning rows.

    `place` names the column, or the pair whose crossing `column` is. Tables of shares go into `arrays`.
    """
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    order = sorted(np.flatnonzero(counts).tolist(), key=lambda i: (-counts[i], column.levels[i]))
    least = max(RARE, ceil(options.rare * len(column.values)))
    kept = [i for i in order if counts[i] >= least]
    encode = options.encode if options.encode != "auto" else "target" if needs.shares else _usual(len(order), len(column.values), needs)
    if encode == "target" and len(np.unique(rows.y)) > 1:
        return _target(place, column, kept, rows, needs.scaled, arrays)
    if encode == "onehot":
        most = MOST_ONEHOT if options.encode == "onehot" else needs.onehot_limit
        return {"kind": "onehot", **place, "levels": [column.levels[i] for i in kept[:most]]}, None
    step: Step = {"kind": "ordinal", **place, "levels": [column.levels[i] for i in kept]}
    if needs.scaled:
        rank = np.full(len(column.levels) + 1, float(len(kept)))
        rank[kept], rank[-1] = np.arange(len(kept)), np.nan
        step |= dict(zip(("fill", "centre", "scale"), centre_and_scale(rank[column.values]), strict=True))
    return step, None


def _usual(n_levels: int, n_rows: int, needs: Needs) -> str:
    """Return how a category is encoded when nobody asked.

    Up to 50 levels trees do as well by ranks as by shares (measured on parts of the table adult); far beyond, by shares.
    """
    many = n_levels > MANY_LEVELS
    if n_levels <= needs.onehot_limit and not (many and n_levels > MANY_SHARE * n_rows):
        return "onehot"
    return "target" if many or needs.scaled else "ordinal"


def _target(place: Step, column: Column, kept: list[int], rows: Rows, scaled: bool, arrays: Arrays) -> tuple[Step, NDArray[np.float32]]:
    """Fit the shares of the classes in each level, shrunk to those of all rows.

    Micci-Barreca 2001, A preprocessing scheme for high-cardinality categorical attributes in classification and prediction
    problems, SIGKDD Explorations 3(1): 27-32: a level of n rows has weight n / (n + m). New rows take the shares of all
    learning rows; a learning row takes those of the other inner folds, so its own class is not in its encoding (as
    scikit-learn's TargetEncoder.fit_transform). Levels that are not stored, and no level, take the shares of all rows.
    """
    classes = _classes(rows.y)
    part = inner_folds(rows)
    by_part = _counts(column, rows.y, classes, part)
    everything = by_part.sum(axis=0)
    weight = strength(everything[:-1, :-1], everything[:-1, -1])  # one number of all rows, so that old and new rows are shrunk alike
    stored = np.zeros(len(column.levels) + 1, dtype=bool)
    stored[kept] = True
    table = _shrunk(everything, weight, stored)[np.append(kept, -1).astype(np.int64)]
    learned = np.empty((len(rows.y), len(classes)))
    for k in range(len(by_part)):
        mine = part == k
        learned[mine] = _shrunk(everything - by_part[k], weight, stored)[column.values[mine]]
    if scaled:
        prior = everything[:, :-1].sum(axis=0) / len(rows.y)
        centre, scale = learned.mean(axis=0), np.maximum(learned.std(axis=0), LEAST_RATIO * np.sqrt(prior * (1 - prior)))
        table, learned = (table - centre) / scale, (learned - centre) / scale
    step: Step = {"kind": "target", **place, "levels": [column.levels[i] for i in kept], "classes": classes.tolist(), "array": f"target.{len(arrays)}"}
    arrays[step["array"]] = table.astype(np.float32)
    return step, learned.astype(np.float32)


def _classes(y: Codes) -> Codes:
    """Return the class codes whose shares are columns: of two classes the second says all."""
    codes, counts = np.unique(y, return_counts=True)
    if len(codes) <= 2:
        return codes[1:]
    return np.sort(codes[np.argsort(-counts, kind="stable")[:MOST_CLASSES]])


def inner_folds(rows: Rows) -> Codes:
    """Return (n_rows,) numbers of inner folds, dealt out class by class so that their shares are alike; groups stay whole."""
    groups = np.arange(len(rows.y)) if rows.groups is None else rows.groups
    _, first, unit = np.unique(groups, return_index=True, return_inverse=True)
    order = np.lexsort((np.random.default_rng(rows.seed).random(len(first)), rows.y[first]))
    part = np.empty(len(first), dtype=np.int64)
    part[order] = np.arange(len(first)) % INNER_FOLDS
    return part[unit]


def _counts(column: Column, y: Codes, classes: Codes, part: Codes) -> Floats:
    """Return (n_folds, n_levels + 1, n_classes + 1) rows per inner fold, level (the last: none) and class (the last: any)."""
    level = np.where(column.values < 0, len(column.levels), column.values).astype(np.int64)
    n_levels, n_classes = len(column.levels) + 1, len(classes) + 1
    cell = part * n_levels + level
    out = np.zeros((INNER_FOLDS * n_levels, n_classes))
    out[:, -1] = np.bincount(cell, minlength=len(out))
    for i, code in enumerate(classes):
        out[:, i] = np.bincount(cell[y == code], minlength=len(out))
    return out.reshape(INNER_FOLDS, n_levels, n_classes)


def _shrunk(counts: Floats, weight: float, stored: NDArray[np.bool_]) -> Floats:
    """Return (n_levels + 1, n_classes) shrunk shares; those of all rows for levels that are not stored."""
    rows, hits = counts[:, -1:], counts[:, :-1]
    prior = hits.sum(axis=0) / max(rows.sum(), 1.0)
    shares: Floats = np.where(stored[:, None], (hits + weight * prior) / (rows + weight), prior)
    return shares


def strength(hits: Floats, rows: Floats) -> float:
    """Return m, the rows that the shares of all rows count for in every level: empirical Bayes, within 1 and all rows.

    `hits` (n_levels, n_classes) rows of each class in each level, `rows` (n_levels,). m is the variance within levels over
    the variance between them, by the analysis of variance for unequal groups (Searle, Casella and McCulloch 1992, Variance
    Components, section 3.6), pooled over classes: levels that do not differ beyond chance are shrunk to nothing.
    """
    used = rows > 0
    hits, rows = hits[used], rows[used]
    n, levels = float(rows.sum()), len(rows)
    if levels < 2 or n <= levels:
        return max(n, 1.0)
    shares = hits / rows[:, None]
    within = float((rows[:, None] * shares * (1 - shares)).sum()) / (n - levels)
    between = float((rows[:, None] * (shares - hits.sum(axis=0) / n) ** 2).sum()) / (levels - 1)
    size = (n - float((rows**2).sum()) / n) / (levels - 1)  # of a typical level
    apart = (between - within) / size
    return float(np.clip(within / apart, 1.0, n)) if apart > 0 else n

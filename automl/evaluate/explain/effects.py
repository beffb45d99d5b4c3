"""How answers change with a column's values: accumulated local effects of numbers, mean changes between levels of categories."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from automl.data.fewer import sample
from automl.eda.columns import LEAST_NAMED, LONGEST_NAME, moment
from automl.evaluate.explain.pace import Pace
from automl.evaluate.explain.scored import Floats, Rows, Scored
from automl.inference.table import Column

ROWS = (2000, 1000, 500, 200)  # the first that fit for all columns
INTERVALS = 20
FEW = 20  # rows of an interval, or of a level, below which it is marked
LEVELS = 10
MOST_CLASSES = 6  # of the target whose probability is followed; the most frequent ones


def effects(scored: Scored, names: Sequence[str], classes: Sequence[str], positive: int, hidden: frozenset[str], seed: int, pace: Pace) -> list[dict[str, Any]]:
    """Return the effect of each column as JSON values, `skipped` where there is none to show; columns for which time is short are left out.

    Values of `hidden` columns are personal and are not named. The probabilities are those of the positive one of two classes,
    else of the most frequent classes.
    """
    rows = next((n for n in ROWS if pace.fits(min(n, scored.n_rows), 2 * len(names))), ROWS[-1])
    few = scored.take(sample(np.arange(scored.n_rows), rows, seed))
    shown = _shown_classes(scored, positive)
    kinds = {f.name: f.kind for f in scored.fields}
    base: Floats | None = None
    out: list[dict[str, Any]] = []
    for name in names:
        kind = kinds[name]
        entry: dict[str, Any] = {"column": name, "kind": kind}
        if kind == "text" or name in hidden:
            out.append(entry | {"skipped": "texts have no scale to follow" if kind == "text" else "its values are personal data and are not shown"})
            continue
        if not pace.fits(few.n_rows, 2):
            break
        if kind == "category":
            base = few.predict() if base is None else base
            found = of_levels(few, name, shown, base)
        else:
            found = accumulated(few, name, shown)
        if found is None:
            out.append(entry | {"skipped": "fewer than two of its values have rows enough"})
            continue
        if kind == "date":
            found["edges"] = [moment(v) for v in found["edges"]]
        labelled = [{"class": classes[c], "values": values} for c, values in zip(shown, found.pop("values"), strict=True)]
        out.append(entry | found | {"classes": labelled, "of_rows": few.n_rows})
    return out


def _shown_classes(scored: Scored, positive: int) -> list[int]:
    n_classes = scored.proba.shape[1]
    if n_classes == 2:
        return [positive]
    counts = np.bincount(scored.y, minlength=n_classes)
    return [int(c) for c in np.argsort(-counts, kind="stable")[:MOST_CLASSES]]


def accumulated(few: Scored, name: str, shown: Sequence[int]) -> dict[str, Any] | None:
    """Return the accumulated local effects of a number or date [Apley and Zhu 2020, eq. 15 and 16], with a mean of 0 over rows.

    Each row is asked twice, with the values at either end of the interval that its own value lies in, so that no row gets a
    value far from its own: what goes with the column is not torn from it, as it would be by setting all rows to one value.
    `edges` (k + 1,) are values that occur, from the least to the greatest; `rows` (k,) how many lie above one and up to the
    next, `lowest` how many are the least value, `few` (k,) where rows are too few to trust; `values` per class (k + 1,) the
    effect at each edge.
    """
    values = few.table.columns[name].values
    known = np.isfinite(values)
    rows = np.flatnonzero(known)
    edges = _edges(values[rows])
    if len(edges) < 2:
        return None
    above = np.searchsorted(edges, values[rows], side="left")  # 0 for the least value
    place = np.maximum(above - 1, 0)
    lower, upper = values.copy(), values.copy()
    lower[rows], upper[rows] = edges[place], edges[place + 1]
    kind = few.table.columns[name].kind
    difference = (few.predict({name: Column(kind, upper)}) - few.predict({name: Column(kind, lower)}))[rows]
    asked = np.bincount(place, minlength=len(edges) - 1)
    counts = np.bincount(above, minlength=len(edges))
    curves = []
    for c in shown:
        step = np.bincount(place, difference[:, c], minlength=len(asked)) / np.maximum(asked, 1)
        curve = np.concatenate(([0.0], np.cumsum(step)))
        curve -= np.interp(values[rows], edges, curve).mean()
        curves.append([round(float(v), 6) for v in curve])
    return {
        "edges": edges.tolist(), "rows": counts[1:].tolist(), "lowest": int(counts[0]), "few": (counts[1:] < FEW).tolist(), "missing": int((~known).sum()),
        "values": curves,
    }  # fmt: skip


def _edges(values: Floats) -> Floats:
    """Return values that occur, with about as many rows between any two and no fewer than `FEW`, but perhaps under the greatest.

    A value of many rows counts as no more than one interval has: else most quantiles would be that value, and the next one far
    from it. Steps that few rows took would add up to noise. Of two values both are edges, however rare.
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) < 3:
        return distinct
    intervals = int(np.clip(len(values) // (2 * FEW), 4, INTERVALS))
    weight = np.cumsum(np.minimum(counts, max(1.0, len(values) / intervals)))
    below = np.cumsum(counts)
    wanted = weight[-1] / intervals
    chosen = [0]
    for place in range(1, len(distinct) - 1):
        last = chosen[-1]
        if weight[place] - weight[last] >= wanted and below[place] - below[last] >= FEW:
            chosen.append(place)
    if len(chosen) > 2 and below[-1] - below[chosen[-1]] < FEW:
        chosen.pop()
    return np.asarray(distinct[[*chosen, len(distinct) - 1]], dtype=np.float64)


def of_levels(few: Scored, name: str, shown: Sequence[int], base: Floats) -> dict[str, Any] | None:
    """Return how the answers for the rows of each level differ, on average, from the answers to the same rows at the most frequent one.

    Rows are only ever moved to the most frequent level, and only as far as they are rows of another one: what else they hold
    stays. Levels of fewer than five rows are not named; `few` marks those of fewer than twenty; "missing" is a level.
    """
    column = few.table.columns[name]
    counts = np.bincount(column.values + 1, minlength=len(column.levels) + 1)  # the first place is that of missing values
    order: Rows = np.argsort(-counts, kind="stable")
    order = order[counts[order] >= LEAST_NAMED][:LEVELS]
    if len(order) < 2:
        return None
    top = int(order[0]) - 1
    moved = base - few.predict({name: Column(column.kind, np.full_like(column.values, top), column.levels)})
    levels = []
    for code in (order - 1).tolist():
        rows = column.values == code
        change = [0.0 if code == top else round(float(moved[rows, c].mean()), 6) for c in shown]
        levels.append((None if code < 0 else column.levels[code][:LONGEST_NAME], int(rows.sum()), change))
    return {
        "levels": [name for name, _, _ in levels], "rows": [n for _, n, _ in levels], "few": [n < FEW for _, n, _ in levels],
        "left_out": int(np.count_nonzero(counts)) - len(order), "values": [list(line) for line in zip(*(change for _, _, change in levels), strict=True)],
    }  # fmt: skip

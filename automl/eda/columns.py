"""Statistics of the training rows, column by column: counts, moments, quantiles, a histogram whole and by class.

No level that fewer than five rows have is named anywhere: rare cell values may tell who a row is about.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.inference.features import FLOAT_MAX
from automl.inference.table import Column, Field

BINS = 20
TOP = 10
LEAST_NAMED = 5  # rows a level needs to be named
LONGEST_NAME = 80  # characters of a level that are kept
SHOWN_CLASSES = 4
FEW_ROWS = 20_000  # once the time is out
HEAVY = 4.0  # a range this many times the one of the middle 98 % has heavy tails; 2.1 for a million normal values, 3 for exponential ones


def describe_columns(dataset: Dataset, rows: NDArray[np.int64], clock: Clock) -> tuple[dict[str, Any], ...]:
    """Return one mapping of JSON values per column, exact on the given rows; once time is out, on a sample, which it says."""
    few = sample(rows, FEW_ROWS)
    codes, labels = shown_classes(dataset, rows)
    codes_of_few = codes[np.searchsorted(rows, few)] if len(codes) and len(few) < len(rows) else codes
    out, late = [], 0
    for field in dataset.fields:
        hurry = clock.left() <= 0
        late += hurry
        chosen, classes = (few, codes_of_few) if hurry else (rows, codes)
        out.append(describe_column(field, dataset.table.columns[field.name], chosen, classes, labels))
        if hurry and len(few) < len(rows):
            out[-1]["sampled"] = True
    if late:
        clock.sampled("columns", len(few), len(rows), f"the time ran out; {late} of {len(out)} columns")
    return tuple(out)


def shown_classes(dataset: Dataset, rows: NDArray[np.int64], most: int = SHOWN_CLASSES) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return (n,) numbers of the most frequent classes, 0 the most frequent, -1 the rest, and their labels.

    Both are empty where there is no target.
    """
    if not dataset.classes:
        return np.zeros(0, dtype=np.int64), ()
    counts = np.bincount(dataset.y[rows], minlength=len(dataset.classes))
    order = np.argsort(-counts, kind="stable")[:most]
    order = order[counts[order] > 0]
    place = np.full(len(counts), -1)
    place[order] = np.arange(len(order))
    return place[dataset.y[rows]], tuple(dataset.classes[i] for i in order)


def describe_column(field: Field, column: Column, rows: NDArray[np.int64], classes: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, Any]:
    """Return the statistics of one column; `classes` (n_rows,) as from `shown_classes`."""
    values = column.values[rows]
    n = len(values)
    known = values >= 0 if column.kind == "coded" else np.isfinite(values)
    missing = n - int(np.count_nonzero(known))
    out: dict[str, Any] = {"name": field.name, "kind": field.kind, "missing": missing, "missing_share": missing / n if n else 0.0}
    if column.kind == "coded":
        counts = np.bincount(values[known] if missing else values, minlength=len(column.levels))
        if field.kind == "text":
            return out | {"distinct": int(np.count_nonzero(counts))}
        return out | _category(values, counts, column.levels, classes, labels)
    if column.kind == "number":
        out["infinite"] = int(np.count_nonzero(np.isinf(values))) if missing else 0
    if missing:
        values, classes = values[known], classes[known] if len(classes) else classes
    return out | _number(values, field.kind == "date", classes, labels)


def _number(values: NDArray[np.float64], date: bool, classes: NDArray[np.int64], labels: tuple[str, ...]) -> dict[str, Any]:
    if not len(values):
        return {"distinct": 0}
    if not date:
        values = np.clip(values, -FLOAT_MAX, FLOAT_MAX)  # powers of what lies beyond would overflow
    ordered = np.sort(values)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    low, first, quarter, median, three_quarters, last, high = (quantile(ordered, q) for q in (0, 0.01, 0.25, 0.5, 0.75, 0.99, 1))
    apart = bool((np.diff(np.linspace(low, high, BINS + 1)) > 0).all())  # else the numbers differ in their last bits only
    out: dict[str, Any] = {"distinct": len(starts)}
    if date:
        out |= {"min": day(low), "q25": day(quarter), "median": day(median), "q75": day(three_quarters), "max": day(high)}
    else:
        out |= {"min": low, "q01": first, "q25": quarter, "median": median, "q75": three_quarters, "q99": last, "max": high}
        out |= _moments(values, apart)
        zero = int(np.searchsorted(ordered, 0.0))
        out |= {"zeros": int(np.searchsorted(ordered, 0.0, "right")) - zero, "negative": zero, "whole": bool((values == np.floor(values)).all())}
        out["top"] = _frequent(ordered, starts)
    heavy = apart and high - low > HEAVY * (last - first) and bool((np.diff(np.linspace(first, last, BINS + 1)) > 0).all())
    edges = np.linspace(first, last, BINS + 1) if heavy else np.linspace(low, high, BINS + 1) if apart else np.array([low, high])
    counts = bin_counts(values, edges, classes, len(labels))
    out["histogram"] = counts[:, 1:-1].sum(axis=0).tolist()
    out["edges"] = [moment(e) for e in edges] if date else [float(e) for e in edges]
    if heavy:
        out |= {"below": int(counts[:, 0].sum()), "above": int(counts[:, -1].sum())}
    if labels:
        out["by_class"] = [{"class": label, "counts": counts[k, 1:-1].tolist()} for k, label in enumerate(labels)]
    return out


def known_numbers(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values that are known and finite, within what powers and sums can hold (that of the models, float32's)."""
    finite = np.isfinite(values)
    return np.clip(values if finite.all() else values[finite], -FLOAT_MAX, FLOAT_MAX)


def quantile(ordered: NDArray[np.float64], share: float) -> float:
    """Return a quantile of sorted values, interpolated linearly as numpy's default does."""
    place = share * (len(ordered) - 1)
    left = int(place)
    right = min(left + 1, len(ordered) - 1)
    return float(ordered[left] + (ordered[right] - ordered[left]) * (place - left))


def _moments(values: NDArray[np.float64], apart: bool) -> dict[str, Any]:
    """Return mean, standard deviation, skewness and excess kurtosis, all of the rows at hand (no correction for n)."""
    mean = float(values.mean())
    off = values - mean
    squares = off * off
    variance = float(squares.mean())
    shaped = apart and variance > 0
    return {
        "mean": mean, "std": float(np.sqrt(variance)),
        "skewness": float(squares @ off / len(values)) / variance**1.5 if shaped else None,
        "kurtosis": float(squares @ squares / len(values)) / variance**2 - 3 if shaped else None,
    }  # fmt: skip


def _frequent(ordered: NDArray[np.float64], starts: NDArray[np.int64]) -> list[list[Any]]:
    if len(starts) > len(ordered) - LEAST_NAMED + 1:
        return []
    sizes = np.diff(np.append(starts, len(ordered)))
    often = np.flatnonzero(sizes >= LEAST_NAMED)
    best = often[np.argsort(-sizes[often], kind="stable")[:TOP]]
    return [[float(ordered[starts[i]]), int(sizes[i])] for i in best]


def bin_counts(values: NDArray[np.float64], edges: NDArray[np.float64], classes: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Return (n_classes + 1, bins + 2) counts by class and bin of equal width, the last row those of no shown class, the first
    and last column those beyond the edges. A value on an edge is in the bin to its right, on the last edge in the last bin.
    """
    bins = len(edges) - 1
    low, high = edges[0], edges[-1]
    scale = bins / (high - low) if high > low else 0.0
    place = np.clip((values - low) * scale, 0, bins - 1).astype(np.int64)
    place -= values < edges[place]  # the product may round across an edge
    place += values >= np.append(edges[1:-1], np.inf)[place]
    place += 1
    place[values > high] = bins + 1
    if n_classes:
        place += (bins + 2) * np.where(classes < 0, n_classes, classes)
    return np.bincount(place, minlength=(n_classes + 1) * (bins + 2)).reshape(n_classes + 1, bins + 2)


def _category(
    codes: NDArray[np.int32], counts: NDArray[np.int64], levels: tuple[str, ...], classes: NDArray[np.int64], labels: tuple[str, ...]
) -> dict[str, Any]:
    often = np.flatnonzero(counts >= LEAST_NAMED)
    best = often[np.argsort(-counts[often], kind="stable")[:TOP]]
    distinct, shown = int(np.count_nonzero(counts)), counts[best]
    out: dict[str, Any] = {
        "distinct": distinct, "top": [[levels[i][:LONGEST_NAME], int(counts[i])] for i in best],
        "others": {"levels": distinct - len(best), "rows": int(counts.sum() - shown.sum())}, "rare_levels": distinct - len(often),
    }  # fmt: skip
    if labels:
        place = np.full(len(levels) + 1, len(best))
        place[best] = np.arange(len(best))
        joint = place[codes] * (len(labels) + 1) + np.where(classes < 0, len(labels), classes)
        table = np.bincount(joint, minlength=(len(best) + 1) * (len(labels) + 1)).reshape(len(best) + 1, -1)
        out["by_class"] = [{"class": label, "counts": table[:-1, k].tolist()} for k, label in enumerate(labels)]
    return out


def moment(seconds: float) -> str:
    """Return seconds since 1970 as a date and time, in UTC."""
    return str(np.datetime64(int(np.clip(seconds, -6e10, 2.5e11)), "s"))


def day(seconds: float) -> str:
    """Return seconds since 1970 as a date, in UTC."""
    return str(np.datetime64(int(np.clip(seconds, -6e10, 2.5e11)), "s").astype("datetime64[D]"))

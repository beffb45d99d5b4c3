"""Columns of dates: steps, gaps, repeats, the future, the order of the rows, and whether the target drifts with time."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.eda.columns import moment, shown_classes
from automl.eda.pairs import table_v
from automl.eda.ranks import midranks

PERIODS = 10
MOST_PERIODS = 60
ORDER_ROWS = 50_000
UNITS = {"day": 86400.0, "hour": 3600.0, "minute": 60.0, "second": 1.0}
CALENDAR = ("h", "D", "M", "Y")  # numpy's words for hour, day, month, year


def describe_dates(dataset: Dataset, rows: NDArray[np.int64], clock: Clock, now: float | None = None) -> dict[str, Any]:
    """Return `columns`, one mapping per date column, exact on the given rows but for the order, which is of a sample.

    `now` in seconds since 1970 tells what is the future; the clock of this machine when left out.
    """
    names = [f.name for f in dataset.fields if f.kind == "date"]
    today = time.time() if now is None else now
    out: list[dict[str, Any]] = []
    for name in names:
        if clock.left() <= 0:
            return {"columns": out, "columns_skipped": f"the time ran out after {len(out)} of {len(names)} dates"}
        out.append({"column": name} | describe_date(dataset, name, rows, today))
    if names:
        clock.sampled("order of dates", min(ORDER_ROWS, len(rows)), len(rows), "a rank correlation changes little with more rows")
    return {"columns": out}


def describe_date(dataset: Dataset, name: str, rows: NDArray[np.int64], now: float) -> dict[str, Any]:
    """Return what one column of dates is like; moments are in UTC, lengths of time in seconds."""
    values = dataset.table.columns[name].values[rows]
    present = np.isfinite(values)
    known = values[present]
    if not len(known):
        return {"rows": 0}
    ordered = np.sort(known)
    every = np.diff(ordered)
    steps = every[every > 0]
    out: dict[str, Any] = {
        "rows": len(known), "min": moment(ordered[0]), "max": moment(ordered[-1]), "granularity": granularity(known),
        "duplicates_share": 1 - (len(steps) + 1) / len(known),
    }  # fmt: skip
    if len(steps):
        widest = int(every.argmax())
        out |= {"step_median": float(np.median(steps)), "gap_largest": float(steps.max())}
        out |= {"gap_from": moment(ordered[widest]), "gap_to": moment(ordered[widest + 1])}
    ahead = len(known) - int(np.searchsorted(ordered, now, "right"))
    out |= {"future": ahead, "future_share": ahead / len(known)} | _order(values) | {"periods": calendar_counts(ordered)}
    if dataset.classes:
        out["drift"] = class_drift(dataset, rows[present], known, ordered)
    return out


def granularity(seconds: NDArray[np.float64]) -> str:
    """Return the coarsest of day, hour, minute and second that all moments are whole in, or `fraction`."""
    some = seconds[:1000]  # mostly tell already
    return next((name for name, unit in UNITS.items() if (np.mod(some, unit) == 0).all() and (np.mod(seconds, unit) == 0).all()), "fraction")


def _order(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return whether the rows stand in the order of time, and the rank correlation of time with the row number."""
    known = values[np.isfinite(values)]
    steps = np.diff(known)
    word = "same" if not steps.any() else "ascending" if (steps >= 0).all() else "descending" if (steps <= 0).all() else "none"
    few = known[sample(np.arange(len(known)), ORDER_ROWS)]
    if word == "same" or len(few) < 3 or few.min() == few.max():
        return {"order": word, "order_correlation": None}
    return {"order": word, "order_correlation": round(float(np.corrcoef(midranks(few), np.arange(len(few)))[0, 1]), 4)}


def calendar_counts(ordered: NDArray[np.float64]) -> dict[str, Any]:
    """Return rows by hour, day, month or year, the finest with at most 60 periods, empty periods included; by runs of years
    where even those are more. `starts` are where the periods begin.
    """
    stamps = np.clip(ordered, -6e10, 2.5e11).astype(np.int64).astype("datetime64[s]")
    for unit in CALENDAR:
        if int((stamps[-1].astype(f"datetime64[{unit}]") - stamps[0].astype(f"datetime64[{unit}]")).astype(np.int64)) < MOST_PERIODS or unit == CALENDAR[-1]:
            break
    places = stamps.astype(f"datetime64[{unit}]").astype(np.int64)
    width = (int(places[-1] - places[0]) + 1 + MOST_PERIODS - 1) // MOST_PERIODS
    counts = np.bincount((places - places[0]) // width)
    starts = (places[0] + width * np.arange(len(counts))).astype(f"datetime64[{unit}]")
    words = {"h": "hour", "D": "day", "M": "month", "Y": "year" if width == 1 else f"{width} years"}
    return {"unit": words[unit], "starts": [str(s) for s in starts], "counts": counts.tolist()}


def class_drift(dataset: Dataset, rows: NDArray[np.int64], values: NDArray[np.float64], ordered: NDArray[np.float64]) -> dict[str, Any]:
    """Return shares of the classes over ten periods of about equal size, and how much period and class are associated
    (Cramér's V, corrected for chance); `rows` (n,) and `values` (n,) without missing ones, `ordered` the values sorted.
    """
    edges = np.unique(ordered[(np.arange(PERIODS) * len(ordered)) // PERIODS])
    place = np.searchsorted(edges, values, "right") - 1
    classes, labels = shown_classes(dataset, rows)
    every = np.bincount(place * len(dataset.classes) + dataset.y[rows], minlength=len(edges) * len(dataset.classes)).reshape(len(edges), -1)
    v = table_v(every)
    size = every.sum(axis=1)
    by_class = [np.bincount(place[classes == k], minlength=len(edges)) / size for k in range(len(labels))]
    shares = [{"class": label, "shares": [round(float(s), 4) for s in found]} for label, found in zip(labels, by_class, strict=True)]
    return {"starts": [moment(e) for e in edges], "rows": size.tolist(), "classes": shares, "v": None if np.isnan(v) else round(v, 4)}

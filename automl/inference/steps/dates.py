"""The step on dates: parts as numbers, and those that come round again also as points on a circle."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays
from automl.inference.table import Column, Floats

Step = dict[str, Any]
Out = NDArray[np.float32]

DATE_PARTS = ("year", "month", "day", "weekday", "hour", "days")
PERIODS = {"month": 12, "weekday": 7, "hour": 24}
WAVES = {name: [wave(2 * np.pi * np.arange(n + 1) / n) for wave in (np.sin, np.cos)] for name, n in PERIODS.items()}


def parts_of(seconds: Floats, wanted: Sequence[str]) -> dict[str, Floats]:
    """Return parts of dates by name: year, month (1 to 12), day, weekday (Monday is 0), hour and days since 1970; NaN where missing."""
    missing = ~np.isfinite(seconds)
    stamp = np.floor(np.where(missing, 0, seconds)).astype("datetime64[s]")
    days = stamp.astype("datetime64[D]")
    months = stamp.astype("datetime64[M]") if {"month", "day"} & set(wanted) else None
    out: dict[str, Floats] = {}
    for name in wanted:
        if name == "year":
            part = stamp.astype("datetime64[Y]").astype(np.int64) + 1970
        elif name == "month" and months is not None:
            part = months.astype(np.int64) % 12 + 1
        elif name == "day" and months is not None:
            part = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
        elif name == "weekday":
            part = (days.astype(np.int64) + 3) % 7
        elif name == "hour":
            part = stamp.astype(np.int64) // 3600 % 24
        else:
            part = days.astype(np.int64)
        out[name] = part.astype(np.float64)
        out[name][missing] = np.nan
    return out


def date_parts(seconds: Floats) -> list[Floats]:
    """Return all of DATE_PARTS, in order."""
    return list(parts_of(seconds, DATE_PARTS).values())


def write_date(out: Out, step: Step, columns: Sequence[Column], arrays: Arrays) -> None:
    """Write the parts, filled and scaled where the step has scales, then sine and cosine of the cyclic ones.

    A missing date stands in the middle of the circle where the step has scales; it is NaN elsewhere.
    """
    wanted, cyclic = step.get("parts", DATE_PARTS), step.get("cyclic", ())
    parts = parts_of(columns[0].values, [*wanted, *(name for name in cyclic if name not in wanted)])
    for i, name in enumerate(wanted):
        part = parts[name]
        out[:, i] = (np.where(np.isfinite(part), part, step["fill"][i]) - step["centre"][i]) / step["scale"][i] if "fill" in step else part
    for i, name in enumerate(cyclic):
        missing = np.isnan(parts[name])
        place = np.where(missing, 0, parts[name]).astype(np.int64)
        for k, wave in enumerate(WAVES[name]):
            out[:, len(wanted) + 2 * i + k] = np.where(missing, 0.0 if "fill" in step else np.nan, wave[place])


def names_date(step: Step) -> list[str]:
    """Return the names of the parts."""
    return [f"{step['column']} {part}" for part in step.get("parts", DATE_PARTS)] + [
        f"{step['column']} {part} ({wave})" for part in step.get("cyclic", ()) for wave in ("sine", "cosine")
    ]

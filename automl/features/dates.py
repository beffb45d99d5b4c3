"""Fits the step on dates: the parts that vary, and which of them stand on a circle."""

from typing import Any

import numpy as np

from automl.features.numbers import centre_and_scale
from automl.features.recipe import DateOptions
from automl.inference.features import DATE_PARTS
from automl.inference.steps.dates import PERIODS, parts_of
from automl.inference.table import Floats

Step = dict[str, Any]


def fit_date(name: str, seconds: Floats, options: DateOptions, scaled: bool) -> Step:
    """Return the step of a date (n_rows,) in seconds since 1970."""
    parts = parts_of(seconds, options.parts or DATE_PARTS)
    if options.parts is None:
        parts = {part: values for part, values in parts.items() if _varies(values)}
    cyclic = scaled if options.cyclic is None else options.cyclic
    step: Step = {"kind": "date", "column": name, "parts": list(parts), "cyclic": [part for part in parts if part in PERIODS] if cyclic else []}
    if scaled:
        facts = [centre_and_scale(values) for values in parts.values()]
        step |= {key: [fact[i] for fact in facts] for i, key in enumerate(("fill", "centre", "scale"))}
    return step


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return len(known) > 0 and bool(known.min() < known.max())

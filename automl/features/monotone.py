"""Which matrix columns keep the order of a number, so that a constraint on the number is one on them."""

from collections.abc import Mapping
from typing import Any

from automl.inference.features import Features, columns_of
from automl.inference.forms import Form

KEEPS_ORDER = ("raw", "number", "rank", "deviation")
"""Kinds of step whose first matrix column rises with the number: as it is, scaled, ranked, less the mean of its level."""


def signs(form: Form, wanted: Mapping[str, int]) -> tuple[int, ...]:
    """Return one sign per matrix column, as Context.monotone takes them; `wanted` has 1 or -1 by name of a number.

    A column that says where a number was missing is free: a missing value has no place in the order. Empty where nothing is
    wanted. Raises ValueError where a step loses the order of a wanted number, as then no sign of a column keeps it.
    """
    if not wanted:
        return ()
    features = Features(form)
    steps: list[dict[str, Any]] = form.config["steps"]
    out = [0] * features.n_columns
    for i, first, _ in features.places():
        asked = [name for name in columns_of(steps[i]) if name in wanted]
        if asked and steps[i]["kind"] not in KEEPS_ORDER:
            raise ValueError(f"the order of `{asked[0]}` is lost in a step of kind {steps[i]['kind']}")
        if asked:
            out[first] = wanted[asked[0]]
    kept = form.arrays.get("select")
    return tuple(out if kept is None else (out[at] for at in kept.tolist()))

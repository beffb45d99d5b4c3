"""What `task.costs` must look like whatever the data: two kinds of error, or each true class taken for another; no class is known here."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from automl.errors import did_you_mean

KINDS = ("false_positive", "false_negative")
EXAMPLE = "costs: {false_positive: 1, false_negative: 8}"

Fault = tuple[tuple[str, ...], str, str]
"""Path from `costs` down, message, label."""


def cost_faults(costs: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with costs in themselves: keys, numbers, and that some error costs something."""
    if not costs:
        return [((), "`costs` is empty", EXAMPLE)]
    nested = [isinstance(value, Mapping) for value in costs.values()]
    found = list(_kinds(costs)) if not any(nested) else list(_classes(costs))
    if not found and not any(value > 0 for _, value in cells(costs)):
        found.append(((), "no error costs anything", "a cost above 0 is needed, or there is nothing to choose by"))
    return found


def cells(costs: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (path, value) of every cost."""
    for name, value in costs.items():
        if isinstance(value, Mapping):
            yield from (((name, str(inner)), v) for inner, v in value.items())
        else:
            yield (name,), value


def _kinds(costs: Mapping[str, Any]) -> Iterator[Fault]:
    for name in costs:
        if name not in KINDS:
            near = did_you_mean(name, KINDS)
            label = f"did you mean `{near}`?" if near else "false_positive and false_negative; for more classes, a mapping for each true class"
            yield (name,), f"`{name}` is not a kind of error", label
    for name in KINDS:
        if name not in costs:
            yield (), f"`{name}` is missing in `costs`", EXAMPLE
    yield from _numbers(costs)


def _classes(costs: Mapping[str, Any]) -> Iterator[Fault]:
    for name, value in costs.items():
        if not isinstance(value, Mapping):
            yield (name,), f"`{name}` takes the cost of each class it may be taken for", "for example {other_class: 1}"
    yield from _numbers({name: value for name, value in costs.items() if isinstance(value, Mapping)})


def _numbers(costs: Mapping[str, Any]) -> Iterator[Fault]:
    for path, value in cells(costs):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            yield path, f"`{value}` is not a cost", "a number from 0 up, in whatever unit"

"""`constraints.quality` against the metric: the bound must be on its side, and within what the metric can reach."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from automl.spec.sections.constraints import Quality

if TYPE_CHECKING:
    from automl.metrics import Metric


@dataclass(frozen=True)
class QualityFault:
    """What is wrong with a bound: `path` leads to it from `quality` down, `key` is the key it should stand under, where that is it."""

    path: tuple[str, ...]
    message: str
    label: str
    key: str = ""


def quality_fault(asked: Quality, metric: "Metric") -> QualityFault | None:
    """Return why a metric cannot be held against this bound, or None."""
    right, wrong = ("min", "max") if metric.greater_is_better else ("max", "min")
    bound = asked.asked(metric.greater_is_better)
    if bound is None:
        better = "higher" if metric.greater_is_better else "lower"
        return QualityFault((wrong,), f"`{metric.name}` is better the {better} it is, so `quality` takes `{right}`, not `{wrong}`", f"write {right}", right)
    alone = asked.min == asked.max
    if metric.greater_is_better and metric.bounded and bound > 1:
        hint = f"{bound / 100:g} for {bound:g} %" if bound <= 100 else "a number below 1"
        return QualityFault(() if alone else (right,), f"no model can reach {metric.name} {bound:g}: the best there is is 1", hint)
    if not metric.greater_is_better and bound < 0:
        return QualityFault(() if alone else (right,), f"no model can reach {metric.name} {bound:g}: the best there is is 0", "a number above 0")
    return None

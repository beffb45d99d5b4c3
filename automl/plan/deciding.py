"""`task.calibrate` and `task.threshold` resolved: what will be done with probabilities, and which class a row is given."""

from collections.abc import Callable, Sequence
from typing import Any

from automl.metrics import Costs, Metric
from automl.plan.fault import spec_error
from automl.spec.model import Spec


def resolve_deciding(
    spec: Spec, classes: Sequence[str], positive: int, metric: Metric, costs: Costs, decide: Callable[[str, Any, str], Any]
) -> float | None:  # fmt: skip
    """Return the threshold that is asked for, None where it is chosen; `decide` takes down what will be done and why.

    Raises SpecError for a threshold where there are not two classes.
    """
    goal = spec.goal
    if goal.calibrate == "auto":
        curves = "" if metric.ranks else "; a curve where rows are plenty and it is clearly better"
        decide("task.calibrate", "auto", f"one temperature, kept where it lowers the log loss out of fold beyond noise{curves}")
    else:
        decide("task.calibrate", goal.calibrate, "asked for" if goal.calibrate == "none" else "asked for; fitted on out-of-fold rows")
    if isinstance(goal.threshold, float):
        if len(classes) != 2:
            why = f"`threshold` is for two classes, and the target has {len(classes)}"
            raise spec_error(spec, ("task", "threshold"), why, "remove it, or say with `costs` what each error costs")
        return float(decide("task.threshold", goal.threshold, f"asked for; above it `{classes[positive]}` is answered"))
    if costs:
        decide("task.threshold", "from the costs", "each row is given the class that is cheapest in expectation")
    elif metric.of_codes is None:
        most = "0.5" if len(classes) == 2 else "the most probable class"
        what = "the order of probabilities" if metric.ranks else "probabilities"
        decide("task.threshold", most, f"{metric.name} judges {what}, whatever is decided from them")
    else:
        decide("task.threshold", "auto", f"chosen for {metric.name} out of fold, where that gains enough on folds it was not chosen on")
    return None

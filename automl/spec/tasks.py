"""The three tasks: one discriminated union on `task.type`, each branch with its own keys."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, field_validator

from automl.spec.keys import REQUIRED, Names, Real, Section, Text, key
from automl.spec.sections.clustering import Clustering
from automl.spec.sections.reduction import DimensionalityReduction
from automl.spec.sections.task_types import TYPES
from automl.spec.units import FixableError, cutoff
from automl.spec.values import suggest_value

LABELS = ("target", "compare_with", "color_by")
"""Keys of tasks that name a column of labels; of a task without a target they are looked at only afterwards."""


class Classification(Section):
    """One class per row."""

    type: Literal["classification"] = key(REQUIRED, "What is asked of the data.", example="classification", values=TYPES)
    target: Text = key(REQUIRED, "Column to predict.", example="churned")
    positive_class: Text | None = key(None, "Class that counts as positive, for two classes.", example="yes", auto="the rarer one")
    metric: str = key("auto", "Score to optimise.", example="average_precision", auto="roc_auc for two classes, log_loss for more")
    also_report: Names = key(list, "Further metrics to report.", example=["accuracy"])
    costs: dict[Text, Any] | None = key(
        None,
        "Cost of each kind of error, for the metric `cost`: of the two kinds for two classes, else of each true class taken for another.",
        example={"false_positive": 1, "false_negative": 8},
    )
    balance: Literal["auto", "none", "weights"] | dict[Text, Real] = key(
        "auto", "Whether rows of rare classes weigh more in a fit; or a weight per class.", example="weights", auto="none: weights bend the probabilities",
        values={"auto": "decided", "none": "each row weighs the same", "weights": "each class weighs the same"},
    )  # fmt: skip
    calibrate: Literal["auto", "none", "temperature", "isotonic"] = key(
        "auto", "How probabilities are corrected, fitted on out-of-fold rows.", example="none",
        auto="temperature where that lowers the log loss beyond noise and costs the metric nothing; "
        "isotonic where it is clearly better still, each class has 1,000 rows and the metric is no ranking",
        values={
            "auto": "decided out of fold", "none": "as the model gives them", "temperature": "one number makes all of them bolder or more careful",
            "isotonic": "a rising curve for each class; needs many rows, and makes some rows equal",
        },
    )  # fmt: skip
    threshold: Annotated[Literal["auto"] | float, BeforeValidator(cutoff)] = key(
        "auto", "Probability above which the positive class is predicted, for two classes.", example=0.3,
        auto="from `costs` where they are given; chosen out of fold for a metric that judges the predicted class, "
        "where that gains enough on folds it was not chosen on; else 0.5",
    )  # fmt: skip

    @field_validator("metric", "also_report")
    @classmethod
    def _known_metric(cls, value: Any) -> Any:
        from automl.metrics import METRICS

        known = METRICS.names("classification")
        for name in [value] if isinstance(value, str) else value:
            if name not in known and (name != "auto" or not isinstance(value, str)):
                near = suggest_value(name, known)
                hint = f"; did you mean `{near}`?" if near else ""
                raise FixableError(f"`{name}` is not a metric of classification{hint} known: {', '.join(known)}", near if isinstance(value, str) else "")
        return value


def _task_short(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


Task = Annotated[Classification | Clustering | DimensionalityReduction, Discriminator("type"), BeforeValidator(_task_short)]
BRANCHES: dict[str, type[Section]] = {"classification": Classification, "clustering": Clustering, "dimensionality_reduction": DimensionalityReduction}

__all__ = ["BRANCHES", "LABELS", "TYPES", "Classification", "Clustering", "DimensionalityReduction", "Task"]

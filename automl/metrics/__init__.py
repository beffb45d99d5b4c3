"""Metrics by scikit-learn's names: what each measures, which direction is better, and a numpy function that is fast
enough to bootstrap.

An outside package adds its own by the entry-point group `automl.metrics`, each named "task.name" and leading to a Metric.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from automl.metrics import labels
from automl.metrics.probabilities import average_precision, brier_score, log_loss, roc_auc, top_2_accuracy
from automl.registry import Registry

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Proba = NDArray[np.float64]

Costs = tuple[tuple[float, ...], ...]
"""Costs[true][predicted], class codes both; none: empty."""


@dataclass(frozen=True)
class Metric:
    """A score in the metric's own sign, never negated.

    `score(y, proba, positive)`: y (n_rows,) class codes; proba (n_rows, n_classes); positive, the code that counts as
    positive where there are two classes. `bounded` metrics lie within fixed ends not far from 0 and 1, so drops of them are
    absolute. `with_costs` makes (score, of_codes) of a metric that depends on what errors cost; such a one is had from `metric_of`.

    A metric that judges the class that is decided on says so by `of_codes(y, codes, n_classes, positive)`, `codes` (n_rows,) the
    decided classes; `of_counts(hits, actual, predicted, positive)` is the same of counts per class (..., n_classes), many cases
    at once: how many rows are predicted right, are there, and are predicted. `ranks`: only the order of probabilities matters.
    `weighs`: `score` and `of_codes` take the weights (n_rows,) of the rows, or None, as their last argument.
    """

    name: str
    summary: str
    greater_is_better: bool
    bounded: bool
    score: "Callable[..., float]"
    two_classes_only: bool = False
    least_classes: int = 2
    with_costs: "Callable[[Costs], tuple[Callable[..., float], Callable[..., float]]] | None" = None
    of_codes: "Callable[..., float] | None" = None
    of_counts: "Callable[[Proba, Proba, Proba, int], Any] | None" = None
    ranks: bool = False
    weighs: bool = False

    def weighed(self, y: "Codes", proba: "Proba", positive: int, weight: "Proba | None") -> float:
        """Return the score of rows that count as much as `weight` (n_rows,) says; None: all alike."""
        return float(self.score(y, proba, positive) if weight is None else self.score(y, proba, positive, weight))

    def better(self, first: float, second: float) -> bool:
        """Return whether `first` is strictly better than `second`."""
        return first > second if self.greater_is_better else first < second

    def gain(self, first: float, second: float) -> float:
        """Return by how much `first` is better than `second` (negative: worse), in the metric's unit."""
        return first - second if self.greater_is_better else second - first

    def loss_of(self, reference: float, value: float) -> float:
        """Return by how much `value` is worse than `reference` (negative: better); relative for unbounded metrics."""
        worse = self.gain(reference, value)
        return worse if self.bounded else worse / max(abs(reference), 1e-12)

    def why_not(self, n_classes: int) -> str:
        """Return why the metric does not suit a target of so many classes, or an empty string."""
        if self.two_classes_only and n_classes > 2:
            return f"`{self.name}` is for two classes, and the target has {n_classes}"
        return f"`{self.name}` needs {self.least_classes} classes or more, and the target has {n_classes}" if n_classes < self.least_classes else ""


METRICS: Registry[Metric] = Registry("metric", group="automl.metrics")


def metric_of(task: str, name: str, costs: Costs = ()) -> Metric:
    """Return a metric, one that depends on costs with these. Raises UsageError for an unknown name."""
    metric = METRICS.get(task, name)
    if metric.with_costs is None or not costs:
        return metric
    score, of_codes = metric.with_costs(costs)
    return replace(metric, score=score, of_codes=of_codes)


class Decides(Protocol):
    """What gives each row its class (see automl.inference.decision)."""

    def codes(self, proba: "Proba") -> "Codes":
        """Return (n_rows,) class codes of calibrated probabilities (n_rows, n_classes)."""
        ...


def decided(metric: Metric, decision: Decides) -> Metric:
    """Return the metric as it judges under a decision: one of labels scores the classes that are decided on, any other is as it was.

    Its `score` takes calibrated probabilities.
    """
    of_codes = metric.of_codes
    if of_codes is None:
        return metric

    def score(y: "Codes", proba: "Proba", positive: int, weight: "Proba | None" = None) -> float:
        codes = decision.codes(proba)
        return of_codes(y, codes, proba.shape[1], positive) if weight is None else of_codes(y, codes, proba.shape[1], positive, weight)

    return replace(metric, score=score)


def why_broken(metric: Metric, n_classes: int) -> str:
    """Return why a metric gives no score for some good answers, or an empty string; for those of other packages, before anything is trained."""
    import numpy as np

    y = np.arange(4 * n_classes) % n_classes
    proba = 0.1 / n_classes + 0.9 * np.eye(n_classes)[y]
    try:
        score = float(metric.score(y, proba, 1))
    except Exception as fault:  # code of another package can raise anything
        return f"{type(fault).__name__}: {fault}".splitlines()[0][:200]
    return "" if np.isfinite(score) else f"its score is {score}"


def _of_labels(name: str, summary: str, of_counts: "labels.OfCounts", two_classes_only: bool = False) -> Metric:
    of_codes = labels.by_counts(of_counts)
    return Metric(name, summary, True, True, labels.by_proba(of_codes), two_classes_only, of_codes=of_codes, of_counts=of_counts, weighs=True)


POSITIVE = "of the positive class"
MICRO = "of all decisions together: with one class per row, the share predicted right"
BY_ROWS = "averaged over the classes, each by its rows"
ROC_AUC = Metric("roc_auc", "how well the classes are ranked apart", True, True, roc_auc, ranks=True, weighs=True)
LOG_LOSS = Metric("log_loss", "how far the probabilities are from the truth, in nats", False, False, log_loss, weighs=True)
ACCURACY = _of_labels("accuracy", "share of rows predicted right", labels.accuracy)
BALANCED_ACCURACY = _of_labels("balanced_accuracy", "mean recall over the classes", labels.balanced_accuracy)
F1 = _of_labels("f1", f"balance of precision and recall {POSITIVE}", labels.of_class("f1"), two_classes_only=True)
F1_MACRO = _of_labels("f1_macro", "F1 averaged over the classes", labels.macro("f1"))
AVERAGE_PRECISION = Metric(
    "average_precision", "precision averaged over recall, positive class", True, True, average_precision, two_classes_only=True, ranks=True, weighs=True
)
F1_MICRO = _of_labels("f1_micro", f"F1 {MICRO}", labels.accuracy)
F1_WEIGHTED = _of_labels("f1_weighted", f"F1 {BY_ROWS}", labels.weighted("f1"))
PRECISION = _of_labels("precision", "share of rows predicted positive that are", labels.of_class("precision"), two_classes_only=True)
PRECISION_MICRO = _of_labels("precision_micro", f"precision {MICRO}", labels.accuracy)
PRECISION_MACRO = _of_labels("precision_macro", "precision averaged over the classes", labels.macro("precision"))
PRECISION_WEIGHTED = _of_labels("precision_weighted", f"precision {BY_ROWS}", labels.weighted("precision"))
RECALL = _of_labels("recall", "share of positive rows that are predicted so", labels.of_class("recall"), two_classes_only=True)
RECALL_MICRO = _of_labels("recall_micro", f"recall {MICRO}", labels.accuracy)
RECALL_MACRO = _of_labels("recall_macro", "recall averaged over the classes", labels.macro("recall"))
RECALL_WEIGHTED = _of_labels("recall_weighted", f"recall {BY_ROWS}", labels.weighted("recall"))
BRIER_SCORE = Metric("brier_score", "squared error of the probabilities", False, True, brier_score, weighs=True)
COHEN_KAPPA = _of_labels("cohen_kappa", "agreement with the truth beyond chance", labels.cohen_kappa)
MATTHEWS_CORRCOEF = _of_labels("matthews_corrcoef", "correlation of the predicted class with the true one", labels.matthews_corrcoef)
TOP_K_ACCURACY = Metric(
    "top_k_accuracy", "share of rows whose class is among the two most probable", True, True, top_2_accuracy, least_classes=3, ranks=True, weighs=True
)
COST = Metric("cost", "mean cost of a row, each decided as is cheapest in expectation", False, False, labels.no_costs, with_costs=labels.cost, weighs=True)
for _metric in (
    "roc_auc", "log_loss", "accuracy", "balanced_accuracy", "f1", "f1_macro", "average_precision",
    "f1_micro", "f1_weighted", "precision", "precision_micro", "precision_macro", "precision_weighted",
    "recall", "recall_micro", "recall_macro", "recall_weighted", "brier_score", "cohen_kappa", "matthews_corrcoef", "top_k_accuracy", "cost",
):  # fmt: skip
    METRICS.add("classification", _metric, f"automl.metrics:{_metric.upper()}")

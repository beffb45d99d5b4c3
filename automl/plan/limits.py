"""What the winner must keep, resolved: bounds in plain units, against the metric, the classes and the groups of the data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from automl.data.columns import fail
from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.metrics import Metric
from automl.plan.fault import spec_error
from automl.spec.model import Spec
from automl.spec.quality import quality_fault
from automl.spec.units import human_bytes, human_milliseconds

LEAST_GROUP = 30  # rows that a rate of a group is of; of fewer it is shown and not judged
NAMES = ("model_size", "latency", "quality", "interpretable", "fairness")


@dataclass(frozen=True)
class Fair:
    """`metric` is what is compared between the groups of `column`, `max_gap` the largest difference."""

    column: str
    metric: str
    max_gap: float


@dataclass(frozen=True)
class Limits:
    """What the winner must keep: bytes of the artifact, ms of a call of `rows` rows at a percentile, a score, groups treated alike.

    None where nothing is asked. `interpretable` is no, prefer or require. `soft` names what is only wished for.
    """

    size_bytes: int | None = None
    latency_ms: float | None = None
    rows: int = 1
    percentile: float = 95.0
    quality: float | None = None
    interpretable: str = "no"
    fair: Fair | None = None
    soft: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """Return the names of what is asked for, `interpretable: prefer` among them."""
        given = (self.size_bytes is not None, self.latency_ms is not None, self.quality is not None, self.interpretable != "no", self.fair is not None)
        return tuple(name for name, there in zip(NAMES, given, strict=True) if there)

    @property
    def hard(self) -> tuple[str, ...]:
        """Return the names of what fails the run where it is not kept."""
        return tuple(name for name in self.asked if name not in self.soft)


def resolve_limits(spec: Spec, dataset: Dataset, split: Split, metric: Metric, decide: Callable[[str, Any, str], Any]) -> Limits:
    """Return the limits of a spec.

    Raises SpecError for a quality that the metric cannot be held against and for groups of more than two classes, DataError
    where no two groups of the training rows are large enough to be compared.
    """
    asked = spec.constraints
    quality = None
    if asked.quality is not None:
        if fault := quality_fault(asked.quality, metric):
            raise spec_error(spec, ("constraints", "quality", *fault.path), fault.message, fault.label)
        quality = asked.quality.asked(metric.greater_is_better)
        decide("constraints.quality", f"{metric.name} {'at least' if metric.greater_is_better else 'at most'} {quality:g}", "asked for, of the reported score")
    fair = None
    if asked.fairness is not None:
        fair = Fair(asked.fairness.column, asked.fairness.metric, asked.fairness.max_gap)
        because = _groups(spec, dataset, split, fair)
        decide("constraints.fairness", f"{fair.metric} between groups of `{fair.column}`, gap at most {fair.max_gap:g}", because)
    if asked.model_size is not None:
        decide("constraints.model_size", f"at most {human_bytes(asked.model_size.max)}", "asked for; measured on the packed artifact")
    if asked.latency is not None:
        rows = "one row" if asked.latency.rows == 1 else f"{asked.latency.rows:,} rows"
        value = f"at most {human_milliseconds(asked.latency.max)} for {rows}, {asked.latency.percentile:g} % of the calls"
        decide("constraints.latency", value, "asked for; measured on the packed artifact, one thread")
    if asked.interpretable == "prefer":
        decide("constraints.interpretable", "prefer", "a model that a person can follow ships where it is as good, out of fold")
    given = {"model_size": asked.model_size, "latency": asked.latency, "quality": asked.quality, "fairness": asked.fairness}
    soft = tuple(name for name, one in given.items() if one is not None and not one.hard) + (("interpretable",) if asked.interpretable == "prefer" else ())
    latency = asked.latency
    return Limits(
        None if asked.model_size is None else asked.model_size.max, None if latency is None else latency.max, 1 if latency is None else latency.rows,
        95.0 if latency is None else float(latency.percentile), quality, asked.interpretable, fair, soft,
    )  # fmt: skip


def _groups(spec: Spec, dataset: Dataset, split: Split, fair: Fair) -> str:
    """Return the sentence on the groups that are compared. Raises as `resolve_limits` does."""
    path = ("constraints", "fairness")
    if len(dataset.classes) > 2:
        problem = f"`{fair.metric}` compares how often the positive class of two is predicted, and the target has {len(dataset.classes)} classes"
        raise spec_error(spec, (*path, "metric"), problem, "leave `fairness` out, or make the target two classes")
    groups = dataset.groups
    assert groups is not None, "the data are read with the column of the groups"
    codes, y = groups.codes[split.train], dataset.y[split.train]
    about = y == dataset.positive if fair.metric == "equal_opportunity" else np.ones(len(y), dtype=bool)
    counts = np.bincount(codes[about], minlength=len(groups.names))
    judged = [groups.names[i] for i in np.argsort(-counts, kind="stable") if counts[i] >= LEAST_GROUP]
    if len(judged) < 2:
        what = "positive rows" if fair.metric == "equal_opportunity" else "rows"
        problem = f"no two groups of `{fair.column}` have {LEAST_GROUP} {what} to learn from; the largest has {counts.max(initial=0)}"
        raise fail(spec, "D311", (*path, "column"), problem, "name a column with few, larger groups")
    shown = ", ".join(judged[:6]) + (f" and {len(judged) - 6} more" if len(judged) > 6 else "")
    few = len(groups.names) - len(judged)
    return f"asked for; groups: {shown}" + (f"; {few} too small to be judged" if few else "")

"""What a task asks of a fold: its score, and the baseline that a model must beat; one entry per task."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form
from automl.metrics import Costs, metric_of
from automl.registry import Registry


@dataclass(frozen=True)
class Objective:
    """What a task asks of models.

    `score(metric, y, output, positive, costs, weight)` is in the metric's own sign, `weight` (n_rows,) how much each row counts or
    None; `baseline(y, n_outputs, weight)` a form that needs no features; `fault(output, n_rows, n_outputs)` says what is wrong with
    an answer to so many rows, or is empty.
    """

    score: Callable[..., float]
    baseline: Callable[..., Form]
    fault: Callable[[NDArray[Any], int, int], str]


SUM_WITHIN = 1e-3  # of one, that the probabilities of a row must sum to; single precision is off by far less

OBJECTIVES: Registry[Objective] = Registry("objective")


def _score_classes(
    metric: str, y: NDArray[np.int64], output: NDArray[Any], positive: int, costs: Costs = (), weight: NDArray[np.float64] | None = None
) -> float:  # fmt: skip
    return metric_of("classification", metric, costs).weighed(y, output.astype(np.float64), positive, weight)


def _prior(y: NDArray[np.int64], n_outputs: int, weight: NDArray[np.float64] | None = None) -> Form:
    counts = np.bincount(y, weight, n_outputs)
    share = counts / counts.sum() if counts.sum() > 0 else np.full(n_outputs, 1 / n_outputs)
    return Form("constant", {"n_outputs": n_outputs}, {"output": share.astype(np.float32)})


def _not_probabilities(output: NDArray[Any], n_rows: int, n_outputs: int) -> str:
    if np.shape(output) != (n_rows, n_outputs):
        return f"the model answered with shape {np.shape(output)}, not ({n_rows}, {n_outputs}): a probability per row and class"
    if not np.isfinite(output).all():
        return f"the model answered {int((~np.isfinite(output).all(axis=1)).sum())} of {n_rows} rows with probabilities that are not numbers"
    off = float(np.abs(output.sum(axis=1, dtype=np.float64) - 1).max(initial=0.0))
    if off > SUM_WITHIN or output.min(initial=0.0) < -SUM_WITHIN:
        return f"the model answered with probabilities that are below 0 or do not sum to 1 (off by up to {off:.3g})"
    return ""


CLASSIFICATION = Objective(_score_classes, _prior, _not_probabilities)
OBJECTIVES.add("classification", "classification", "automl.search.objectives:CLASSIFICATION")

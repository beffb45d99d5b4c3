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
    """`score(metric, y, output, positive, costs)` in the metric's own sign; `baseline(y, n_outputs)` a form that needs no features."""

    score: Callable[[str, NDArray[np.int64], NDArray[Any], int, Costs], float]
    baseline: Callable[[NDArray[np.int64], int], Form]


OBJECTIVES: Registry[Objective] = Registry("objective")


def _score_classes(metric: str, y: NDArray[np.int64], output: NDArray[Any], positive: int, costs: Costs = ()) -> float:
    return metric_of("classification", metric, costs).score(y, output.astype(np.float64), positive)


def _prior(y: NDArray[np.int64], n_outputs: int) -> Form:
    share = np.bincount(y, minlength=n_outputs) / len(y)
    return Form("constant", {"n_outputs": n_outputs}, {"output": share.astype(np.float32)})


CLASSIFICATION = Objective(_score_classes, _prior)
OBJECTIVES.add("classification", "classification", "automl.search.objectives:CLASSIFICATION")

"""A bound of the score against the metric: on its side, and within its reach."""

import pytest

from automl.metrics import ACCURACY, COST, LOG_LOSS, ROC_AUC
from automl.spec.quality import quality_fault
from automl.spec.sections.constraints import Quality


@pytest.mark.parametrize(
    ("metric", "asked", "words", "key"),
    [
        (LOG_LOSS, {"min": 0.3}, "takes `max`", "max"), (COST, {"min": 3}, "takes `max`", "max"), (ROC_AUC, {"max": 0.3}, "takes `min`", "min"),
        (ROC_AUC, {"min": 85}, "best there is is 1", ""), (ACCURACY, {"min": 1.01}, "best there is is 1", ""), (LOG_LOSS, {"max": -0.1}, "best there is is 0", ""),
    ],
)  # fmt: skip
def test_a_bound_that_the_metric_cannot_be_held_against(metric, asked, words, key):
    fault = quality_fault(Quality(**asked), metric)
    assert fault is not None and words in fault.message and fault.key == key and fault.label


@pytest.mark.parametrize(
    ("metric", "asked"), [(ROC_AUC, {"min": 1}), (LOG_LOSS, {"max": 3.5}), (COST, {"max": 100}), (LOG_LOSS, {"min": 0.3, "max": 0.3}), (ROC_AUC, {"min": 0.0})]
)
def test_a_bound_that_it_can(metric, asked):
    assert quality_fault(Quality(**asked), metric) is None

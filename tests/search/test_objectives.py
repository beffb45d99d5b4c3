import numpy as np
import pytest

from automl.inference.forms import Model
from automl.metrics import METRICS, metric_of
from automl.search.objectives import OBJECTIVES


def _classification():
    return OBJECTIVES.get("classification", "classification")


def test_the_baseline_answers_with_the_class_shares_for_any_row():
    form = _classification().baseline(np.array([0, 0, 0, 2]), 4)
    assert Model(form).predict(np.zeros((3, 0), np.float32)) == pytest.approx(np.tile([0.75, 0, 0.25, 0], (3, 1)))


@pytest.mark.parametrize("name", METRICS.names("classification"))
def test_the_score_is_the_metrics_own_in_its_own_sign(name):
    rng = np.random.default_rng(0)
    y, output = np.arange(40) % 2, rng.dirichlet((1, 1), 40).astype(np.float32)
    costs = ((0.0, 1.0), (8.0, 0.0))
    expected = metric_of("classification", name, costs).score(y, output.astype(np.float64), 0)
    assert _classification().score(name, y, output, 0, costs) == expected


def test_the_positive_class_is_heeded():
    y = np.array([0, 0, 0, 1])
    output = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.1, 0.9]], np.float32)
    assert _classification().score("f1", y, output, 0) == pytest.approx(0.8)
    assert _classification().score("f1", y, output, 1) == pytest.approx(2 / 3)

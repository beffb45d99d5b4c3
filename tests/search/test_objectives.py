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


def test_answers_that_are_no_probabilities_are_told_apart():
    fault = _classification().fault
    good = np.full((3, 2), 0.5, np.float32)
    assert fault(good, 3, 2) == "" and fault(good[:0], 0, 2) == "" and fault(good + np.float32(1e-4), 3, 2) == ""
    assert "(3, 2), not (4, 2)" in fault(good, 4, 2) and "not (3, 3)" in fault(good, 3, 3)
    for bad in (np.nan, np.inf):
        broken = good.copy()
        broken[1, 0] = bad
        assert "1 of 3 rows" in fault(broken, 3, 2)
    assert "do not sum to 1" in fault(good * 1.01, 3, 2)
    assert "below 0" in fault(np.array([[-0.2, 1.2]]), 1, 2)

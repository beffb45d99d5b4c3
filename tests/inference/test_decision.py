"""A decision is data: it calibrates, decides, and is refused where it is damaged."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.inference.decision import Decision


def proba(k=2, n=200, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(k), n).astype(np.float32)


EACH = [
    (Decision(), 3), (Decision(temperature=1.7), 2), (Decision(temperature=0.6, weights=(1.0, 2.0, 4.0)), 3), (Decision(threshold=0.3, positive=0), 2),
    (Decision(curves=(((0.1, 0.8), (0.2, 0.7)),), threshold=0.25), 2), (Decision(costs=((0.0, 1.0, 2.0), (3.0, 0.0, 1.0), (1.0, 9.0, 0.0))), 3),
    (Decision(curves=(((0.1, 0.8), (0.0, 0.7)),) * 3), 3),
]  # fmt: skip


def test_the_default_changes_nothing_and_takes_the_most_probable_class():
    p = proba(4)
    assert Decision().calibrate(p) is p and np.array_equal(Decision().codes(p), p.argmax(axis=1)) and Decision().as_dict() == {}
    assert Decision().codes(np.array([[0.5, 0.5]])).tolist() == [0]


@pytest.mark.parametrize(("decision", "k"), EACH)
def test_it_survives_a_file(decision, k):
    again = Decision.from_dict(json.loads(json.dumps(decision.as_dict())), k)
    assert again == decision
    p = proba(k)
    assert np.array_equal(again.calibrate(p), decision.calibrate(p)) and np.array_equal(again.codes(p), decision.codes(p))


@pytest.mark.parametrize(("decision", "k"), EACH)
def test_probabilities_stay_probabilities_of_their_type(decision, k):
    out = decision.calibrate(np.vstack([proba(k), np.eye(k, dtype=np.float32)]))
    assert out.dtype == np.float32 and np.allclose(out.sum(axis=1), 1, atol=1e-6) and out.min() >= 0
    assert decision.calibrate(np.zeros((0, k), np.float32)).shape == (0, k)


@settings(max_examples=30, deadline=None)
@given(temperature=st.floats(0.3, 5), k=st.integers(2, 5), seed=st.integers(0, 99))
def test_a_temperature_changes_no_label_and_for_two_classes_no_order(temperature, k, seed):
    p = np.random.default_rng(seed).dirichlet(np.ones(k), 50)
    out = Decision(temperature=temperature).calibrate(p)
    assert np.array_equal(out.argmax(axis=1), p.argmax(axis=1))
    if k == 2:
        assert np.array_equal(np.argsort(out[:, 1], kind="stable"), np.argsort(p[:, 1], kind="stable"))
    assert ((out.max(axis=1) < p.max(axis=1)) == (temperature > 1)).all() or abs(temperature - 1) < 1e-6


@pytest.mark.parametrize("positive", [0, 1])
def test_above_the_threshold_the_positive_class_is_answered(positive):
    p = np.array([0.1, 0.3, 0.30001, 0.9])
    both = np.stack([p, 1 - p] if positive == 0 else [1 - p, p], axis=1)
    assert (Decision(threshold=0.3, positive=positive).codes(both) == positive).tolist() == [False, False, True, True]


def test_a_threshold_between_two_single_precision_numbers_holds_for_both_precisions():
    low, high = np.float32(0.3), np.nextafter(np.float32(0.3), np.float32(1))
    p = np.array([low, high], np.float32)
    p = np.stack([1 - p, p], axis=1)
    decision = Decision(threshold=(float(low) + float(high)) / 2)
    assert decision.codes(p).tolist() == decision.codes(p.astype(np.float64)).tolist() == [0, 1]


def test_costs_pick_the_cheapest_class_in_expectation():
    costs = ((0.0, 1.0, 2.0), (3.0, 0.0, 1.0), (50.0, 9.0, 0.0))
    p = proba(3)
    expected = [int(np.argmin([sum(row[true] * costs[true][c] for true in range(3)) for c in range(3)])) for row in p.astype(float)]
    assert Decision(costs=costs).codes(p).tolist() == expected != p.argmax(axis=1).tolist()
    assert Decision(costs=costs).codes(np.array([[0.75, 0.1, 0.15]])).tolist() == [2]


@pytest.mark.parametrize(
    "facts",
    [
        [], "argmax", {"temperature": 0}, {"temperature": float("nan")}, {"temperature": "1"}, {"temperature": True}, {"threshold": 1.5}, {"threshold": "0.5"},
        {"threshold": 0.5, "weights": [1, 2]}, {"weights": [1, 2, 3]}, {"weights": [1, -2]}, {"weights": 3}, {"costs": [[0, 1]]}, {"costs": [[0, 1], [1]]},
        {"curves": [[[0.1, 0.2], [0.3]]]}, {"curves": [[[0.2, 0.1], [0.3, 0.4]]]}, {"curves": [[[0.1, 0.2], [0.4, 0.3]]]}, {"curves": [[[], []]]},
        {"curves": [[[0.1, 0.2], [0.4, 1.3]]]}, {"curves": [[[0.1], [0.4]], [[0.1], [0.4]]]}, {"positive": 2}, {"positive": True}, {"colour": "red"},
    ],
)  # fmt: skip
def test_a_damaged_decision_is_refused(facts):
    with pytest.raises(ValueError, match="decision"):
        Decision.from_dict(facts, 2)


def test_a_threshold_is_for_two_classes():
    with pytest.raises(ValueError, match="3 classes"):
        Decision.from_dict({"threshold": 0.5}, 3)

"""`task.balance`: a weight per class whose mean over the training rows is one."""

import numpy as np
import pytest

from automl.errors import SpecError
from automl.plan.weights import class_weights
from tests.builders import spec_of

Y = np.array([0] * 70 + [1] * 20 + [2] * 10)
CLASSES = ("low", "mid", "high")


def weights(balance, y=Y, classes=CLASSES):
    decisions = []
    found = class_weights(spec_of(task={"balance": balance}), y, classes, lambda *decision: decisions.append(decision))
    assert len(decisions) == 1 and decisions[0][0] == "task.balance" and decisions[0][2]
    return found, decisions[0]


@pytest.mark.parametrize(("balance", "words"), [("auto", "bend the probabilities"), ("none", "asked for")])
def test_rows_weigh_the_same_unless_it_is_asked_for(balance, words):
    found, (_, value, because) = weights(balance)
    assert found == () and value == "none" and words in because


def test_each_class_weighs_the_same_in_all():
    found, (_, value, _) = weights("weights")
    assert np.allclose(np.array(found) * np.bincount(Y), 100 / 3) and np.mean(np.array(found)[Y]) == pytest.approx(1)
    assert value == "low: 0.476, mid: 1.67, high: 3.33"


def test_weights_that_are_given_keep_their_ratios():
    found, _ = weights({"high": 5, "mid": 0.5})
    assert np.allclose(np.array(found) / found[0], [1, 0.5, 5]) and np.mean(np.array(found)[Y]) == pytest.approx(1)


def test_a_class_without_a_training_row_breaks_nothing():
    found, _ = weights("weights", Y[:90])
    assert np.isfinite(found).all() and np.mean(np.array(found)[Y[:90]]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("balance", "problem", "fix"),
    [
        ({"hihg": 2}, "`hihg` is not a class", "`high`"), ({"zzz": 2}, "`zzz` is not a class", "low, mid, high"),
        ({"high": 0}, "weight of `high` is 0", "above 0"), ({"high": -1}, "weight of `high` is -1", "above 0"),
    ],
)  # fmt: skip
def test_what_is_no_weight_of_a_class_is_refused(balance, problem, fix):
    with pytest.raises(SpecError, match=problem) as caught:
        weights(balance)
    assert caught.value.where == f"task.balance.{next(iter(balance))}" and fix in caught.value.fix


def test_where_rows_count_differently_classes_are_weighed_by_what_their_rows_count():
    own = np.where(Y == 0, 0.1, 1.0)
    found = class_weights(spec_of(task={"balance": "weights"}), Y, CLASSES, lambda *decision: None, own)
    assert np.allclose(np.array(found) * np.bincount(Y, own), 37 / 3)

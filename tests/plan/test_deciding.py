"""`task.calibrate` and `task.threshold` in the plan: one sentence each, and a threshold only where there are two classes."""

import pytest

from automl.errors import SpecError
from automl.spec.load import read_spec

from ..builders import spec_of
from .test_plan import planned


def told(plan):
    return {d.key: (d.value, d.because) for d in plan.decisions if d.key in ("task.calibrate", "task.threshold")}


@pytest.mark.parametrize(
    ("task", "value", "because"),
    [
        ({}, "0.5", "roc_auc judges the order"),
        ({"metric": "log_loss"}, "0.5", "log_loss judges probabilities"),
        ({"metric": "f1"}, "auto", "chosen for f1 out of fold"),
        ({"threshold": 0.3}, 0.3, "above it `class0` is answered"),
        ({"threshold": "30%"}, 0.3, "asked for"),
        ({"costs": {"false_positive": 1, "false_negative": 8}}, "from the costs", "cheapest"),
    ],
)
def test_the_plan_says_which_class_a_row_will_be_given(task, value, because):
    plan = planned(spec_of(task=task))
    assert told(plan)["task.threshold"][0] == value and because in told(plan)["task.threshold"][1]
    assert plan.threshold == (value if isinstance(value, float) else None) and plan.as_dict()["threshold"] == plan.threshold


def test_and_how_probabilities_are_calibrated():
    assert planned().calibrate == "auto" and "curve" not in told(planned())["task.calibrate"][1]
    assert "curve" in told(planned(spec_of(task={"metric": "log_loss"})))["task.calibrate"][1]
    plan = planned(spec_of(task={"calibrate": "isotonic"}))
    assert plan.calibrate == "isotonic" and told(plan)["task.calibrate"][0] == "isotonic"
    assert told(planned(n_classes=3))["task.threshold"][0] == "the most probable class"


def test_a_threshold_for_three_classes_shows_the_line(tmp_path):
    (tmp_path / "t.csv").write_text("y,a\n")
    (tmp_path / "s.yaml").write_text("data: t.csv\ntask:\n  type: classification\n  target: y\n  threshold: 0.3\n")
    with pytest.raises(SpecError, match=r"has 3\n --> s\.yaml:5:14"):
        planned(read_spec(tmp_path / "s.yaml"), n_classes=3)


def test_a_threshold_and_costs_contradict_each_other(tmp_path):
    (tmp_path / "t.csv").write_text("y,a\n")
    head = "data: t.csv\ntask:\n  type: classification\n  target: y\n  costs: {false_positive: 1, false_negative: 8}\n"
    (tmp_path / "s.yaml").write_text(head + "  threshold: 0.3\n")
    with pytest.raises(SpecError, match=r"both say.*\n --> s\.yaml:6:3"):
        read_spec(tmp_path / "s.yaml")
    (tmp_path / "s.yaml").write_text(head + "  threshold: auto\n")
    assert read_spec(tmp_path / "s.yaml").goal.threshold == "auto"

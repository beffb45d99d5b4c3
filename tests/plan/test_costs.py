"""Costs of errors: a matrix over the classes, or an error at the place where one is wrong."""

import pytest

from automl.errors import SpecError
from automl.plan.costs import CostError, resolve_costs
from automl.spec.load import read_spec

from ..builders import spec_of
from .test_plan import planned

THREE = {"cat": {"dog": 1, "owl": 2}, "dog": {"cat": 3, "owl": 4}, "owl": {"cat": 5, "dog": 6}}
CLASSES = ("cat", "dog", "owl")


@pytest.mark.parametrize(("positive", "matrix"), [(1, ((0, 1), (8, 0))), (0, ((0, 8), (1, 0)))])
def test_two_kinds_of_error_stand_where_the_positive_class_says(positive, matrix):
    assert resolve_costs({"false_positive": 1, "false_negative": 8}, ("no", "yes"), positive) == matrix


def test_more_classes_have_a_cost_for_each_pair_and_being_right_costs_nothing():
    assert resolve_costs(THREE, CLASSES, 0) == ((0, 1, 2), (3, 0, 4), (5, 6, 0))
    assert resolve_costs({**THREE, "cat": {"cat": 0.5, "dog": 1, "owl": 2}}, CLASSES, 0)[0] == (0.5, 1, 2)
    assert resolve_costs(None, CLASSES, 0) == ()


@pytest.mark.parametrize(
    ("costs", "path", "message", "label"),
    [
        ({}, (), "empty", "false_positive"),
        ({"false_positve": 1, "false_negative": 2}, ("false_positve",), "not a kind", "did you mean `false_positive`"),
        ({"false_positive": 1}, (), "`false_negative` is missing", ""),
        ({"false_positive": -1, "false_negative": 2}, ("false_positive",), "`-1` is not a cost", "from 0 up"),
        ({"false_positive": True, "false_negative": 2}, ("false_positive",), "is not a cost", ""),
        ({"false_positive": float("inf"), "false_negative": 2}, ("false_positive",), "is not a cost", ""),
        ({"false_positive": 0, "false_negative": 0}, (), "no error costs anything", ""),
        ({"false_positive": 1, "false_negative": 2}, (), "3 classes", "true class"),
        ({**THREE, "cat": {"dgo": 1, "owl": 2}}, ("cat", "dgo"), "not a class", "did you mean `dog`"),
        ({**THREE, "cta": {"dog": 1}}, ("cta",), "not a class", "did you mean `cat`"),
        ({**THREE, "cat": {"dog": 1}}, ("cat",), "`cat` taken for `owl` has no cost", "owl: 1"),
        ({**THREE, "cat": 3}, ("cat",), "each class it may be taken for", ""),
        ({**THREE, "owl": {"cat": "much", "dog": 1}}, ("owl", "cat"), "`much` is not a cost", ""),
        ({k: v for k, v in THREE.items() if k != "owl"}, (), "nothing of the class `owl`", "owl: {cat: 1, dog: 1}"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(costs, path, message, label):
    with pytest.raises(CostError, match=message) as caught:
        resolve_costs(costs, CLASSES, 0)
    assert caught.value.path == path and label in caught.value.label


def test_two_classes_take_the_two_kinds():
    with pytest.raises(CostError, match="two kinds of error"):
        resolve_costs({"no": {"yes": 1}, "yes": {"no": 1}}, ("no", "yes"), 1)


def test_the_plan_holds_them_and_reports_what_they_come_to():
    plan = planned(spec_of(task={"metric": "cost", "costs": {"false_positive": 1, "false_negative": 8}}))
    assert plan.costs == ((0, 8), (1, 0)) and not plan.greater_is_better and plan.metric == "cost"  # class 0 is the positive one
    assert plan.as_dict()["costs"] and "task.costs" in {d.key for d in plan.decisions}
    beside = planned(spec_of(task={"costs": {"false_positive": 1, "false_negative": 8}}))
    assert beside.metric == "roc_auc" and "cost" in beside.also_report
    assert "cost" not in planned().also_report
    for task in ({"metric": "cost"}, {"also_report": ["cost"]}):
        with pytest.raises(SpecError, match=r"needs `task\.costs`"):
            planned(spec_of(task=task))


@pytest.mark.parametrize(
    ("task", "place", "message"),
    [
        ("metric: cost", "5:11", "needs `task.costs`"),
        ("metric: cost\n  costs: {false_positive: 1, false_negative: -8}", "6:46", "`-8` is not a cost"),
        ("costs:\n    false_positve: 1\n    false_negative: 8", "6:20", "not a kind of error"),
    ],
)
def test_a_spec_with_wrong_costs_shows_the_line(tmp_path, task, place, message):
    (tmp_path / "t.csv").write_text("y,a\n")
    (tmp_path / "s.yaml").write_text(f"data: t.csv\ntask:\n  type: classification\n  target: y\n  {task}\n")
    with pytest.raises(SpecError) as caught:
        read_spec(tmp_path / "s.yaml")
    assert f"s.yaml:{place}" in str(caught.value) and message in str(caught.value)


def test_a_class_that_is_not_there_shows_the_line(tmp_path):
    (tmp_path / "t.csv").write_text("y,a\n")
    (tmp_path / "s.yaml").write_text(
        "data: t.csv\ntask:\n  type: classification\n  target: y\n  costs:\n    class0: {class1: 1, class9: 1}\n    class1: {class0: 2, class2: 1}\n    class2: {class0: 1, class1: 1}\n"
    )
    with pytest.raises(SpecError, match=r"s\.yaml:6:"):
        planned(read_spec(tmp_path / "s.yaml"), n_classes=3)

"""`features.monotone`: resolved to signs, refused where it cannot be kept, and with it whatever would lose the order."""

from dataclasses import replace

import numpy as np
import pytest

from automl.data.split import make_split
from automl.errors import SpecError
from automl.families import FAMILIES
from automl.hardware import Hardware
from automl.plan.monotone import resolve_monotone
from automl.plan.plan import make_plan
from automl.vocabulary import Decision, Role
from tests.builders import dataset_of, spec_of

RNG = np.random.default_rng(0)
COLUMNS = {"age": RNG.normal(size=200), "wage": RNG.normal(size=200), "word": (RNG.integers(0, 3, 200), "xyz")}
MACHINE = Hardware(2, 8000, (), "a processor", "Linux")


def data(n_classes=2, **changed):
    made = dataset_of(np.arange(200) % n_classes, **COLUMNS)
    roles = (*(Decision(f.name, Role(f.kind), "made") for f in made.fields), Decision("y", Role.TARGET, "made"), Decision("key", Role.ID, "made"))
    return replace(made, roles=roles, **changed)


def asked(monotone, **sections):
    features = sections.pop("features", {})
    return spec_of(features={"monotone": monotone, **features}, **sections)


def planned(spec, dataset=None, changes=None):
    dataset = dataset or data()
    return make_plan(spec, dataset, make_split(dataset, spec), changes or {}, MACHINE)


def test_nothing_asked_changes_nothing():
    changes = {"age": {"interactions": ("wage",)}}
    assert resolve_monotone(spec_of(), data(), changes) == ({}, changes, [])


@pytest.mark.parametrize("positive", [0, 1])
def test_signs_are_for_the_positive_class_and_are_turned_for_models_of_class_one(positive):
    plan = planned(asked({"age": "increasing", "wage": "decreasing"}), data(positive=positive))
    assert plan.monotone == {"age": 1, "wage": -1}
    assert plan.signs() == ({"age": 1, "wage": -1} if positive else {"age": -1, "wage": 1})
    assert {("features.monotone", "age: increasing"), ("features.monotone", "wage: decreasing")} <= {(d.key, d.value) for d in plan.decisions}


@pytest.mark.parametrize(
    ("name", "problem", "fix"),
    [
        ("agee", "`agee` is not in the data", "`age`"),
        ("word", "`word` is a category", "data.columns.types: {word: number}"),
        ("y", "`y` is the target", "input"),
    ],
)
def test_a_column_that_cannot_have_a_direction_is_refused(name, problem, fix):
    with pytest.raises(SpecError, match=problem) as caught:
        planned(asked({"age": "increasing", name: "increasing"}))
    assert caught.value.where == f"features.monotone.{name}" and fix in caught.value.fix


def test_more_than_two_classes_are_refused():
    with pytest.raises(SpecError, match="3 classes") as caught:
        planned(asked({"age": "increasing"}), data(3))
    assert caught.value.where == "features.monotone"


def test_a_column_that_is_not_learned_from_keeps_any_order():
    plan = planned(asked({"key": "increasing"}))
    assert plan.monotone == {} and any("not learned from" in d.because for d in plan.decisions)
    assert "logistic_regression" in [c.family for c in plan.candidates]


def test_families_that_cannot_keep_it_do_not_compete():
    plan = planned(asked({"age": "increasing"}))
    assert [c.family for c in plan.candidates] and all(FAMILIES.get("classification", c.family).monotone for c in plan.candidates)
    said = {d.key: d for d in plan.decisions}
    assert said["models.logistic_regression"].value == "skipped" and "`age`" in said["models.logistic_regression"].because
    with pytest.raises(SpecError, match="no family") as caught:
        planned(asked({"age": "increasing"}, models={"include": ["logistic_regression", "mlp"]}))
    assert "xgboost" in caught.value.fix and caught.value.where == "features.monotone"


def test_a_product_that_the_look_at_the_data_wants_is_left_out_and_one_that_the_spec_wants_is_refused():
    changes = {"age": {"interactions": ("wage", "word")}, "word": {"interactions": ("wage",)}}
    plan = planned(asked({"wage": "increasing"}), changes=changes)
    assert set(plan.recipe.pairs) == {("age", "word"), ("word", "wage")}, "a number less the mean of its level keeps its order"
    assert any(d.key == "features.interactions" and "loses the order of `wage`" in d.because for d in plan.decisions)
    with pytest.raises(SpecError, match="loses the order of `wage`") as caught:
        planned(asked({"wage": "increasing"}, features={"interactions": [["age", "word"], ["age", "wage"]]}))
    assert caught.value.where == "features.interactions.1"
    kept = planned(asked({"wage": "increasing"}, features={"interactions": [["wage", "word"]]}))
    assert kept.recipe.pairs == (("wage", "word"),)

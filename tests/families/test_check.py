"""What a user writes under `models` against the spaces of the families."""

import math

import pytest

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.check import SpaceError, check_models, narrow, readable_families, readable_space
from automl.families.space import Choice, Fixed, Float, Int, Space

CONTEXT = Context("classification", 500, 5, 2)
SPACE = Space({
    "rate": Float(0.1, 0.9, 0.5), "depth": Int(1, 8, 6), "set": Fixed(1),
    "how": Choice({"fast": Space({"speed": Int(1, 3, 2)}), "slow": Space(), "odd": Space()}, "slow"),
})  # fmt: skip


def test_all_families_or_those_named_in_that_order():
    known = FAMILIES.names("classification")
    assert list(check_models("classification", "all", [], {}, CONTEXT)) == known
    assert list(check_models("classification", ["mlp", "xgboost"], [], {}, CONTEXT)) == ["mlp", "xgboost"]
    assert list(check_models("classification", "all", ["mlp"], {}, CONTEXT)) == [n for n in known if n != "mlp"]


def test_options_that_only_make_models_small_are_searched_where_they_are_asked_for():
    def prune(space=None, **more):
        return check_models("classification", ["mlp"], [], {"mlp": space or {}}, CONTEXT, **more)["mlp"]["prune"]

    assert list(prune().options) == ["no"] and list(prune(lean=True).options) == ["no", "units"]
    assert list(prune({"prune": ["no", "units"]}).options) == ["no", "units"]
    asked = prune({"prune": {"units": {"sparsity": {"min": 0.5, "max": 0.8}}}})
    assert asked.options["units"]["sparsity"] == Float(0.5, 0.8, 0.5) and list(prune({"prune": "units"}, lean=True).options) == ["units"]


@pytest.mark.parametrize(
    ("include", "exclude", "space", "path", "words"),
    [
        (["xgbost"], [], {}, ("include", 0), "xgboost"),
        (["mlp", "zzz"], [], {}, ("include", 1), "known: "),
        ("all", ["mpl"], {}, ("exclude", 0), "mlp"),
        ("all", [], {"forest": {}}, ("space", "forest"), ""),
        (["mlp"], ["mlp"], {}, (), "known: "),
        ("all", [], {"xgboost": {"max_dept": 3}}, ("space", "xgboost", "max_dept"), "max_depth"),
        ("all", [], {"xgboost": {"max_depth": {"min": 9, "max": 3}}}, ("space", "xgboost", "max_depth"), ""),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(include, exclude, space, path, words):
    with pytest.raises(SpaceError) as caught:
        check_models("classification", include, exclude, space, CONTEXT)
    assert caught.value.path == path and words in caught.value.label


def test_a_value_fixes_an_option():
    assert narrow(SPACE, {"depth": 3})["depth"] == Fixed(3) and isinstance(narrow(SPACE, {"depth": 3.0})["depth"].value, int)
    assert narrow(SPACE, {"rate": 2})["rate"] == Fixed(2)
    assert narrow(SPACE, {"set": 5})["set"] == Fixed(5)
    assert SPACE["depth"] == Int(1, 8, 6)


def test_a_range_keeps_what_it_does_not_name_and_pulls_the_default_in():
    assert narrow(SPACE, {"depth": {"max": 4}})["depth"] == Int(1, 4, 4)
    assert narrow(SPACE, {"rate": {"min": 0.6, "max": 2, "log": True}})["rate"] == Float(0.6, 2, 0.6, log=True)
    assert narrow(SPACE, {"depth": {}})["depth"] == SPACE["depth"]


def test_words_of_a_choice_can_be_listed_named_or_narrowed():
    assert list(narrow(SPACE, {"how": ["odd", "fast"]})["how"].options) == ["odd", "fast"]
    assert narrow(SPACE, {"how": ["odd", "fast"]})["how"].default == "odd"
    assert narrow(SPACE, {"how": ["odd", "slow"]})["how"].default == "slow"
    assert narrow(SPACE, {"how": "fast"}).default()["how.fast.speed"] == 2
    narrowed = narrow(SPACE, {"how": {"fast": {"speed": 1}}})["how"]
    assert narrowed.options["fast"]["speed"] == Fixed(1) and list(narrowed.options) == ["fast", "slow", "odd"]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"dept": 3}, ("dept",)),
        ({"depth": "many"}, ("depth",)),
        ({"depth": True}, ("depth",)),
        ({"depth": None}, ("depth",)),
        ({"depth": 2.5}, ("depth",)),
        ({"depth": [1, 2]}, ("depth",)),
        ({"depth": {"min": 0.5}}, ("depth", "min")),
        ({"depth": {"max": "x"}}, ("depth", "max")),
        ({"depth": {"step": 2}}, ("depth", "step")),
        ({"depth": {"step": 2, 3: 4}}, ("depth",)),
        ({"depth": {"min": 5, "max": 5}}, ("depth",)),
        ({"rate": math.nan}, ("rate",)),
        ({"rate": {"max": math.inf}}, ("rate", "max")),
        pytest.param({"rate": {"min": 10**400}}, ("rate",), id="a number without end"),
        ({"rate": {"min": 0, "log": True}}, ("rate",)),
        ({"rate": {"log": "no"}}, ("rate",)),
        ({"how": "fats"}, ("how",)),
        ({"how": []}, ("how",)),
        ({"how": 3}, ("how",)),
        ({"how": [["fast"]]}, ("how",)),
        ({"how": {"fats": {}}}, ("how", "fats")),
        ({"how": {"fast": {"speed": 2.5}}}, ("how", "fast", "speed")),
        ({"how": {"fast": 3}}, ("how", "fast")),
        ({"how": {"fast": ["speed"]}}, ("how", "fast")),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_at_its_place(wanted, path):
    with pytest.raises(SpaceError) as caught:
        narrow(SPACE, wanted)
    assert caught.value.path[: len(path)] == path


def test_what_a_person_can_follow_is_declared_by_the_family():
    assert readable_families("classification", ["xgboost", "lda", "decision_tree", "nothing"]) == ["lda", "decision_tree"]
    tree, linear = FAMILIES.get("classification", "decision_tree"), FAMILIES.get("classification", "logistic_regression")
    assert tree.readable({"max_depth": 5}) and not tree.readable({"max_depth": 6}) and not tree.readable({}) and linear.readable({"C": 1.0})
    assert not FAMILIES.get("classification", "xgboost").readable({"max_depth": 1})


@pytest.mark.parametrize(("wanted", "expected"), [({}, Int(2, 5, 5)), ({"max_depth": 3}, Fixed(3)), ({"max_depth": {"min": 5, "max": 9}}, Fixed(5))])
def test_a_space_is_cut_to_what_can_be_followed(wanted, expected):
    family = FAMILIES.get("classification", "decision_tree")
    assert readable_space(family, narrow(family.space(CONTEXT), wanted))["max_depth"] == expected


def test_a_space_with_nothing_to_follow_is_refused_with_its_path():
    family = FAMILIES.get("classification", "decision_tree")
    with pytest.raises(SpaceError) as caught:
        readable_space(family, narrow(family.space(CONTEXT), {"max_depth": {"min": 8, "max": 9}}))
    assert caught.value.path == ("space", "decision_tree", "max_depth") and "8" in caught.value.message

"""The recipe: what the user wrote wins over what the data ask for, which wins over the default, and each has its sentence."""

import json

import pytest

from automl.errors import SpecError
from automl.features.recipe import MOST_COLUMNS, CategoryOptions, DateOptions, NumberOptions, Recipe, TextOptions, resolve_recipe
from automl.inference.table import Field
from automl.spec.sections.features import Features

FIELDS = (Field("income", "number"), Field("age", "number"), Field("city", "category"), Field("note", "text"), Field("day", "date"))


def resolved(changes=None, fields=FIELDS, **asked):
    return resolve_recipe(Features.model_validate(asked), fields, changes)


def values(decisions):
    return [(d.key.removeprefix("features."), d.value) for d in decisions]


def test_without_a_word_every_option_is_the_default_and_says_why():
    recipe, decisions = resolved()
    assert recipe.numbers == {"income": NumberOptions(), "age": NumberOptions()} and recipe.categories == {"city": CategoryOptions()}
    assert recipe.texts == {"note": TextOptions()} and recipe.dates == {"day": DateOptions()}
    assert (recipe.pairs, recipe.select, recipe.not_scaled) == ((), MOST_COLUMNS, ())
    assert all(d.because for d in decisions) and len({d.key for d in decisions}) == len(decisions) == 12


def test_kinds_of_columns_that_are_not_there_are_not_decided_on():
    _, decisions = resolved(fields=FIELDS[2:3])
    assert {d.key.split(".")[1] for d in decisions} == {"categorical", "interactions", "select"}


def test_what_is_written_holds_for_every_column_of_the_kind():
    recipe, decisions = resolved(
        numeric={"impute": "mean", "outliers": "keep"}, categorical={"encode": "target", "rare": "1%"}, select=50,
        text={"ngrams": [1, 3], "max_features": 400}, datetime={"parts": ["year"], "cyclic": False},
    )  # fmt: skip
    assert recipe.numbers["age"] == NumberOptions("mean", "standard", "keep") and recipe.categories["city"] == CategoryOptions("target", 0.01)
    assert recipe.texts["note"] == TextOptions("auto", (1, 3), 400) and recipe.dates["day"] == DateOptions(("year",), False) and recipe.select == 50
    because = {d.key: d.because for d in decisions}
    assert because["features.numeric.impute"] == because["features.select"] == "asked for" != because["features.numeric.scale"]
    assert resolved(select="none")[0].select is None


def test_findings_change_single_columns():
    recipe, decisions = resolved({"income": {"outliers": "rank", "scale": "robust"}, "city": {"encode": "target", "rare": 0.02}, "gone": {"encode": "target"}})
    assert recipe.numbers == {"income": NumberOptions(scale="robust", outliers="rank"), "age": NumberOptions()}
    assert recipe.categories["city"] == CategoryOptions("target", 0.02)
    about = [(d.value, d.because) for d in decisions if d.key == "features.numeric.outliers"]
    assert [value for value, _ in about] == ["clip; rank for `income`"] and "the look at the data asks for rank for `income`" in about[0][1]
    assert [value for key, value in values(decisions) if key == "categorical.encode"] == ["target"]


def test_what_the_user_wrote_wins_over_a_finding_and_the_decision_says_so():
    recipe, decisions = resolved({"income": {"outliers": "rank"}}, numeric={"outliers": "clip"})
    assert recipe.numbers["income"].outliers == "clip"
    (about,) = [d for d in decisions if d.key == "features.numeric.outliers"]
    assert about.value == "clip" and about.because.startswith("asked for") and "`income`" in about.because


def test_auto_written_out_is_as_good_as_left_out():
    assert resolved({"income": {"outliers": "rank"}}, numeric={"outliers": "auto"})[0].numbers["income"].outliers == "rank"


def test_columns_that_others_tell_as_well_are_left_out_for_scaled_families():
    recipe, decisions = resolved({"age": {"linear": False}})
    assert recipe.not_scaled == ("age",) and ("not_scaled", "age") in values(decisions)
    assert resolved({f.name: {"linear": False} for f in FIELDS})[0].not_scaled == ()


def test_pairs_that_are_asked_for():
    recipe, decisions = resolved(interactions=[["age", "income"], ["income", "age"], ["city", "age"], ["age", "dropped"]])
    assert recipe.pairs == (("age", "income"), ("city", "age"))
    assert [d.because for d in decisions if d.value == "age × dropped"] == ["left out: `dropped` is not learned from"]
    with pytest.raises(SpecError, match="`note` is a text") as fault:
        resolved(interactions=[["age", "note"]])
    assert fault.value.exit_code == 2


def test_pairs_that_a_finding_asks_for():
    changes = {"age": {"interactions": ["income", "gone"]}}
    assert resolved(changes)[0].pairs == (("age", "income"),)
    assert resolved(changes, interactions="none")[0].pairs == ()
    assert resolved(changes, interactions=[["age", "city"]])[0].pairs == (("age", "city"),)


@pytest.mark.parametrize(
    "changes", [{"age": {"encode": "target"}}, {"age": {"outliers": "shrink"}}, {"city": {"encode": "tfidf"}}, {"note": {"ngrams": [2, 1]}}], ids=str
)
def test_a_change_that_no_such_column_can_take_is_our_fault(changes):
    with pytest.raises(ValueError):
        resolved(changes)


def test_texts_that_nothing_is_made_of():
    assert resolved(text={"encode": "none"})[0].left_out() == ("note",)
    assert resolved()[0].left_out() == ()


def test_a_recipe_survives_json():
    recipe, _ = resolved({"age": {"linear": False, "interactions": ["income"]}}, datetime={"parts": ["year", "month"]}, text={"ngrams": [2, 3]}, select="none")
    assert recipe != Recipe()
    assert Recipe.from_dict(json.loads(json.dumps(recipe.asdict()))) == recipe
    assert Recipe.from_dict(json.loads(json.dumps(Recipe().asdict()))) == Recipe()
    with pytest.raises(TypeError):
        Recipe.from_dict({**recipe.asdict(), "unknown": 1})

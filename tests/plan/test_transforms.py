"""`features.transform`: which transformer for which column, and every way to ask in vain, at its place."""

from dataclasses import replace

import pytest

from automl.errors import MissingPackageError, SpecError
from automl.inference.transformer import Origin
from automl.plan.transforms import resolve_transforms, unknown_transformers

from .test_monotone import data, planned, spec_of


def asked(transform, **features):
    return spec_of(features={"transform": transform, **features})


def test_without_one_nothing_is_looked_up(monkeypatch):
    monkeypatch.setattr("automl.plan.transforms.origin_of", None)
    assert resolve_transforms(spec_of(), data()) == ({}, []) and unknown_transformers(spec_of()) == []


def test_a_column_gets_its_transformer_and_the_plan_says_whose_it_is(plugin):
    found, decisions = resolve_transforms(asked({"age": "log1p"}), data())
    assert found == {"age": Origin("log1p", "automl-toys", "0.1.0")}
    assert [(d.key, d.value) for d in decisions] == [("features.transform", "age: log1p")] and "automl-toys 0.1.0" in decisions[0].because
    plan = planned(asked({"age": "log1p"}))
    assert plan.recipe.transforms == found and decisions[0] in plan.decisions


@pytest.mark.parametrize(
    ("transform", "words"),
    [({"age": "log1"}, "did you mean `log1p`"), ({"aeg": "log1p"}, "did you mean `age`"), ({"y": "log1p"}, "is the target"),
     ({"word": "log1p"}, "`word` is a category, and the transformer `log1p` takes: number"), ({"key": "log1p"}, "not learned from: id")],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_place(transform, words, plugin):
    with pytest.raises(SpecError) as refused:
        resolve_transforms(asked(transform), data())
    column = next(iter(transform))
    assert words in refused.value.render() and refused.value.where == f"features.transform.{column}"


def test_a_column_whose_order_must_be_kept_is_not_transformed(plugin):
    with pytest.raises(SpecError, match="which `monotone` asks to keep"):
        resolve_transforms(asked({"age": "log1p"}, monotone={"age": "increasing"}), data())


def test_a_column_that_a_fix_took_away_is_asked_for_in_vain(plugin):
    whole = data()
    without = replace(whole, fields=whole.fields[1:])
    with pytest.raises(SpecError, match="fix of a check takes `age` away"):
        resolve_transforms(asked({"age": "log1p"}), without)


def test_one_that_cannot_be_imported_is_a_missing_package(plugin):
    with pytest.raises(MissingPackageError, match="this module never works") as refused:
        resolve_transforms(asked({"age": "toy_broken"}), data())
    assert refused.value.where == "features.transform.age"


def test_every_unknown_name_is_told_at_once(plugin):
    found = unknown_transformers(asked({"age": "log1", "wage": "nothing_like_it", "word": "email_domain"}))
    assert [place[-1] for place, _, _ in found] == ["age", "wage"] and "known: " in found[1][2]

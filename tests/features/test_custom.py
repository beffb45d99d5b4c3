"""The step of another package's transformer: learned from learning rows, the same for a row wherever it stands, data on disk."""

import json
from dataclasses import replace

import numpy as np
import pytest

from automl.errors import ArtifactError
from automl.families.base import Needs
from automl.features import custom as under_test
from automl.features.fit import fit_features, fit_transform
from automl.features.monotone import signs
from automl.features.recipe import Recipe
from automl.inference.features import Features
from automl.inference.steps import custom as step_module
from automl.inference.steps.custom import needed
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Field, Table, column_of
from automl.inference.transformer import Origin, State, Transformer, origin_of

FIELDS = (Field("amount", "number"), Field("email", "text"))
SCALED, RAW, WORDS = Needs(), Needs(scaled=False), Needs(sparse=True)
TOY = Origin("toy", "toys", "1.0")


def table(n=60, seed=0):
    rng = np.random.default_rng(seed)
    emails = [None if i % 10 == 9 else f"p{i}@{'ab'[i % 2]}.example" for i in range(n)]
    amount = np.where(np.arange(n) % 7 == 0, np.nan, rng.lognormal(3, 2, n))
    return Table({"amount": column_of(amount.tolist()), "email": column_of(emails)}, n), np.arange(n) % 2


@pytest.fixture
def recipe(plugin):
    return Recipe(transforms={"amount": origin_of("log1p"), "email": origin_of("email_domain")}, select=None)


@pytest.mark.parametrize("needs", [SCALED, RAW, WORDS], ids=["scaled", "raw", "words"])
def test_features_stand_beside_the_columns_own_and_are_the_same_from_disk_and_row_by_row(needs, recipe):
    given, y = table()
    form, x = fit_transform(given, FIELDS, y, needs, recipe)
    features = Features(from_bytes(to_bytes(form), "f"))
    names = features.names()
    assert {"amount", "amount log1p", "email a.example", "email b.example", "email how common"} <= set(names)
    dense = x if isinstance(x, np.ndarray) else x.toarray()
    again = features.transform(given)
    assert np.array_equal(again if isinstance(again, np.ndarray) else again.toarray(), dense, equal_nan=True)
    one = np.concatenate(
        [np.asarray(m if isinstance(m, np.ndarray) else m.toarray()) for m in (features.transform(given.take(np.array([i]))) for i in range(60))]
    )
    assert np.array_equal(one, dense, equal_nan=True)
    log = dense[:, names.index("amount log1p")]
    expected = np.log1p(given.columns["amount"].values)
    known = np.isfinite(expected)
    if needs.scaled:
        assert np.isfinite(log).all() and log[known] == pytest.approx((expected[known] - expected[known].mean()) / expected[known].std(), abs=1e-5)
        assert log[~known] == pytest.approx((np.median(expected[known]) - expected[known].mean()) / expected[known].std(), abs=1e-5)
    else:
        assert log == pytest.approx(expected, nan_ok=True, rel=1e-6)
    assert json.dumps(form.config) and form.config["steps"][0]["distribution"] == "automl-toys"
    assert needed(form.config["steps"]) == [*recipe.transforms.values()]


def test_it_learns_from_learning_rows_only(recipe):
    given, y = table()
    rows = np.flatnonzero(y == 0)  # all of domain a
    form = fit_features(given.take(rows), FIELDS, y[rows], RAW, recipe)
    features = Features(form)
    names = features.names()
    assert "email a.example" in names and "email b.example" not in names
    x = features.transform(given)
    assert not x[1::2, names.index("email a.example")].any()


def test_selection_keeps_what_a_step_needs_and_drops_it_with_the_step(recipe):
    given, y = table(200)
    both = replace(recipe, select=1)
    form, x = fit_transform(given, FIELDS, y, RAW, both)
    kept = [s for s in form.config["steps"] if s["kind"] == "custom"]
    assert x.shape[1] == 1 and [s["column"] for s in kept] == ["email"]  # the domain tells the class
    assert Features(from_bytes(to_bytes(form), "f")).transform(given).shape == (200, 1)
    (number,) = (replace(recipe, select=1, transforms={"amount": recipe.transforms["amount"]}),)
    values = Table({"amount": column_of((np.arange(200) + 500.0 * (np.arange(200) % 2)).tolist()), "email": given.columns["email"]}, 200)
    form, _ = fit_transform(values, FIELDS[:1], y, RAW, number)
    assert not [name for name in form.arrays if name.startswith("custom")]


def test_a_signed_column_may_not_be_transformed(recipe):
    given, y = table()
    form = fit_features(given, FIELDS[:1], y, RAW, recipe)
    with pytest.raises(ValueError, match="order of `amount`"):
        signs(form, {"amount": 1})


def toy(monkeypatch, **parts):
    """Put a transformer in the place of an installed one."""
    good = {"fit": lambda values, y: State(), "apply": lambda state, values: np.zeros((len(values), 1)), "names": lambda state: ["zero"]}
    made = Transformer("toy", frozenset({"number", "text"}), **{**good, **parts})
    for module in (under_test, step_module):
        monkeypatch.setattr(module, "load", lambda origin: made)
    monkeypatch.setattr("automl.inference.features.load", lambda origin: made)
    return Recipe(transforms={"amount": TOY}, select=None)


@pytest.mark.parametrize(
    ("parts", "words"),
    [({"fit": lambda v, y: 1 / 0}, "ZeroDivisionError"), ({"fit": lambda v, y: {}}, "not a State"), ({"fit": lambda v, y: State({"x": object()})}, "JSON"),
     ({"fit": lambda v, y: State({"x": float("nan")})}, "JSON"), ({"fit": lambda v, y: State({}, {"a": np.array(["x"])})}, "not numbers"),
     ({"fit": lambda v, y: State({}, {"a": np.array([object()])})}, "not numbers"), ({"names": lambda s: 1 / 0}, "ZeroDivisionError"),
     ({"apply": lambda s, v: 1 / 0}, "ZeroDivisionError"), ({"apply": lambda s, v: v[:3, None]}, "(3, 1)"), ({"apply": lambda s, v: v}, "(60,)"),
     ({"apply": lambda s, v: np.zeros((len(v), 2))}, "(60, 2)"), ({"apply": lambda s, v: [["x"]] * len(v)}, "ValueError")],
)  # fmt: skip
def test_what_fails_or_cannot_be_stored_names_transformer_and_column(parts, words, monkeypatch):
    given, y = table()
    recipe = toy(monkeypatch, **parts)
    with pytest.raises(ArtifactError) as failed:
        fit_transform(given, FIELDS[:1], y, SCALED, recipe)
    assert words in failed.value.problem and "`toy` of toys 1.0, on column `amount`" in failed.value.problem


def test_numbers_without_end_are_missing_ones_and_input_is_untouched(monkeypatch):
    def spoil(state, values):
        values[:] = 7.0
        return np.full((len(values), 1), np.inf)

    given, y = table()
    before, classes = given.columns["amount"].values.copy(), y.copy()

    def fit(values, y):
        values[:], y[:] = 0.0, 0
        return State()

    recipe = toy(monkeypatch, apply=spoil, fit=fit)
    _, x = fit_transform(given, FIELDS[:1], y, RAW, recipe)
    assert np.isnan(x[:, 0]).all() and np.array_equal(given.columns["amount"].values, before, equal_nan=True) and np.array_equal(y, classes)
    _, x = fit_transform(given, FIELDS[:1], y, SCALED, recipe)
    assert np.isfinite(x).all()


def test_each_distinct_text_is_handed_in_once_and_a_missing_one_as_none(monkeypatch):
    seen = []

    def apply(state, values):
        seen.append(list(values))
        return np.array([[-1.0 if v is None else float(len(v))] for v in values])

    given = Table({"email": column_of(["a", "bb", "a", None] * 20)}, 80)
    recipe = replace(toy(monkeypatch, apply=apply), transforms={"email": TOY})
    form, x = fit_transform(given, FIELDS[1:], np.arange(80) % 2, RAW, recipe)
    column = Features(form).names().index("email zero")
    assert (x if isinstance(x, np.ndarray) else x.toarray())[:4, column].tolist() == [1.0, 2.0, 1.0, -1.0]
    assert all(values == ["a", "bb", None] for values in seen)


def test_a_text_of_which_nothing_else_is_made_stays_for_its_transformer():
    from automl.features.recipe import TextOptions

    texts = {"email": TextOptions("none"), "note": TextOptions("none")}
    assert Recipe(texts=texts, transforms={"email": TOY}).left_out() == ("note",)


def test_a_recipe_with_transformers_comes_back_from_json():
    recipe = Recipe(transforms={"email": TOY})
    assert Recipe.from_dict(json.loads(json.dumps(recipe.asdict()))) == recipe

"""Which matrix columns are kept: against scikit-learn, and what a form is after some have gone."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_selection import SelectKBest, f_classif

from automl.families.base import Needs
from automl.features.fit import fit_transform
from automl.features.recipe import Recipe
from automl.features.select import separation
from automl.inference.features import Features
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.table import Column, Field, Table
from automl.testing.contract import FIELDS, sample


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_scores_are_scikit_learns(n_classes, offset):
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, 300) * 3
    x = rng.normal(size=(300, 400)) + y[:, None] * rng.random(400) / 5 + offset
    assert np.allclose(separation(x, y), f_classif(x - offset, y)[0], rtol=1e-5)  # far from 0 scikit-learn's own lose digits
    thin = np.where(rng.random(x.shape) < 0.9, 0, np.abs(x))
    assert offset or np.allclose(separation(sparse.csr_matrix(thin), y), f_classif(thin, y)[0], rtol=1e-6)


def test_scores_of_columns_with_missing_values_are_those_of_their_known_ones():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 3)), rng.integers(0, 2, 200)
    x[:, 1] += y
    gone = rng.random(200) < 0.3
    x[gone, 1] = np.nan
    x[:, 2] = np.nan
    assert separation(x, y)[1] == pytest.approx(f_classif(x[~gone, 1:2], y[~gone])[0][0]) and separation(x, y)[2] == 0


def test_columns_without_spread_score_nothing_and_those_that_tell_all_most():
    y = np.arange(40) % 2
    x = np.stack([np.ones(40), y, np.full(40, 1e9), np.random.default_rng(0).normal(size=40)], axis=1)
    scores = separation(x, y)
    assert scores[0] == scores[2] == 0 and scores[1] == np.inf > scores[3]
    assert not separation(x, np.zeros(40, int)).any()


@pytest.mark.parametrize("needs", [Needs(), Needs(scaled=False), Needs(sparse=True)], ids=lambda n: n.key())
@pytest.mark.parametrize("limit", [1, 7, 30])
def test_what_is_kept_are_the_best_columns_in_their_order(needs, limit):
    table, y = sample(300)
    whole, x = fit_transform(table, FIELDS, y, needs, Recipe(select=None))
    form, kept = fit_transform(table, FIELDS, y, needs, Recipe(select=limit))
    x, kept = (m.toarray() if sparse.issparse(m) else m for m in (x, kept))
    best = np.sort(np.argsort(-separation(x, y), kind="stable")[:limit])
    features = Features(from_bytes(to_bytes(form), "f"))
    assert np.array_equal(kept, x[:, best], equal_nan=True)
    assert features.names() == [Features(whole).names()[i] for i in best]
    again = features.transform(table)
    assert sparse.issparse(again) == features.sparse
    assert np.array_equal(again.toarray() if features.sparse else again, kept, equal_nan=True)


def test_dense_scores_choose_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    x = rng.normal(size=(400, 20)) + y[:, None] * np.linspace(0, 1, 20)
    columns = {f"n{i}": Column("number", x[:, i]) for i in range(20)}
    _, kept = fit_transform(Table(columns, 400), [Field(n, "number") for n in columns], y, Needs(scaled=False), Recipe(select=6))
    assert np.allclose(kept, SelectKBest(f_classif, k=6).fit_transform(x, y), atol=1e-6)


def test_steps_of_which_nothing_is_left_are_gone_with_what_they_store():
    table, y = sample(300)
    noise = Column("coded", np.random.default_rng(0).integers(0, 60, 300).astype(np.int32), tuple(f"l{i}" for i in range(60)))
    table = Table({"number": table.columns["number"], "noise": noise, "text": table.columns["text"]}, 300)
    fields = [Field("number", "number"), Field("noise", "category"), Field("text", "text")]
    form, x = fit_transform(table, fields, y, Needs(scaled=False, sparse=True), Recipe(select=2))
    columns = {step["column"] for step in form.config["steps"]}
    assert "noise" not in columns and not any(name.startswith("target") for name in form.arrays) and x.shape == (300, 2)
    assert Features(form).transform(Table({name: table.columns[name] for name in columns}, 300)).shape == (300, 2)


def test_all_columns_stay_when_they_are_not_too_many():
    table, y = sample(100)
    form, x = fit_transform(table, FIELDS, y, Needs())
    assert "select" not in form.arrays and x.shape[1] == len(Features(form).names())


def test_more_than_five_thousand_columns_are_cut_without_asking():
    rng = np.random.default_rng(0)
    columns = {f"n{i}": Column("number", rng.normal(size=20)) for i in range(5010)}
    form, x = fit_transform(Table(columns, 20), [Field(n, "number") for n in columns], np.arange(20) % 2, Needs(scaled=False))
    assert x.shape == (20, 5000) and len(form.config["steps"]) == 5000

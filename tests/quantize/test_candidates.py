"""Rows that rounding looks at are those that the model took: by its own encoding, of its own fold, of its own features."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from automl.families.base import Context
from automl.features.fit import fit_features
from automl.finalize.candidate import Candidate, FoldModel, Member
from automl.inference.blend import Voice, blend, views
from automl.inference.features import Features
from automl.inference.table import Column, Field, Table
from automl.plan.candidates import CandidateFamily
from automl.quantize.candidates import rows_learned, rungs_alike, schemes_of
from automl.quantize.network import TUNED
from automl.search.store import Store
from automl.search.workers.fitting import fit

from ..toys import toy_plan
from .test_tune import spiked

LOGISTIC = "automl.families.classifiers.logistic_regression:FAMILY"
FIELDS = (Field("a", "number"), Field("c", "category"))


@pytest.fixture
def store(tmp_path):
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 6, 240).astype(np.int32)
    y = (rng.random(240) < 0.15 + 0.12 * levels).astype(np.int64)
    table = Table({"a": Column("number", rng.normal(size=240)), "c": Column("category", levels, tuple("uvwxyz"))}, 240)
    rows = np.arange(240)
    return Store.create(tmp_path / "store", table, FIELDS, y, rows, [(rows[rows % 2 != k], rows[rows % 2 == k]) for k in (0, 1)])


def made(store):
    """Return a plan, and a blend of two logistic regressions that see the category each in its own way."""
    plan = toy_plan(candidates=(CandidateFamily("logistic_regression", LOGISTIC, None, "cpu"),), fields=FIELDS, n_rows=240, calibration_rows=50)
    family = plan.record("logistic_regression")
    every = [{"C": 1.0, "penalty": "l2", "encode": encode} for encode in ("auto", "target")]
    needs = tuple(family.needs_of(params) for params in every)

    def model(params, fold):
        form, x, _ = store.features(family.needs_of(params), fold)
        learn = store.train if fold is None else store.folds[fold][0]
        context = Context("classification", len(learn), x.shape[1], 2)
        return form, family.export(fit(family, {}, params, context, x, store.y[learn], float("inf")), context)

    def mixed(fold):
        return blend([Voice("logistic_regression", model(params, fold)[1], view, 0.5) for view, params in enumerate(every)])

    folds = tuple(FoldModel(k, mixed(k), None, None, needs=needs) for k in (0, 1))
    members = tuple(Member("logistic_regression", n, 0.5) for n in (1, 2))
    return plan, Candidate("ensemble", "float32", "as trained", views([model(p, None)[0] for p in every]), mixed(None), folds, 1, members=members), needs


def test_each_model_is_given_rows_as_it_takes_them(store):
    plan, candidate, needs = made(store)
    rows_of = rows_learned(plan, candidate, store)
    for view in (0, 1):
        for fold in (0, 1):
            x = store.features(needs[view], fold)[1]
            found = rows_of(view, fold)
            assert found.shape == (50, x.shape[1]) and {row.tobytes() for row in np.asarray(found)} <= {row.tobytes() for row in np.asarray(x)}
        assert rows_of(view, None).shape == (50, store.features(needs[view], None)[1].shape[1])
    assert rows_of(0, 0).shape[1] != rows_of(1, 0).shape[1]


def test_every_way_at_8_bits_can_be_taken_whatever_the_encodings(store):
    plan, candidate, _ = made(store)
    for step in (0, 1, 2):
        assert rungs_alike(plan, candidate, step, store)[-1].step == step


def test_a_network_that_ships_in_another_fit_is_fine_tuned_as_the_judged_one_was(store):
    plan, candidate, needs = made(store)
    features = store.features(needs[0], None)[0]
    network = replace(
        candidate, family="mlp", features=features, model=spiked((Features(features).width, 16, 16, 1)), folds=(), members=(Member("mlp", 1, 1.0),)
    )
    plan = replace(plan, calibration_rows=200, candidates=(CandidateFamily("mlp", "automl.families.classifiers.mlp:FAMILY", None, "cpu"),))
    import_module("torch")
    tuned, kept, untimed = (rungs_alike(plan, network, step, store, tuning)[-1] for step, tuning in ((3, 5.0), (2, 5.0), (3, 0.0)))
    assert TUNED in tuned.scheme and tuned.step == 3 and TUNED not in kept.scheme and untimed.scheme == kept.scheme


def test_a_model_fitted_on_more_rows_is_given_rows_by_its_own_features(store):
    plan, candidate, needs = made(store)
    few = np.flatnonzero(store.table.columns["c"].values < 3)
    other = fit_features(store.table.take(few), FIELDS, store.y[few], needs[0])
    x = rows_learned(plan, replace(candidate, features=other, folds=()), store)(0, None)
    assert x.shape[1] < store.features(needs[0], None)[1].shape[1]


def test_a_constant_has_no_scheme_and_says_why(store):
    plan, candidate, _ = made(store)
    assert schemes_of(plan, candidate) == ({"logistic_regression": "linear"}, "")
    assert schemes_of(plan, replace(candidate, trial=None))[0] == {} and "nothing to quantize" in schemes_of(plan, replace(candidate, trial=None))[1]

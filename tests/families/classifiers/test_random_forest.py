import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers import random_forest
from automl.families.classifiers.random_forest import FAMILY, TREES
from automl.inference.forms import Model


def _fit(x, y, n_outputs=2, progress=None, **params):
    context = Context("classification", len(y), x.shape[1], n_outputs)
    estimator = FAMILY.fit(FAMILY.build({**FAMILY.space(context).default(), **params}, context), FitData(x, y), progress or Progress())
    return estimator, FAMILY.export(estimator, context)


@pytest.fixture
def few_trees(monkeypatch):
    monkeypatch.setattr(random_forest, "TREES", 25)


def _xy(n=120, seed=0):
    x = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    return x, (x[:, 0] + x[:, 1] > 0).astype(np.int64)


def test_it_grows_to_its_size_or_to_its_deadline():
    x, y = _xy()
    assert len(_fit(x, y)[0].estimators_) == TREES
    assert len(_fit(x, y, progress=Progress(time.monotonic()))[0].estimators_) == 1


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 999))
def test_a_value_on_a_threshold_goes_where_the_library_sends_it(seed):
    """Whole numbers put thresholds at halves; asked there and one float32 step beside, ours and theirs must agree."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 6, (80, 2)).astype(np.float32) * np.float32(0.1)
    y = ((x[:, 0] > 0.25) ^ (rng.random(80) < 0.1)).astype(np.int64)
    estimator, form = _fit(x, y, progress=Progress(0.0))
    thresholds = np.unique(np.concatenate([m.tree_.threshold[m.tree_.children_left >= 0] for m in estimator.estimators_]).astype(np.float32))
    values = np.concatenate([thresholds, np.nextafter(thresholds, np.float32(-9)), np.nextafter(thresholds, np.float32(9))])
    asked = np.stack([values, rng.permutation(values)], axis=1)
    assert np.abs(Model(form).predict(asked) - FAMILY.predict(estimator, asked)).max() < 1e-6


@pytest.mark.parametrize("seen", [True, False])
def test_missing_cells_go_where_the_library_sends_them(few_trees, seen):
    x, y = _xy()
    asked = x.copy()
    asked[::3, 0] = np.nan
    asked[::4, 2] = np.nan
    estimator, form = _fit(asked if seen else x, y)
    assert np.abs(Model(form).predict(asked) - FAMILY.predict(estimator, asked)).max() < 1e-6


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_its_options_reach_the_library(few_trees, criterion):
    estimator, _ = _fit(*_xy(), criterion=criterion, min_samples_leaf=20, max_features=0.5)
    assert (estimator.criterion, estimator.min_samples_leaf, estimator.max_features) == (criterion, 20, 0.5)
    assert all(m.tree_.weighted_n_node_samples[m.tree_.children_left < 0].min() >= 10 and m.tree_.node_count < 15 for m in estimator.estimators_)


def test_a_class_the_fold_lacks_gets_nothing(few_trees):
    x, y = _xy()
    _, form = _fit(x, y * 2, n_outputs=4)
    proba = Model(form).predict(x)
    assert proba.shape == (120, 4) and not proba[:, [1, 3]].any()


def test_what_it_explains_points_at_the_features_that_matter(few_trees):
    estimator, _ = _fit(*_xy())
    found = FAMILY.explain(estimator)
    assert found.shape == (3,) and found.argmin() == 2

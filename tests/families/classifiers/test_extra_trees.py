import time

import numpy as np
import pytest

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers import extra_trees
from automl.families.classifiers.extra_trees import FAMILY, TREES
from automl.inference.forms import Model


def _fit(x, y, progress=None, **params):
    context = Context("classification", len(y), x.shape[1], 2, seed=1)
    estimator = FAMILY.fit(FAMILY.build({**FAMILY.space(context).default(), **params}, context), FitData(x, y), progress or Progress())
    return estimator, FAMILY.export(estimator, context)


def _xy(n=120, seed=0):
    x = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    return x, (x[:, 0] + x[:, 1] > 0).astype(np.int64)


def test_it_grows_to_its_size_or_to_its_deadline():
    x, y = _xy()
    assert len(_fit(x, y)[0].estimators_) == TREES
    assert len(_fit(x, y, progress=Progress(time.monotonic()))[0].estimators_) == 1


@pytest.mark.parametrize("seen", [True, False])
def test_missing_cells_go_where_the_library_sends_them(monkeypatch, seen):
    monkeypatch.setattr(extra_trees, "TREES", 25)
    x, y = _xy()
    asked = x.copy()
    asked[::3, 0] = np.nan
    asked[::4, 2] = np.nan
    estimator, form = _fit(asked if seen else x, y)
    assert np.abs(Model(form).predict(asked) - FAMILY.predict(estimator, asked)).max() < 1e-6


def test_its_options_reach_the_library(monkeypatch):
    monkeypatch.setattr(extra_trees, "TREES", 5)
    estimator, _ = _fit(*_xy(), criterion="entropy", min_samples_leaf=20, max_features=0.5)
    assert (estimator.criterion, estimator.min_samples_leaf, estimator.max_features, estimator.random_state) == ("entropy", 20, 0.5, 1)
    assert not estimator.bootstrap and all(m.tree_.node_count < 15 for m in estimator.estimators_)

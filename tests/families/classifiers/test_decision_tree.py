import numpy as np
import pytest

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers.decision_tree import FAMILY
from automl.inference.forms import Model


def _xy(n=300, k=2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    return x, np.clip(np.floor(x[:, 0] + rng.normal(0, 0.7, n) + k / 2), 0, k - 1).astype(np.int64)


def _fit(x, y, k=2, weight=None, monotone=(), **params):
    context = Context("classification", len(y), x.shape[1], k, monotone=monotone)
    estimator = FAMILY.fit(FAMILY.build({**FAMILY.space(context).default(), **params}, context), FitData(x, y, weight=weight), Progress())
    return estimator, Model(FAMILY.export(estimator, context)).predict(x)


def test_a_leaf_is_pulled_towards_the_shares_of_the_classes():
    x = np.arange(10, dtype=np.float32)[:, None]
    y = (x[:, 0] >= 4).astype(np.int64)
    _, proba = _fit(x, y, min_samples_leaf=1, smoothing=2.0)
    assert np.allclose(proba[0, 1], 2 * 0.6 / (4 + 2)) and np.allclose(proba[-1, 1], (6 + 2 * 0.6) / (6 + 2), atol=1e-6)


@pytest.mark.parametrize("k", [2, 4])
def test_smoothing_helps_probabilities_on_rows_of_its_own(k):
    x, y = _xy(k=k)
    asked, truth = _xy(2000, k, seed=1)
    losses = []
    for smoothing in (1e-3, 4.0):
        context = Context("classification", 300, 3, k)
        params = {**FAMILY.space(context).default(), "min_samples_leaf": 2, "smoothing": smoothing}
        form = FAMILY.export(FAMILY.fit(FAMILY.build(params, context), FitData(x, y), Progress()), context)
        losses.append(-np.log(np.clip(Model(form).predict(asked)[np.arange(2000), truth], 1e-7, 1)).mean())
    assert losses[1] < losses[0] - 0.1


def test_its_options_reach_the_library():
    estimator, _ = _fit(*_xy(), criterion="entropy", max_depth=3, min_samples_leaf=17, max_features=0.5)
    assert (estimator.criterion, estimator.get_depth(), estimator.max_features) == ("entropy", 3, 0.5)
    assert estimator.tree_.n_node_samples[estimator.tree_.children_left < 0].min() >= 17


def test_leaves_stay_as_they_are_where_a_column_has_a_sign():
    x, y = _xy()
    free, bound = (_fit(x, y, monotone=signs, min_samples_leaf=1, max_depth=12)[1] for signs in ((), (1, 0, 0)))
    assert 0.0 not in free and 0.0 in bound


def test_weights_count_in_the_shares_and_in_the_smoothing():
    x = np.zeros((4, 1), np.float32)
    _, proba = _fit(x, np.array([0, 0, 0, 1]), weight=np.array([0.5, 0.5, 0.5, 2.5], np.float32))
    assert np.allclose(proba[:, 1], 2.5 / 4)

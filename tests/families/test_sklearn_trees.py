"""What scikit-learn's trees have in common: portions by the clock, weights, signs, the way to the form."""

import time

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from automl.families.base import Context, FitData, Progress
from automl.families.sklearn_trees import LONG, MOST_LEAVES, explain, export, forest_seconds, grow, most_leaves, nodes_mb, predict, signs
from automl.inference.forms import Model

CONTEXT = Context("classification", 200, 3, 2)


def _xy(n=200, k=2, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    y = np.clip(np.floor(x[:, 0] + rng.normal(0, 0.5, n) + k / 2), 0, k - 1).astype(np.int64)
    x[rng.random(x.shape) < 0.1] = np.nan
    return x, y


@pytest.mark.parametrize("library", [RandomForestClassifier, ExtraTreesClassifier])
def test_portions_change_no_tree(library):
    x, y = _xy()
    whole = grow(library(warm_start=True, random_state=3), FitData(x, y), Progress(), 20)
    parts = library(warm_start=True, random_state=3)
    for upto in (1, 4, 20):
        parts.n_estimators = upto
        parts.fit(x, y)
    timed = grow(library(warm_start=True, random_state=3), FitData(x, y), Progress(time.monotonic() + 60), 20)
    assert np.array_equal(predict(whole, x), predict(parts, x)) and np.array_equal(predict(whole, x), predict(timed, x))


def test_it_ends_with_the_trees_it_has():
    x, y = _xy()
    assert len(grow(RandomForestClassifier(warm_start=True), FitData(x, y), Progress(time.monotonic()), 50).estimators_) == 1


@pytest.mark.parametrize("library", [DecisionTreeClassifier, ExtraTreesClassifier])
@pytest.mark.parametrize("k", [2, 4])
def test_a_form_predicts_what_the_library_does(library, k):
    x, y = _xy(k=k)
    estimator = library(random_state=0, max_depth=6).fit(x, y)
    form = export(estimator, Context("classification", 200, 3, k))
    assert np.abs(Model(form).predict(x) - predict(estimator, x)).max() < 1e-6


def test_a_split_between_missing_and_known_values_is_kept():
    x = np.array([[1.0], [2.0], [np.nan], [3.0], [np.nan], [4.0]], np.float32)
    estimator = DecisionTreeClassifier(random_state=0).fit(x, np.isnan(x[:, 0]).astype(int))
    form = export(estimator, CONTEXT)
    asked = np.array([[np.nan], [-3e38], [3e38], [2.0]], np.float32)
    assert Model(form).predict(asked)[:, 1].tolist() == predict(estimator, asked)[:, 1].tolist() == [1, 0, 0, 0]


def test_signs_are_for_two_classes_and_for_some_column():
    assert signs(Context("classification", 9, 2, 2, monotone=(0, -1))) == [0, -1]
    assert signs(Context("classification", 9, 2, 2)) is None and signs(Context("classification", 9, 2, 2, monotone=(0, 0))) is None
    assert signs(Context("classification", 9, 2, 3, monotone=(0, -1))) is None


def test_importances_are_those_of_the_library():
    x, y = _xy()
    assert explain(DecisionTreeClassifier(random_state=0).fit(x, y)).argmax() == 0


def test_long_tables_have_a_bound_on_leaves_and_so_on_memory():
    long = Context("classification", 10 * LONG, 3, 2)
    assert most_leaves(CONTEXT) is None and most_leaves(long) == MOST_LEAVES
    assert nodes_mb(long, 200, 1, 1.0) == pytest.approx(nodes_mb(Context("classification", 100 * LONG, 3, 2), 200, 1, 1.0))
    assert nodes_mb(CONTEXT, 200, 2, 1.0) < nodes_mb(CONTEXT, 200, 1, 1.0) < 10


def test_seconds_grow_with_trees_columns_and_classes():
    def seconds(context=CONTEXT, trees=100, share=0.5, leaf=2):
        return forest_seconds(context, trees, share, leaf, 300, 1e-7, 0.0)

    base = seconds()
    assert seconds(trees=200) == pytest.approx(2 * base) and seconds(share=1.0) > base > seconds(leaf=50)
    assert seconds(Context("classification", 200, 3, 9)) > base and seconds(Context("classification", 200, 3, 2, text=True)) > base

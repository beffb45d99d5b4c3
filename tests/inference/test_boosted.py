"""Each way to predict is gone where it is quick, and refuses what it cannot do; test_trees compares what they say."""

import numpy as np
import pytest

from automl.families.tree_forms import tree_form
from automl.inference import boosted, compiled
from automl.inference.forms import Model
from automl.quantize.boosted_trees import store
from tests.builders import random_tree
from tests.inference.test_trees import FEATURES, forest, predict


@pytest.fixture
def asked(monkeypatch):
    """The kernels that were asked for."""
    seen = []

    def kernel(module, kind, seconds):
        seen.append((module, kind))
        return compiled.kernel(module, kind, float("inf"))

    monkeypatch.setattr(boosted, "kernel", kernel)
    monkeypatch.setattr("automl.inference.trees.kernel", kernel)
    return seen


@pytest.mark.parametrize(("precision", "kind"), [("float32", "uint32"), ("float16", "uint16"), ("int8", "uint8")])
def test_few_rows_are_walked_and_many_go_through_vectors(asked, precision, kind):
    trees, x = forest(3, 5)
    model = Model(store(tree_form(trees, "sum", [0.0], 2), precision)[0])
    model.predict(x[:1])
    model.predict(np.tile(x, (20, 1)))
    assert asked == [("few", "all"), ("boosted", kind)]


def test_trees_too_large_for_vectors_are_walked_by_values(asked, monkeypatch):
    monkeypatch.setattr(boosted, "SPLITS_PER_STEP", 0)
    trees, x = forest(3, 5)
    model, many = Model(tree_form(trees, "sum", [0.0], 2)), np.tile(x, (20, 1))
    first = model.predict(many)
    assert np.array_equal(model.predict(many), first) and asked == [("boosted", "uint32"), ("walk", "float32"), ("walk", "float32")]


def test_trees_that_look_at_very_many_features_are_never_walked_as_bytes(asked):
    rng = np.random.default_rng(0)
    model = Model(tree_form([random_tree(rng, 400, 6) for _ in range(60)], "sum", [0.0], 2))
    model.predict(rng.normal(size=(2, 400)).astype(np.float32))
    assert asked == [("boosted", "uint32")]


def test_a_feature_of_very_many_cut_points_is_walked_by_values(asked):
    rng = np.random.default_rng(0)
    model = Model(tree_form([random_tree(rng, 1, 9) for _ in range(12)], "sum", [0.0], 2))
    model.predict(rng.normal(size=(100, 1)).astype(np.float32))
    assert asked == [("walk", "float32")]


@pytest.mark.parametrize("n", [1, 5, 300])
def test_rows_of_other_types_and_orders_are_taken(asked, n):
    trees, _ = forest(4, 6)
    x = np.random.default_rng(1).normal(size=(n, FEATURES)).astype(np.float32)
    model = Model(tree_form(trees, "sum", [0.0], 2))
    expected = model.predict(x)
    wide = np.zeros((n, 2 * FEATURES), np.float32)
    wide[:, ::2] = x
    for same in (x.astype(np.float64), np.asfortranarray(x), wide[:, ::2]):
        assert np.array_equal(model.predict(same), expected)


@pytest.mark.parametrize("n", [1, 300])
def test_too_few_columns_are_refused_by_every_way(asked, n):
    trees, _ = forest(6, 5)
    with pytest.raises(IndexError, match=f"need {FEATURES} columns"):
        Model(tree_form(trees, "sum", [0.0], 2)).predict(np.zeros((n, FEATURES - 1), np.float32))


def test_sums_are_those_of_single_precision_in_order():
    trees, x = forest(8, 40, depth=3)
    form = tree_form(trees, "sum", [0.25], 2)
    from tests.builders import walk

    margin = np.full(len(x), np.float32(0.25))
    for tree in trees:
        margin += np.array([walk(tree, row)[0] for row in x], np.float32)
    from automl.inference.chances import chances

    assert np.array_equal(predict(form, x), chances(margin[:, None]))


def test_many_classes_and_many_rows():
    trees, x = forest(9, 12, depth=7)
    form = store(tree_form(trees, "sum", [0.1, 0.2, 0.3, 0.4], 4), "int8")[0]
    many = np.tile(x, (50, 1))
    assert np.array_equal(predict(form, many), np.tile(predict(form, x), (50, 1)))

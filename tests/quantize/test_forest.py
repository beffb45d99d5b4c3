"""Thinned cut points stay among a feature's own; shares keep their sum; equal rows are stored once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.tree_forms import tree_form
from automl.inference.forms import Model
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.trees import thresholds_of
from automl.quantize import forest as module
from automl.quantize.forest import store, thinned, whole_shares
from tests.builders import random_tree


def form_of(seed, n_trees=5, width=3, depth=6, features=4):
    rng = np.random.default_rng(seed)
    trees = [random_tree(rng, features, depth, width) for _ in range(n_trees)]
    for tree in trees:
        tree.value[:] = np.abs(tree.value) / np.abs(tree.value).sum(axis=1, keepdims=True)
    return tree_form(trees, "mean", [], width)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(1, 80))
def test_each_feature_keeps_so_many_cut_points_of_its_own_in_order(seed, most, n):
    rng = np.random.default_rng(seed)
    feature, threshold = rng.integers(0, 3, n), rng.normal(size=n).round(1).astype(np.float32)
    found = thinned(feature, threshold, most)
    for f in np.unique(feature):
        mine, kept = threshold[feature == f], found[feature == f]
        assert len(np.unique(kept)) <= most and np.isin(kept, mine).all()
        order = np.argsort(mine, kind="stable")
        assert (np.diff(kept[order]) >= 0).all()
        if len(np.unique(mine)) <= most:
            assert np.array_equal(kept, mine)


def test_cut_points_are_close_where_many_splits_are():
    threshold = np.concatenate([np.linspace(0, 1, 900), np.linspace(1, 100, 100)]).astype(np.float32)
    kept = np.unique(thinned(np.zeros(1000, np.int64), threshold, 10))
    assert (kept <= 1).sum() == 9


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 7), st.sampled_from([255, 65535]))
def test_shares_keep_their_sum_and_lose_less_than_one_step(seed, width, total):
    leaf = np.random.default_rng(seed).dirichlet(np.full(width, 0.3), size=20).astype(np.float32)
    whole = whole_shares(leaf, total)
    assert (whole.sum(axis=1) == total).all() and (whole >= 0).all() and np.abs(whole / total - leaf).max() <= 1.001 / total


@pytest.mark.parametrize(("precision", "kind", "most"), [("float16", np.uint16, 1e-4), ("int8", np.uint8, 5e-3)])
def test_a_stored_forest_predicts_almost_the_same(precision, kind, most):
    form = form_of(1)
    stored, words = store(form, precision)
    stored = from_bytes(to_bytes(stored), "m")
    x = np.random.default_rng(0).normal(size=(90, 4)).astype(np.float32)
    assert stored.arrays["leaf.rows"].dtype == kind and stored.n_bytes < form.n_bytes and f"{8 * kind(0).itemsize} bits" in words
    assert np.array_equal(thresholds_of(stored), form.arrays["threshold"])
    found = Model(stored).predict(x)
    assert np.abs(found - Model(form).predict(x)).max() <= most and np.abs(found.sum(axis=1) - 1).max() < 1e-6


def test_pure_leaves_take_a_byte_each():
    rng = np.random.default_rng(2)
    tree = random_tree(rng, 3, 7, 2)
    tree.value[:] = np.eye(2, dtype=np.float32)[rng.integers(0, 2, len(tree.value))]
    stored, _ = store(tree_form([tree], "mean", [], 2), "int8")
    assert stored.arrays["leaf.rows"].tolist() == [[0, 255], [255, 0]] and stored.arrays["leaf"].dtype == np.uint8


def test_float32_is_left_alone():
    form = form_of(3)
    assert store(form, "float32")[0] is form


def test_many_cut_points_are_thinned_to_a_byte(monkeypatch):
    form = form_of(4, n_trees=20, depth=7, features=1)
    assert len(np.unique(form.arrays["threshold"])) > 255
    stored, _ = store(form, "int8")
    assert stored.arrays["cut_counts"].tolist() == [255]
    monkeypatch.setitem(module.MOST, "int8", 3)
    assert store(form, "int8")[0].arrays["cut_counts"].tolist() == [3]

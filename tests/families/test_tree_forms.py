"""Trees of any node order become the compact form in preorder."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.tree_forms import Tree, above, boosted_form, lone_leaf, preorder, tree_form
from automl.inference.forms import Model
from tests.builders import random_tree, walk


def recursive(left, right, node=0):
    return [node] + (recursive(left, right, left[node]) + recursive(left, right, right[node]) if left[node] >= 0 else [])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 6), st.booleans())
def test_preorder_is_that_of_a_recursive_walk(seed, depth, shuffle):
    tree = random_tree(np.random.default_rng(seed), 3, depth, shuffle=shuffle)
    assert preorder(tree.left, tree.right).tolist() == recursive(tree.left, tree.right)


def test_preorder_skips_nodes_that_were_pruned():
    left, right = np.array([1, -1, -1, 4, -1, -1]), np.array([2, -1, -1, 5, -1, -1])
    assert preorder(left, right).tolist() == [0, 1, 2]


def test_preorder_holds_when_only_left_children_follow_their_parents():
    left, right = np.array([1, 2, -1, 4, -1, -1, -1]), np.array([3, 5, -1, 6, -1, -1, -1])
    assert preorder(left, right).tolist() == recursive(left, right)


def stump(feature, threshold, missing_right=False):
    ints = [np.array(v, np.int64) for v in ([1, -1, -1], [2, -1, -1], [feature, 0, 0])]
    return Tree(*ints, np.array([threshold, 9, 9], np.float32), np.array([missing_right, False, False]), np.array([[9], [1], [2]], np.float32))


def test_only_what_is_read_is_stored():
    form = tree_form([stump(3, 0.5), stump(1, -2)], "sum", [0.25], 2)
    assert form.arrays["feature"].tolist() == [3, 1] and form.arrays["threshold"].tolist() == [0.5, -2.0]
    assert form.arrays["leaf"].ravel().tolist() == [1, 2, 1, 2] and "missing_right" not in form.arrays
    assert form.config == {"n_trees": 2, "n_nodes": 6, "n_outputs": 2, "mode": "sum", "base": [0.25]}


@pytest.mark.parametrize(("feature", "kind"), [(255, np.uint8), (256, np.uint16), (65535, np.uint16), (65536, np.uint32)])
def test_features_take_as_many_bytes_as_the_widest_needs(feature, kind):
    form = tree_form([stump(feature, 0.5)], "sum", [0.0], 2)
    assert form.arrays["feature"].dtype == kind and form.arrays["feature"][0] == feature


def test_missing_cells_go_where_the_tree_says():
    x = np.array([[np.nan], [1.0], [0.0]], np.float32)
    for missing_right in (False, True):
        margin = np.array([2.0 if missing_right else 1.0, 2.0, 1.0])
        found = Model(tree_form([stump(0, 0.5, missing_right)], "sum", [0.0], 2)).predict(x)
        assert np.allclose(found[:, 1], 1 / (1 + np.exp(-margin)), atol=1e-6)


def test_no_trees_predict_the_base():
    form = tree_form([], "sum", [0.0, np.log(3)], 2)
    assert np.allclose(Model(form).predict(np.zeros((2, 3), np.float32)), [[0.25, 0.75]] * 2)


def test_a_lone_leaf_is_a_tree():
    leaf = Tree(*(np.array([v], np.int64) for v in (-1, -1, 0)), np.zeros(1, np.float32), np.zeros(1, bool), np.array([[0.3, 0.7]], np.float32))
    x = np.zeros((2, 1), np.float32)
    assert np.allclose(Model(tree_form([leaf, leaf], "mean", [], 2)).predict(x), walk(leaf, x[0]))


@settings(max_examples=200, deadline=None)
@given(st.floats(allow_nan=False), st.floats(allow_nan=False, width=32))
def test_a_number_is_at_most_a_threshold_just_when_it_is_below_the_one_above(threshold, number):
    for x in np.array([number, threshold, -threshold], dtype=np.float64).clip(-3e38, 3e38).astype(np.float32):
        assert (np.float64(x) <= threshold) == (x < above(np.array([threshold]))[0])


def margins(form, n_rows=1):
    return np.log(Model(form).predict(np.ones((n_rows, 1), np.float32)).astype(np.float64))


def test_boosted_trees_of_all_classes_stand_as_they_are():
    trees = [stump(0, 0.5), stump(0, 9.0)]
    assert boosted_form(trees, [0.25], [0, 1], 2).config["base"] == [0.25]
    three = boosted_form([*trees, lone_leaf()], [0.0, 0.5, 0.0], [0, 1, 2], 3)
    assert np.allclose(margins(three)[0] - margins(three)[0, 2], [2.0, 1.5, 0.0], atol=1e-5)


@pytest.mark.parametrize("wide", [False, True])
def test_classes_that_a_fit_did_not_see_are_next_to_impossible(wide):
    if wide:
        tree = stump(0, 0.5)
        trees = [Tree(tree.left, tree.right, tree.feature, tree.threshold, tree.missing_right, np.array([[0] * 3, [1, 2, 3], [4, 5, 6]], np.float32))] * 2
        form = boosted_form(trees, [0.0, 1.0, 0.0], [0, 2, 3], 5)
        expected = [8.0, 11.0, 12.0]
    else:
        form = boosted_form([stump(0, 0.5), stump(0, 9.0), lone_leaf()] * 2, [0.0, 1.0, 0.0], [0, 2, 3], 5)
        expected = [4.0, 3.0, 0.0]
    found = margins(form)[0]
    assert np.allclose(found[[0, 2, 3]] - found[3], np.array(expected) - expected[2], atol=1e-5)
    assert (found[[1, 4]] < -25).all()


def test_two_classes_of_more_have_one_margin_and_a_lone_class_has_none():
    two = margins(boosted_form([stump(0, 0.5)] * 3, [0.5], [1, 3], 4))[0]
    assert np.isclose(two[3] - two[1], 6.5, atol=1e-5) and (two[[0, 2]] < -25).all()
    for code in range(3):
        found = Model(boosted_form([], [], [code], 3)).predict(np.zeros((2, 1), np.float32))
        assert np.allclose(found, np.eye(3)[[code, code]], atol=1e-9)
    for code in range(2):
        assert np.allclose(Model(boosted_form([], [], [code], 2)).predict(np.zeros((1, 1), np.float32)), np.eye(2)[[code]], atol=1e-9)

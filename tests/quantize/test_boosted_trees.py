"""Thresholds by position lose nothing; leaves at most half a step of their tree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.tree_forms import Tree, tree_form
from automl.inference.forms import Model
from automl.inference.storage import from_bytes, to_bytes
from automl.inference.trees import leaves_of, roots_of, thresholds_of
from automl.quantize.boosted_trees import store
from tests.builders import random_tree

X = np.random.default_rng(9).normal(size=(50, 4)).astype(np.float32)


def form_of(seed, n_trees=6, depth=5, halves=0):
    rng = np.random.default_rng(seed)
    return tree_form([random_tree(rng, 4, depth, halves=halves) for _ in range(n_trees)], "sum", [0.1], 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 6), st.integers(0, 6), st.sampled_from([0, 2, 4]), st.sampled_from(["float16", "int8"]))
def test_thresholds_are_kept_exactly(seed, n_trees, depth, halves, precision):
    form = form_of(seed, n_trees, depth, halves)
    stored = from_bytes(to_bytes(store(form, precision)[0]), "m")
    assert "threshold" not in stored.arrays and stored.arrays["bin"].dtype == np.uint8
    assert np.array_equal(thresholds_of(stored), form.arrays["threshold"])
    assert Model(stored).predict(X).shape == (50, 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([("float16", np.int16, 32767), ("int8", np.int8, 127)]))
def test_leaves_lose_at_most_half_a_step(seed, n_trees, how):
    precision, kind, most = how
    form = form_of(seed, n_trees)
    stored, words = store(form, precision)
    assert stored.arrays["leaf"].dtype == kind and f"{kind(0).itemsize * 8}-bit" in words
    splits = np.unpackbits(form.arrays["splits"], count=form.config["n_nodes"]).astype(bool)
    roots = roots_of(splits)
    tree = np.repeat(np.arange(n_trees), np.diff(np.append(roots, len(splits))))[~splits]
    error = np.abs(leaves_of(stored, splits, roots).astype(np.float64) - form.arrays["leaf"])[:, 0]
    top = np.array([np.abs(form.arrays["leaf"][tree == t]).max() for t in range(n_trees)])
    rounding = np.finfo(np.float32).eps * top[tree]  # of a leaf made again from its whole number and scale
    assert (error <= top[tree].astype(np.float64) / most / 2 * (1 + 1e-3) + rounding).all()
    assert (np.abs(stored.arrays["leaf"].astype(int)).max() == most) and len(stored.arrays["leaf.scale"]) == n_trees


def test_cut_points_that_are_exact_as_halves_are_stored_so():
    arrays = store(form_of(0, halves=4), "int8")[0].arrays
    assert arrays["cuts16"].dtype == np.float16 and "cuts32" not in arrays
    assert "cuts16" not in store(form_of(0), "int8")[0].arrays


def test_a_mark_too_large_for_a_half_stays_wide():
    ints = [np.array(v, np.int64) for v in ([1, -1, -1], [2, -1, -1], [0, 0, 0])]
    tree = Tree(*ints, np.array([1e6, 0, 0], np.float32), np.zeros(3, bool), np.array([[0], [1], [2]], np.float32))
    stored, _ = store(tree_form([tree], "sum", [0.0], 2), "int8")
    assert thresholds_of(stored).tolist() == [1e6] and "cuts32" in stored.arrays


def test_more_cut_points_than_a_byte_holds_are_kept_exactly():
    rng = np.random.default_rng(0)
    form = tree_form([random_tree(rng, 1, 9) for _ in range(12)], "sum", [0.0], 2)
    assert len(np.unique(form.arrays["threshold"])) > 256
    stored, _ = store(form, "int8")
    assert np.array_equal(thresholds_of(stored), form.arrays["threshold"])


def test_trees_of_zeros_are_kept():
    leaf = Tree(*(np.array([v], np.int64) for v in (-1, -1, 0)), np.zeros(1, np.float32), np.zeros(1, bool), np.zeros((1, 1), np.float32))
    form = tree_form([leaf], "sum", [1.5], 2)
    assert np.array_equal(Model(store(form, "int8")[0]).predict(X), Model(form).predict(X))


@pytest.mark.parametrize(("precision", "most"), [("float32", 0), ("float16", 1e-4), ("int8", 2e-2)])
def test_a_stored_form_predicts_almost_the_same_and_float32_is_untouched(precision, most):
    form = form_of(1)
    stored, _ = store(form, precision)
    assert np.abs(Model(stored).predict(X) - Model(form).predict(X)).max() <= most
    assert (stored is form) is (precision == "float32") and (precision == "float32" or stored.n_bytes < form.n_bytes)

"""Nodes of four bytes and heaps lead a row to the same leaf as the trees they were made of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.tree_forms import tree_form
from automl.inference import tree_small
from automl.inference.tree_small import HEADER, LEVELS, TABLE, fits, heaps, small_nodes, words
from automl.inference.tree_units import bins_of
from automl.inference.trees import layout
from tests.builders import random_tree, walk
from tests.inference.test_tree_units import binned
from tests.inference.test_trees import FEATURES, forest


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, 8))
def test_small_nodes_lead_each_row_to_its_leaf(seed, n_trees, depth):
    made, x = forest(seed, n_trees, depth=depth)
    trees = layout(tree_form(made, "sum", [0.0], 2))
    bins, plane, position = bins_of(*trees.asked)
    nodes = small_nodes(trees, plane, position).view(np.uint32).astype(np.int64)
    for row in x[:6]:
        block = binned(bins, row)
        for tree, root, most in zip(made, trees.roots // 4, trees.depths, strict=True):
            at = 0
            for _ in range(most + 2):  # a leaf is its own child
                node = nodes[root + at]
                at = (node >> 16) + (block[node & 255] > (node >> 8 & 255) if (node & 255) < len(block) else 0)
            assert trees.cuts[3::4][root + at] == walk(tree, row)[0]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, LEVELS))
def test_heaps_lead_each_row_to_its_leaf(seed, n_trees, depth):
    made, x = forest(seed, n_trees, depth=depth)
    trees = layout(tree_form(made, "sum", [0.0], 2))
    bins, plane, position = bins_of(*trees.asked)
    found = heaps(trees, plane, position).reshape(n_trees, -1)
    for row in x[:6]:
        block = binned(bins, row)
        for tree, heap in zip(made, found, strict=True):
            places, thresholds, leaf = heap[:16].view(np.uint8), heap[16:32].view(np.uint8), heap[32:].view(np.float32)
            at = 1
            for _ in range(LEVELS):
                at = 2 * at + (len(block) > 0 and block[places[at]] > thresholds[at])
            assert leaf[at - 64] == walk(tree, row)[0]


def test_words_say_where_each_part_begins():
    made, _ = forest(1, 3)
    trees = layout(tree_form(made, "sum", [0.5], 2))
    base = np.array([0.5], np.float32)
    with_heaps, without = words(trees, base, at_once=True), words(trees, base)
    assert without[16] == 0 and with_heaps[16] == len(with_heaps) - 96 * 3 and np.array_equal(with_heaps[HEADER : len(without)], without[HEADER:])
    assert without[2:5].tolist() == [3, 1, FEATURES] and without.view(np.float32)[without[11]] == 0.5


def test_trees_that_are_deep_or_look_at_much_have_no_heaps():
    base = np.zeros(1, np.float32)
    rng = np.random.default_rng(5)
    trees = layout(tree_form([random_tree(rng, FEATURES, 8) for _ in range(9)], "sum", [0.0], 2))
    assert trees.depths.max() > LEVELS and words(trees, base, at_once=True)[16] == 0
    wide = layout(tree_form([random_tree(rng, 400, 4) for _ in range(60)], "sum", [0.0], 2))
    assert bins_of(*wide.asked)[0].n_planes > TABLE and words(wide, base, at_once=True)[16] == 0


def test_what_does_not_fit_is_said(monkeypatch):
    made, _ = forest(2, 3)
    trees = layout(tree_form(made, "sum", [0.0], 2))
    assert fits(trees)
    monkeypatch.setattr(tree_small, "MOST_NODES", 2)
    assert not fits(trees)
    rng = np.random.default_rng(0)
    many = layout(tree_form([random_tree(rng, 1, 9) for _ in range(12)], "sum", [0.0], 2))
    with pytest.raises(ValueError, match="cut points"):
        words(many, np.zeros(1, np.float32))

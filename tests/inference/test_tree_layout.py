"""Trees as they are walked, against the preorder they come in."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.tree_forms import tree_form
from automl.inference.trees import TILE, layout
from tests.builders import walk
from tests.inference.test_trees import forest


def answer(trees, root, depth, row):
    """Follow a row through one tree, as the layout says, and return the position of its leaf."""
    at = int(root)
    for _ in range(depth):
        place = trees.nodes[at] // TILE
        value = row[trees.used[place // trees.planes]]
        if np.isnan(value):
            value = np.inf if place % trees.planes else -np.inf
        at = int(trees.nodes[at + 2]) + 4 * bool(value >= trees.cuts[at + 1])
    return at


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3), st.integers(0, 6))
def test_each_row_comes_to_its_leaf_and_stays_there(seed, n_trees, width, depth):
    made, x = forest(seed, n_trees, width, depth)
    trees = layout(tree_form(made, "mean", [], width))
    for tree, root, most in zip(made, trees.roots, trees.depths, strict=True):
        for row in x[:6]:
            at = answer(trees, root, most, row)
            found = trees.cuts[at + 3 : at + 4] if width == 1 else trees.leaf[trees.nodes[at + 3] : trees.nodes[at + 3] + width]
            assert np.array_equal(found, walk(tree, row))
            if most:
                assert answer(trees, at, 3, row) == at


def test_only_features_that_are_asked_for_are_carried():
    made, _ = forest(1, 3)
    for tree in made:
        tree.feature[:] = np.where(tree.feature == 2, 3, tree.feature)
    assert layout(tree_form(made, "sum", [0.0], 2)).used.tolist() == [0, 1, 3]


def test_missing_values_stand_twice_only_where_some_go_right():
    made, _ = forest(2, 3)
    assert layout(tree_form(made, "sum", [0.0], 2)).planes == 2
    for tree in made:
        tree.missing_right[:] = False
    assert layout(tree_form(made, "sum", [0.0], 2)).planes == 1

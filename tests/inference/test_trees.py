"""The compact form of trees against walking each tree node by node."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

import automl.inference.trees as module
from automl.families.tree_forms import preorder, tree_form
from automl.inference import boosted, compiled, tree_layout, tree_numpy
from automl.inference.forms import Form, Model
from automl.inference.trees import right_children, roots_of, thresholds_of
from automl.quantize.boosted_trees import store
from tests.builders import random_tree, walk

FEATURES = 4


def predict(form, x):
    """Return what every way to predict says, which is the same to the last bit: by compiled code for few rows and for many, and in numpy."""
    found, patch = [], pytest.MonkeyPatch()
    for many in (1, 1 << 30):
        with patch.context() as at:
            at.setattr(boosted, "MANY_ROWS", dict.fromkeys(boosted.MANY_ROWS, many))
            at.setattr(boosted, "SPLITS_PER_STEP", 1e9)
            model = Model(form)
            compiled.settle()
            assert all(compiled._Account.made.values())
            found.append(model.predict(x))
    with patch.context() as at:
        for user in (module, boosted):
            at.setattr(user, "kernel", lambda *_: None)
        found.append(Model(form).predict(x))
    assert all(f.dtype == np.float32 and np.array_equal(f, found[0]) for f in found)
    return found[0]


def forest(seed, n_trees, width=1, depth=4, shuffle=False):
    rng = np.random.default_rng(seed)
    trees = [random_tree(rng, FEATURES, depth, width, shuffle) for _ in range(n_trees)]
    x = rng.normal(size=(23, FEATURES)).astype(np.float32)
    x[rng.random(x.shape) < 0.2] = np.nan
    x[0] = trees[0].threshold[0] if n_trees else 0  # exactly on a threshold
    return trees, x


def structure(trees):
    """Return split bits of all trees in preorder, and by recursion the positions of right children and of roots."""
    bits, right, roots = [], [], []

    def visit(tree, node):
        at = len(bits)
        bits.append(tree.left[node] >= 0)
        right.append(0)
        if tree.left[node] >= 0:
            visit(tree, tree.left[node])
            right[at] = len(bits)
            visit(tree, tree.right[node])

    for tree in trees:
        roots.append(len(bits))
        visit(tree, 0)
    return np.array(bits, bool), right, roots


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 6), st.integers(0, 7))
def test_structure_bits_say_where_children_and_roots_are(seed, n_trees, depth):
    bits, right, roots = structure(forest(seed, n_trees, depth=depth)[0])
    assert right_children(bits).tolist() == right
    assert roots_of(bits).tolist() == roots


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3), st.integers(0, 4), st.booleans())
def test_sums_of_trees_are_those_of_walking_them(seed, n_margins, rounds, shuffle):
    trees, x = forest(seed, n_margins * rounds, shuffle=shuffle)
    base = np.linspace(-1, 1, n_margins)
    margin = np.tile(base, (len(x), 1))
    for t, tree in enumerate(trees):
        margin[:, t % n_margins] += [walk(tree, row)[0] for row in x]
    margin = margin if n_margins > 1 else np.concatenate([np.zeros_like(margin), margin], axis=1)
    found = predict(tree_form(trees, "sum", base, max(2, n_margins)), x)
    assert found.dtype == np.float32 and np.allclose(found, softmax(margin, axis=1), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(2, 4), st.booleans())
def test_means_of_trees_are_those_of_walking_them(seed, n_trees, width, shuffle):
    trees, x = forest(seed, n_trees, width, shuffle=shuffle)
    expected = np.mean([[walk(tree, row) for row in x] for tree in trees], axis=0)
    assert np.allclose(predict(tree_form(trees, "mean", [], width), x), expected, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(2, 4), st.sampled_from(["float32", "float16", "int8"]))
def test_a_tree_with_wide_leaves_adds_to_every_margin(seed, n_trees, width, precision):
    trees, x = forest(seed, n_trees, width)
    base = np.linspace(-1, 1, width)
    margin = base + np.sum([[walk(tree, row) for row in x] for tree in trees], axis=0)
    found = predict(store(tree_form(trees, "sum", base, width), precision)[0], x)
    assert np.allclose(found, softmax(margin, axis=1), atol={"float32": 1e-6, "float16": 1e-3, "int8": 0.1}[precision])


def test_blocks_of_rows_change_nothing(monkeypatch):
    trees, x = forest(3, 5)
    form = tree_form(trees, "sum", [0.0], 2)
    whole = predict(form, x)
    monkeypatch.setattr(tree_numpy, "CELLS", 10)
    monkeypatch.setattr(tree_numpy, "TILE", 16)
    monkeypatch.setattr(module, "TILE", 16)
    monkeypatch.setattr(tree_layout, "TILE", 16)
    assert np.array_equal(predict(form, x), whole)
    assert np.array_equal(np.concatenate([predict(form, row[None]) for row in x]), whole)
    assert predict(form, x[:0]).shape == (0, 2)


def test_rows_may_lie_anywhere_in_memory():
    trees, x = forest(4, 6)
    form = tree_form(trees, "sum", [0.0], 2)
    apart = np.full((len(x), 3 * FEATURES), 7.0, np.float32)
    apart[:, ::3] = x
    assert np.array_equal(predict(form, apart[:, ::3]), predict(form, x))
    assert np.array_equal(predict(form, np.asfortranarray(x)), predict(form, x))


def test_many_rows_are_those_of_a_few():
    trees, x = forest(5, 9, depth=8)
    form = tree_form(trees, "sum", [0.1, -0.1, 0.0], 3)
    many = np.tile(x, (60, 1))
    assert np.array_equal(predict(form, many), np.tile(predict(form, x), (60, 1)))


def test_missing_goes_left_where_nothing_else_is_said():
    bits = np.packbits([True, False, False])
    arrays = {"splits": bits, "feature": np.zeros(1, np.uint8), "threshold": np.zeros(1, np.float32), "leaf": np.array([[1, 0], [0, 1]], np.float32)}
    form = Form("trees", {"n_trees": 1, "n_nodes": 3, "n_outputs": 2, "mode": "mean", "base": []}, arrays)
    x = np.array([[np.nan], [-1], [0], [1]], np.float32)
    assert predict(form, x)[:, 1].tolist() == [0, 0, 1, 1]
    right = form.with_arrays({**arrays, "missing_right": np.packbits([True])})
    assert predict(right, x)[:, 1].tolist() == [1, 0, 1, 1]


def test_a_missing_value_is_below_every_threshold():
    for cut in (-np.inf, np.finfo(np.float32).min):
        arrays = {"splits": np.packbits([True, False, False]), "feature": np.zeros(1, np.uint8), "threshold": np.full(1, cut, np.float32)}
        form = Form("trees", {"n_trees": 1, "n_nodes": 3, "n_outputs": 2, "mode": "mean", "base": []}, {**arrays, "leaf": np.eye(2, dtype=np.float32)})
        assert predict(form, np.array([[np.nan], [np.finfo(np.float32).min], [0]], np.float32))[:, 1].tolist() == [0, 1, 1]


def test_a_matrix_with_too_few_columns_is_refused():
    trees, x = forest(6, 5)
    form = tree_form(trees, "sum", [0.0], 2)
    with pytest.raises(IndexError, match=f"need {FEATURES} columns"):
        Model(form).predict(x[:, : FEATURES - 1])


@pytest.mark.parametrize(
    "change",
    [
        lambda a, c: a.update(feature=a["feature"][:-1]),
        lambda a, c: a.update(leaf=a["leaf"][:-1]),
        lambda a, c: a.update(threshold=a["threshold"][:-1]),
        lambda a, c: a.update(splits=np.packbits(np.ones(c["n_nodes"], bool))),
        lambda a, c: a.update(splits=np.packbits(np.zeros(c["n_nodes"], bool))),
        lambda a, c: c.update(n_trees=c["n_trees"] - 1),
        lambda a, c: c.update(n_nodes=c["n_nodes"] - 2),
        lambda a, c: c.update(base=[0.0, 0.0]),
        lambda a, c: c.update(mode="mean", n_outputs=3),
    ],
    ids=["features", "leaves", "thresholds", "splits alone", "leaves alone", "trees", "nodes", "margins", "outputs"],
)
def test_arrays_that_do_not_fit_together_are_refused_before_anything_is_walked(change):
    form = tree_form(forest(7, 5)[0], "sum", [0.0], 2)
    arrays, config = dict(form.arrays), dict(form.config)
    change(arrays, config)
    with pytest.raises(ValueError):
        Model(Form("trees", config, arrays))


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), n_trees=st.integers(0, 5), halves=st.sampled_from([0, 2, FEATURES]))
def test_thresholds_are_the_same_however_they_are_stored(precision, seed, n_trees, halves):
    rng = np.random.default_rng(seed)
    trees = [random_tree(rng, FEATURES, 5, halves=halves) for _ in range(n_trees)]
    expected = [tree.threshold[node] for tree in trees for node in preorder(tree.left, tree.right) if tree.left[node] >= 0]
    assert thresholds_of(store(tree_form(trees, "sum", [0.0], 2), precision)[0]).tolist() == expected

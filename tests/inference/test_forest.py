"""Forests in whole numbers: compiled code, the walk of values and the definition say the same to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.tree_forms import tree_form
from automl.inference import compiled
from automl.inference import forest as module
from automl.inference.forms import Form, Model
from automl.inference.trees import leaves_of
from automl.quantize.forest import store
from tests.builders import random_tree


def made(seed, n_trees, width, depth, features=4, rows=23, precision="int8"):
    rng = np.random.default_rng(seed)
    trees = [random_tree(rng, features, depth, width) for _ in range(n_trees)]
    for tree in trees:
        tree.value[:] = np.abs(tree.value) / np.abs(tree.value).sum(axis=1, keepdims=True)
    x = rng.normal(size=(rows, features)).astype(np.float32)
    x[rng.random(x.shape) < 0.2] = np.nan
    return store(tree_form(trees, "mean", [], width), precision)[0], x


def predict(form, x):
    """Return what both ways say, which is the same."""
    model = Model(form)
    compiled.settle()
    assert all(compiled._Account.made.values())
    found, patch = model.predict(x), pytest.MonkeyPatch()
    with patch.context() as at:
        at.setattr(module, "kernel", lambda *_: None)
        at.setattr("automl.inference.trees.kernel", lambda *_: None)
        plain = Model(form).predict(x)
    assert found.dtype == np.float32 and np.array_equal(found, plain)
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(2, 4), st.integers(0, 9), st.sampled_from([1, 15, 16, 300]))
def test_both_ways_count_the_same(seed, n_trees, width, depth, rows):
    form, x = made(seed, n_trees, width, depth, rows=rows)
    wide = Form("trees", form.config, {k: v for k, v in form.arrays.items() if k != "leaf.rows"})
    wide.arrays["leaf"] = leaves_of(form, np.zeros(0, bool), np.zeros(0, np.int64))
    found = predict(form, x)
    assert np.allclose(found, Model(wide).predict(x), atol=1e-6) and np.abs(found.sum(axis=1) - 1).max() < 1e-6


def test_more_rows_than_are_binned_together_are_those_of_a_few():
    form, x = made(1, 9, 3, 8, rows=500)
    many = np.tile(x, (10, 1))
    assert len(many) > module.LANES * 256 and np.array_equal(predict(form, many), np.tile(predict(form, x), (10, 1)))
    assert np.array_equal(np.concatenate([predict(form, row[None]) for row in x[:20]]), predict(form, x[:20]))


@pytest.mark.parametrize(("kind", "most"), [("uint8", 256), ("uint16", 5000)])
def test_leaves_may_point_to_few_or_many_rows(kind, most):
    form, x = made(2, 20 if kind == "uint16" else 1, 4, 8)
    assert form.arrays["leaf"].dtype == kind and len(form.arrays["leaf.rows"]) <= most
    predict(form, x)


def test_what_does_not_fit_into_bytes_is_walked_by_values():
    form, x = made(3, 12, 2, 9, features=1, precision="float16")
    assert form.arrays["cut_counts"][0] > 255
    predict(form, x)
    wide, rows = made(4, 60, 2, 5, features=400)
    predict(wide, rows)


def test_too_few_columns_are_refused():
    form, x = made(5, 3, 2, 5)
    with pytest.raises(IndexError, match="need 4 columns"):
        Model(form).predict(x[:, :3])

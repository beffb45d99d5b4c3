"""Splits on sets of categories: every way to predict against walking each tree node by node, and what a file of them may not hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from automl.families.tree_forms import Tree, tree_form
from automl.inference import compiled, trees
from automl.inference.category_sets import places, set_arrays, sets_of
from automl.inference.checks import check_model
from automl.inference.forms import Form, Model
from automl.inference.storage import from_bytes, to_bytes
from automl.quantize.boosted_trees import store
from tests.builders import random_tree, walk
from tests.inference.test_trees import predict

FEATURES = 5


def grown(seed, n_trees, codes, depth=5):
    """Return trees that ask about numbers and about categories, and rows with codes that are known, unseen, negative and missing."""
    rng = np.random.default_rng(seed)
    made = [random_tree(rng, FEATURES, depth, codes=codes) for _ in range(n_trees)]
    x = rng.normal(size=(37, FEATURES)).astype(np.float32)
    for column, most in codes.items():
        x[:, column] = rng.integers(-1, most + 3, len(x))
    x[rng.random(x.shape) < 0.1] = np.nan
    x[0], x[1] = np.inf, -np.inf
    return made, x


def stump(bits):
    ints = [np.array(v, np.int64) for v in ([1, -1, -1], [2, -1, -1], [1, 0, 0])]
    none = np.zeros(3, bool)
    return Tree(*ints, np.zeros(3, np.float32), none, np.array([[0], [1], [2]], np.float32), {0: np.array(bits, bool)})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.sampled_from([1, 7, 60, 254, 255, 900]), st.booleans())
def test_all_ways_agree_and_say_what_a_walk_says(seed, n_trees, most, alone):
    made, x = grown(seed, n_trees, dict.fromkeys(range(FEATURES), most) if alone else {1: most, 3: 4})
    found = predict(tree_form(made, "sum", [0.25], 2), x)
    margin = 0.25 + np.sum([[walk(tree, row)[0] for row in x] for tree in made], axis=0)
    assert np.allclose(found[:, 1], expit(margin), atol=1e-6)


@pytest.mark.parametrize("precision", ["float16", "int8"])
def test_fewer_bits_leave_the_sets_as_they_are(precision):
    made, x = grown(3, 6, {0: 30, 2: 5})
    form = tree_form(made, "sum", [0.0], 2)
    stored = from_bytes(to_bytes(store(form, precision)[0]), "m")
    plain, narrow = sets_of(form), sets_of(stored)
    assert all(np.array_equal(a, b) for a, b in zip(plain.tables, narrow.tables, strict=True))
    assert np.allclose(predict(stored, x), predict(form, x), atol={"float16": 1e-3, "int8": 0.05}[precision])


def test_trees_with_wide_leaves_and_means_of_shares():
    rng = np.random.default_rng(5)
    made = [random_tree(rng, FEATURES, 4, 3, codes={1: 9}) for _ in range(4)]
    x = rng.integers(-1, 11, (20, FEATURES)).astype(np.float32)
    expected = np.mean([[walk(tree, row) for row in x] for tree in made], axis=0)
    assert np.allclose(predict(tree_form(made, "mean", [], 3), x), expected, atol=1e-6)
    shares = [Tree(*(getattr(t, n) for n in ("left", "right", "feature", "threshold", "missing_right")), np.abs(t.value), t.right_codes) for t in made]
    from automl.quantize import forest

    form = tree_form(shares, "mean", [], 3)
    stored = forest.store(form, "int8")[0]
    assert "leaf.rows" in stored.arrays and np.allclose(predict(stored, x).sum(axis=1), 1)


def test_blocks_of_rows_change_nothing(monkeypatch):
    made, x = grown(2, 5, {1: 12, 4: 3})
    form = tree_form(made, "sum", [0.0], 2)
    whole = predict(form, x)
    monkeypatch.setattr(trees, "CELLS", 1)
    assert np.array_equal(predict(form, x), whole)
    assert predict(form, x[:0]).shape == (0, 2)


def test_many_rows_go_through_vectors_and_are_those_of_a_few():
    made, x = grown(11, 30, {1: 200, 2: 30})
    model = Model(store(tree_form(made, "sum", [0.0], 2), "int8")[0])
    compiled.settle()
    many = np.tile(x, (20, 1))
    assert np.array_equal(model.predict(many), np.tile(model.predict(x), (20, 1)))
    assert ("boosted", "uint8") in compiled._Account.made


def test_a_value_is_one_of_the_codes_another_or_missing():
    values = np.array([0, 2.9, 3, -0.5, -1, np.inf, -np.inf, np.nan, 1e30], np.float32)
    assert places(values, 3).tolist() == [0, 2, 3, 3, 3, 3, 3, 4, 3]


def test_equal_sets_are_stored_once_and_codes_without_a_bit_go_with_the_others():
    arrays, number = set_arrays(np.array([4, 2, 4, 4]), [np.array(b, bool) for b in ([1, 0, 0], [0, 1, 1, 0], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0])])
    assert number.tolist() == [2, 0, 1, 2] or number.tolist() == [1, 0, 2, 1]
    assert (arrays["set_columns"].tolist(), arrays["set_codes"].tolist(), arrays["set_counts"].tolist()) == ([2, 4], [2, 3], [1, 2])
    assert arrays["sets"].nbytes == -(-(4 + 2 * 5) // 8)


def test_each_value_goes_where_its_bit_says():
    form = tree_form([stump([0, 1, 1, 0, 1])], "sum", [0.0], 2)  # codes 0, 1, 2, then others, then missing
    x = np.zeros((6, 2), np.float32)
    x[:, 1] = [0, 1, 2, 3, -1, np.nan]
    assert np.allclose(predict(form, x)[:, 1], expit([1, 2, 2, 1, 1, 2]))


def test_too_few_columns_are_refused():
    with pytest.raises(IndexError, match="need 2 columns"):
        Model(tree_form([stump([0, 1, 0])], "sum", [0.0], 2)).predict(np.zeros((3, 1), np.float32))


HOSTILE = {
    "a column that is not there": lambda a, c: a.update(set_columns=a["set_columns"] + 4),
    "columns twice": lambda a, c: a.update(set_columns=np.zeros_like(a["set_columns"])),
    "fewer bits": lambda a, c: a.update(sets=a["sets"][:-1]),
    "bits of another type": lambda a, c: a.update(sets=a["sets"].astype(np.uint16)),
    "more codes": lambda a, c: a.update(set_codes=a["set_codes"] + 100),
    "codes beyond all numbers": lambda a, c: a.update(set_codes=np.full(len(a["set_codes"]), 2**62)),
    "fewer sets": lambda a, c: a.update(set_counts=a["set_counts"] - 1),
    "no sets": lambda a, c: a.update(set_counts=np.zeros_like(a["set_counts"])),
    "counts below nothing": lambda a, c: a.update(set_counts=-np.ones(len(a["set_counts"]), np.int64)),
    "numbers that are no whole ones": lambda a, c: a.update(set_counts=a["set_counts"].astype(np.float64)),
    "as many numbers": lambda a, c: a.update(set_codes=a["set_codes"][:-1]),
    "a split beyond the sets": lambda a, c: a["feature"].__setitem__(0, 200),
    "sets from nowhere": lambda a, c: c.update(sets_from=-1),
    "sets from beyond the columns": lambda a, c: c.update(sets_from=FEATURES + 1),
    "sets from no number": lambda a, c: c.update(sets_from=2.5),
}


@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("name", HOSTILE)
def test_sets_that_do_not_fit_are_refused(name, precision):
    form = store(tree_form(grown(1, 3, {1: 6, 3: 9})[0], "sum", [0.0], 2), precision)[0]
    assert check_model(form, [(FEATURES, False)], 2) is form
    arrays, config = {k: v.copy() for k, v in form.arrays.items()}, dict(form.config)
    HOSTILE[name](arrays, config)
    with pytest.raises(ValueError):
        check_model(Form("trees", config, arrays), [(FEATURES, False)], 2)


def test_a_form_without_sets_is_what_it_was():
    form = tree_form([random_tree(np.random.default_rng(0), 3, 4)], "sum", [0.0], 2)
    assert sets_of(form) is None and set(form.arrays) <= {"splits", "feature", "threshold", "leaf", "missing_right"} and "sets_from" not in form.config

"""Categories and crossed ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from automl.inference.steps.categories import BETWEEN, cross
from automl.inference.table import column_of

from . import transformed


def test_known_levels_have_their_column_and_the_others_share_one():
    x = transformed({"kind": "onehot", "levels": ["red", "blue"]}, column_of(["blue", "red", "new", None, "red"]))
    assert x.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1], [1, 0, 0]]


def test_levels_in_order_unseen_after_all_missing_as_nan():
    x = transformed({"kind": "ordinal", "levels": ["red", "blue"]}, column_of(["blue", "red", "new", None]))
    assert np.array_equal(x, [[1], [0], [2], [np.nan]], equal_nan=True)


def test_levels_in_order_are_scaled_and_filled_where_the_step_has_scales():
    step = {"kind": "ordinal", "levels": ["red", "blue"], "fill": 1.0, "centre": 1.0, "scale": 2.0}
    assert transformed(step, column_of(["blue", "red", "new", None])).tolist() == [[0], [-0.5], [0.5], [0]]


def test_shares_of_classes_are_looked_up():
    step = {"kind": "target", "levels": ["red", "blue"], "classes": [0, 2], "array": "target.0"}
    shares = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], np.float32)
    x = transformed(step, column_of(["blue", "red", "new", None]), {"target.0": shares})
    assert np.array_equal(x, shares[[1, 0, 2, 2]])


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "a & b", None]), st.sampled_from(["x", "b & x", None])), min_size=1, max_size=12))
def test_a_crossed_level_is_the_pair_of_levels(rows):
    left, right = zip(*rows, strict=True)
    column = cross(column_of(left), column_of(right))
    found = [None if code < 0 else tuple(column.levels[code].split(BETWEEN)) for code in column.values]
    assert found == [None if None in row else row for row in rows] and len(set(column.levels)) == len(column.levels)


def test_crossed_levels_are_steps_like_any_other():
    pair = (column_of(["a", "a", "b", None]), column_of(["x", "y", "x", "x"]))
    assert transformed({"kind": "onehot", "levels": [f"a{BETWEEN}x", f"b{BETWEEN}x"]}, pair).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert np.array_equal(transformed({"kind": "ordinal", "levels": [f"b{BETWEEN}x"]}, pair), [[1], [1], [0], [np.nan]], equal_nan=True)


def test_columns_without_any_value_can_be_crossed():
    assert cross(column_of([None, None]), column_of([None, None])).values.tolist() == [-1, -1]

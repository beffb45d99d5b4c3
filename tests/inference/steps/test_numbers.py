"""Numbers and pairs with a number."""

import numpy as np

from automl.inference.features import CLIP, FLOAT_MAX
from automl.inference.table import Column, column_of

from . import transformed


def number(*values):
    return Column("number", np.array(values, np.float64))


def test_numbers_are_filled_scaled_clipped_and_flagged():
    step = {"kind": "number", "fill": 4.0, "centre": 2.0, "scale": 2.0, "indicator": True}
    x = transformed(step, Column("number", np.array([np.nan, 2.0, 1e9, -np.inf, 3.0])))
    assert x.tolist() == [[1, 1], [0, 0], [CLIP, 0], [1, 1], [0.5, 0]]
    assert transformed({**step, "indicator": False}, Column("number", np.array([1.0]))).tolist() == [[-0.5]]


def test_raw_numbers_keep_what_is_missing():
    x = transformed({"kind": "raw"}, Column("number", np.array([1.5, np.nan, np.inf])))
    assert np.array_equal(x, [[1.5], [np.nan], [np.nan]], equal_nan=True)


def test_raw_numbers_beyond_float32_do_not_become_infinite():
    assert not np.isinf(transformed({"kind": "raw"}, Column("number", np.array([1e39, -1e300, 1.0])))).any()


def test_bounds_of_a_number_may_be_its_own():
    step = {"kind": "number", "fill": 0.0, "centre": 1.0, "scale": 2.0, "indicator": False}
    assert transformed({**step, "clip": [-1.0, 3.0]}, number(-9, 2, 1e9)).tolist() == [[-1], [0.5], [3]]
    assert transformed({**step, "clip": [-FLOAT_MAX, FLOAT_MAX]}, number(1e300)).tolist() == [[np.float32(FLOAT_MAX)]]


def test_ranks_lie_between_the_places_that_are_stored():
    step = {"kind": "rank", "array": "rank.0", "fill": 20.0, "indicator": True}
    x = transformed(step, number(5, 10, 15, 20, 99, np.nan, np.inf), {"rank.0": np.array([[10.0, 20.0, 30.0], [-1.0, 0.0, 1.0]])})
    assert x.tolist() == [[-1, 0], [-1, 0], [-0.5, 0], [0, 0], [1, 0], [0, 1], [0, 1]]


def test_products():
    pair = (number(2, np.nan, 1e300, 3), number(5, 1, 1e300, -1))
    assert np.array_equal(transformed({"kind": "product"}, pair), np.array([[10], [np.nan], [FLOAT_MAX], [-3]], np.float32), equal_nan=True)
    step = {"kind": "product", "fill": [1.0, 1.0], "centre": [1.0, 1.0], "scale": [1.0, 2.0]}
    assert transformed(step, pair).tolist() == [[2], [0], [CLIP], [-2]]


def test_distances_from_the_mean_of_a_level():
    pair = (number(5, 5, 5, np.nan), column_of(["x", "y", None, "x"]))
    arrays = {"deviation.0": np.array([1.0, 3.0])}  # of level x, and of all rows
    step = {"kind": "deviation", "levels": ["x"], "array": "deviation.0"}
    assert np.array_equal(transformed(step, pair, arrays), [[4], [2], [2], [np.nan]], equal_nan=True)
    assert transformed({**step, "centre": 0.0, "scale": 2.0}, pair, arrays).tolist() == [[2], [1], [1], [0]]

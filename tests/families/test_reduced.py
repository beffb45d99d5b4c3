import numpy as np
import pytest

from automl.families.base import Context
from automl.families.reduced import components, placed_by_neighbours, projection, some_rows
from automl.inference.forms import Model
from automl.inference.reconstruct import reconstructor


def test_no_more_coordinates_than_rows_and_columns_allow():
    assert components(Context("dimensionality_reduction", 5, 100, 1)).high == 4
    assert components(Context("dimensionality_reduction", 100, 3, 1)).high == 3
    assert components(Context("dimensionality_reduction", 2, 1, 1)).default == 1


def test_a_projection_takes_the_mean_off_and_puts_it_on_again():
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    mean = np.array([1.0, 2.0, 3.0])
    form = projection(mean, np.eye(3), np.eye(3))
    assert Model(form).predict(x) == pytest.approx(x - mean, abs=1e-6)
    assert reconstructor(form)(Model(form).predict(x)) == pytest.approx(x, abs=1e-6)


def test_some_rows_are_in_order_and_no_more_than_asked():
    rows = some_rows(100, 10, 3)
    assert len(rows) == 10 and (np.diff(rows) > 0).all() and (rows == some_rows(100, 10, 3)).all()
    assert some_rows(5, 10, 3).tolist() == [0, 1, 2, 3, 4]


def test_mapped_rows_keep_their_place_and_others_lie_among_their_neighbours():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(400, 2)).astype(np.float32)
    rows = np.arange(0, 400, 2)
    form, z = placed_by_neighbours(x, rows, 10 * x[rows], seed=0)
    assert (z[rows] == 10 * x[rows]).all()
    assert Model(form).predict(x[rows]) == pytest.approx(z[rows], abs=1e-2)
    assert np.abs(z - 10 * x).mean() < 0.7

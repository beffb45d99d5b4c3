"""The sample that is judged, components of wide tables, and noise given to the nearest cluster."""

import numpy as np

from automl.search.clusters.projections import components
from automl.search.clusters.views import View


def test_components_keep_nine_tenths_and_the_first_has_variance_one():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(500, 3)) * (10, 5, 0.1) @ rng.normal(size=(3, 12))).astype(np.float32) + 7
    projection = components(x, 8)
    low = projection(x)
    assert low.shape == (500, projection.axes.shape[1]) and 2 <= low.shape[1] <= 3
    assert np.allclose(low.mean(axis=0), 0, atol=1e-2) and abs(low[:, 0].var() - 1) < 1e-2 and (np.diff(low.var(axis=0)) <= 0).all()


def test_a_view_of_many_wide_rows():
    x = np.random.default_rng(1).normal(size=(2500, 12)).astype(np.float32)
    view = View.of(x, 3)
    assert len(view.rows) == 2000 and (np.diff(view.rows) > 0).all() and np.array_equal(view.x, x[view.rows])
    assert set(view.matrices()) == {"x", "p"} and view.geometry.x.shape[1] == view.matrices()["p"].shape[1] <= 8 and view.columns == 12


def test_noise_goes_to_the_nearest():
    x = np.array([[0, 0], [0, 1], [5, 5], [5, 6], [1, 1], [4, 5]], np.float32)
    view = View.of(x)
    assert view.without_noise(np.array([0, 0, 1, 1, -1, -1])).tolist() == [0, 0, 1, 1, 0, 1]
    assert view.without_noise(np.full(6, -1)).tolist() == [-1] * 6

"""Every row of the table gets its place: the searched ones what the fit said, the others what the form says."""

import numpy as np
import pytest

from automl.features.recipe import Recipe
from automl.features.view import view_of
from automl.finalize.places import form_outputs, kept_variance, place_clusters, place_coordinates
from automl.inference.forms import Form
from automl.inference.table import Column, Field, Table

FIELDS = (Field("a", "number"), Field("b", "number"))


def table(n=100, seed=0):
    rng = np.random.default_rng(seed)
    a = np.where(np.arange(n) % 2, 5.0, -5.0) + rng.normal(0, 0.3, n)
    return Table({"a": Column("number", a), "b": Column("number", rng.normal(size=n))}, n)


@pytest.fixture
def searched():
    whole = table()
    return whole, view_of(whole, FIELDS, Recipe(), np.arange(0, 100, 3))


def axis(view, m=1):
    return Form("projection", {}, {"weights": np.eye(2, m, dtype=np.float32), "bias": np.zeros(m, np.float32)})


def centres(view):
    from automl.families import FAMILIES
    from automl.search.fits import Fit, run_fit

    assert "kmeans" in FAMILIES.names("clustering")
    return run_fit("clustering", Fit("kmeans", {"clusters": 2}, needs_form=True), view.x, None)


def test_clusters_cover_all_rows_in_order(searched):
    whole, view = searched
    fitted = centres(view)
    placed = place_clusters(view, fitted.output, np.full(len(view.rows), 0.5), fitted.form, whole)
    sides = placed.output == placed.output[1]
    assert len(placed.output) == 100 and sides[1::2].all() and not sides[::2].any()
    assert placed.by_fit.sum() == len(view.rows) and (placed.strength[view.rows] == 0.5).all() and placed.agreement == 1.0


def test_what_the_fit_said_stays_where_the_form_differs(searched):
    whole, view = searched
    fitted = centres(view)
    wrong = 1 - fitted.output
    placed = place_clusters(view, wrong, np.ones(len(wrong)), fitted.form, whole)
    assert (placed.output[view.rows] == wrong).all() and placed.agreement == 0.0


def test_coordinates_cover_all_rows_in_order(searched):
    whole, view = searched
    own = view.x[:, :1] * 2
    placed = place_coordinates(view, own, axis(view), whole)
    others = np.setdiff1d(np.arange(100), view.rows)
    assert np.allclose(placed.output[view.rows], own) and placed.strength is None
    assert np.allclose(placed.output[others], form_outputs(view.form, axis(view), whole)[others])
    assert placed.agreement == pytest.approx(0.75, abs=1e-3)


def test_threads_change_nothing():
    whole = table(45_000)
    view = view_of(whole, FIELDS, Recipe(), np.arange(0, 45_000, 50))
    assert np.array_equal(form_outputs(view.form, axis(view), whole, 2), form_outputs(view.form, axis(view), whole))


def test_variance_that_is_given_back():
    x = np.random.default_rng(0).normal(size=(50, 2))
    assert kept_variance(x, x) == 1.0 and kept_variance(x, np.tile(x.mean(axis=0), (50, 1))) == pytest.approx(0)
    assert kept_variance(np.ones((5, 2)), np.ones((5, 2))) is None

"""Columns are bent alike in the search and in the artifact, without a jump, and without an end."""

import numpy as np
import pytest

from automl.inference.bending import ANYWHERE, NAMES, bend, bending, bent
from automl.inference.forms import Form, Model

X = np.array([[-3.0], [-0.5], [0.0], [1.0], [50.0]], np.float32)


def arrays(**changed):
    plain = dict.fromkeys(NAMES, 0.0) | {"gap": 1.0, "spread": 1.0, "low": -ANYWHERE, "high": ANYWHERE} | changed
    return {name: np.array([value], np.float32) for name, value in plain.items()}


def test_what_is_not_bent_stays():
    assert np.array_equal(bend(arrays(), X), X) and np.array_equal(bending(Form("centroids", {}, {}))(X), X)


def test_a_logarithm_begins_at_the_knee_and_goes_on_along_its_tangent_below():
    found = bend(arrays(sign=1.0, knee=-0.5, gap=0.25), X)[:, 0]
    assert found[1:] == pytest.approx(np.log(X[1:, 0] + 0.5 + 0.25)) and found[0] == pytest.approx(np.log(0.25) - 2.5 / 0.25)
    near = bend(arrays(sign=1.0, knee=-0.5, gap=0.25), np.array([[-0.5 - 1e-4], [-0.5 + 1e-4]]))[:, 0]
    assert (near[1] - near[0]) / 2e-4 == pytest.approx(1 / 0.25, rel=1e-3)


def test_a_tail_to_the_left_is_the_same_turned_round():
    right = bend(arrays(sign=1.0, knee=-0.5, gap=0.25), X)
    assert bend(arrays(sign=-1.0, knee=-0.5, gap=0.25), -X) == pytest.approx(-right)


def test_values_are_held_in_before_they_are_scaled():
    assert bend(arrays(low=-1.0, high=2.0, mean=0.5, spread=0.5), X)[:, 0].tolist() == [-3.0, -2.0, -1.0, 1.0, 3.0]


def test_a_form_takes_rows_that_are_not_bent():
    inner = Form("centroids", {"n_outputs": 2, "variance": 1.0}, {"centres": np.array([[-1.0], [1.0]], np.float32)})
    chosen = arrays(low=-1.0, high=2.0, mean=0.5, spread=0.5)
    assert np.array_equal(Model(bent(inner, chosen)).predict(X), Model(inner).predict(bend(chosen, X)))
    assert all(np.isfinite(a).all() for a in bent(inner, arrays()).arrays.values())

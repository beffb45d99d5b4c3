"""Rows that lie apart."""

import numpy as np

from automl.evaluate.odd_rows import odd_rows
from automl.features.view import View
from automl.inference.forms import Form


def view_of(x):
    return View(Form("features", {"steps": [], "sparse": False}), np.arange(len(x)), x.astype(np.float32))


def test_a_planted_row_is_found_by_its_number():
    x = np.random.default_rng(0).normal(size=(200, 2))
    x[17] = (12.0, -9.0)
    found = odd_rows(view_of(x), np.zeros(200, np.int64), np.arange(1001, 1201), 5.0, 0)
    assert found["rows"][0]["row"] == 1018 and found["rows"][0]["factor"] > 2 and found["rows"][0]["distance"] > 3.5
    assert found["count"] < 8 and found["looked_at"] == 200


def test_noise_has_no_distance_and_copies_do_no_harm():
    x = np.concatenate([np.zeros((60, 2)), np.random.default_rng(0).normal(size=(60, 2)) + 5])
    found = odd_rows(view_of(x), np.repeat([-1, 0], 60), np.arange(120), 5.0, 0)
    assert all(np.isfinite(r["factor"]) and (r["distance"] is None) == (r["cluster"] < 0) for r in found["rows"])


def test_little_time_looks_at_fewer_rows():
    x = np.random.default_rng(0).normal(size=(5000, 50))
    assert odd_rows(view_of(x), np.zeros(5000, np.int64), np.arange(5000), 0.01, 0)["looked_at"] == 500

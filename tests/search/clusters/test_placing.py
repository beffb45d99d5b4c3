"""The winner on all rows: the form's labels, noise dropped where it is forbidden, the sample's fit where time is short."""

import time

import numpy as np

from automl.families.cluster_forms import cores, labels_of
from automl.inference.forms import Model
from automl.search.clusters.evidence import Candidate
from automl.search.clusters.ladder import Step
from automl.search.clusters.placing import place_all, without_noise
from automl.search.clusters.views import View
from automl.search.fits import Fit, Inline


def found(n, seconds):
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(n, 2)) + 9 * (np.arange(n) % 3)[:, None]).astype(np.float32)
    view, pool = View.of(x), Inline("clustering")
    pool.put("clusters.x", view.x)
    step = Step("kmeans", {"clusters": 3})
    pool.submit(Fit(step.family, step.params, 0, "clusters.x"))
    best = Candidate(step, pool.results(0)[0].output, {}, 0.01)
    return x, place_all(pool, x, view, best, True, 0, time.monotonic() + seconds)


def test_all_rows_are_fitted_where_there_is_time():
    x, placed = found(2300, 60.0)
    assert placed.note == {"by": "the nearest centre", "fitted_to": "all rows", "own_way": True, "agreement": 1.0, "projected": False}
    assert np.array_equal(labels_of(Model(placed.form).predict(x)), placed.labels) and (placed.strength > 0.9).mean() > 0.95


def test_the_sample_does_where_there_is_none():
    _, placed = found(2300, -1.0)
    assert placed.note["fitted_to"] == "2000 rows drawn evenly" and placed.form.kind == "cores" and len(placed.labels) == 2300
    assert len(set(zip(placed.labels.tolist(), (np.arange(2300) % 3).tolist(), strict=True))) == 3


def test_noise_can_be_taken_out_of_a_form():
    form = without_noise(cores(np.array([[0, 0], [9, 0], [4, 0]], np.float32), np.array([0, 1, -1]), 1.0))
    assert labels_of(Model(form).predict(np.array([[4, 0], [99, 0]], np.float32))).tolist() == [0, 1]

import time

import numpy as np
import pytest

from automl.families import FAMILIES
from automl.search.fits import Inline
from automl.search.reductions import evidence
from automl.search.reductions.job import make_job
from automl.search.reductions.options import Options
from automl.testing.reducers import TASK, reduced, sample


def _job(x):
    return make_job(Inline(TASK), x, Options(), ("pca",), time.monotonic() + 10, 0, None, None)


def test_influential_columns_are_those_that_go_along():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 5)).astype(np.float32)
    found = evidence.influence(x, np.stack([x[:, 3], -x[:, 1]], axis=1))
    assert [c[0]["column"] for c in found["coordinates"]] == [3, 1]
    assert found["coordinates"][1][0]["correlation"] == pytest.approx(-1.0, abs=1e-3)
    assert {c["column"] for c in found["columns"][:2]} == {1, 3}


def test_what_is_lost_is_what_does_not_come_back():
    x, y = sample(100)
    x[:, 0] = np.random.default_rng(3).normal(size=100)
    _, form, z = reduced(FAMILIES.get(TASK, "pca"), x, y, m=3)
    found = evidence.lost(_job(x), form, z)
    assert found["way_back"] == "own" and 0 < found["variance"] < 1 and found["columns"][0]["column"] == 0
    whole = evidence.lost(_job(x), reduced(FAMILIES.get(TASK, "pca"), x, y, m=12)[1], reduced(FAMILIES.get(TASK, "pca"), x, y, m=12)[2])
    assert whole["variance"] == pytest.approx(0, abs=1e-6) and whole["neighbours"] == pytest.approx(0, abs=0.02)


def test_fidelity_is_measured_where_a_method_places_no_rows():
    x, y = sample(200)
    assert evidence.fidelity(_job(x), "pca", x[:, :2]) == {"way": "own", "r2": 1.0, "neighbours": 1.0}
    z = reduced(FAMILIES.get(TASK, "tsne"), x, y, m=2)[2]
    good = evidence.fidelity(_job(x), "tsne", z)
    bad = evidence.fidelity(_job(x), "tsne", np.random.default_rng(0).permutation(z))
    assert good["way"] == "neighbours" and good["r2"] > 0.7 > bad["r2"] and good["neighbours"] > bad["neighbours"]


def test_dimensions_are_json_numbers():
    x, _ = sample(100)
    found = evidence.dimensions(_job(x))
    assert found["pca_share"][-1] == pytest.approx(1.0) and 1 <= found["pca_knee"] <= 12 and found["intrinsic_dimension"] > 0

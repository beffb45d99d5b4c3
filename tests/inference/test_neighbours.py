"""Nearest neighbours against scikit-learn's, and what is done about ties."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from automl.inference import neighbours as under_test
from automl.inference.forms import Form, Model

RNG = np.random.default_rng(0)
ROWS, CODE = RNG.normal(size=(200, 4)).astype(np.float32), RNG.integers(0, 3, 200)
X = np.concatenate([RNG.normal(size=(30, 4)), ROWS[:5]]).astype(np.float32)
SHARES = np.array([0.2, 0.3, 0.5, 0.0])


def form(rows=ROWS, code=CODE, k=7, metric="euclidean", weights="uniform", shares=SHARES, **arrays):
    config = {"n_outputs": len(shares), "k": k, "metric": metric, "weights": weights}
    return Form("neighbours", config, {"rows": rows, "code": code.astype(np.uint8), "shares": shares, **arrays})


@pytest.mark.parametrize("cells", [1 << 20, 500])
@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("k", [1, 7, 190, 200])
def test_without_ties_the_votes_are_scikit_learns_and_one_more(metric, weights, k, cells, monkeypatch):
    monkeypatch.setattr(under_test, "CELLS", dict.fromkeys(under_test.CELLS, cells))
    rule = "uniform" if weights == "uniform" else lambda d: 1 / np.sqrt(d**2 + 1e-6)
    library = KNeighborsClassifier(k, weights=rule, metric=metric).fit(ROWS.astype(float), CODE).predict_proba(X.astype(float))
    expected = (np.pad(library, ((0, 0), (0, 1))) * k + SHARES) / (k + 1)
    assert np.abs(Model(form(k=k, metric=metric, weights=weights)).predict(X) - expected).max() < 1e-5


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_rows_as_far_as_the_kth_share_what_is_left_whatever_their_order(weights):
    rows = np.array([[0.0], [1.0], [1.0], [-1.0], [5.0]], np.float32)
    code = np.array([0, 1, 2, 2, 1])
    found = Model(form(rows, code, 2, weights="uniform", shares=np.full(3, 1 / 3))).predict(np.zeros((1, 1), np.float32))
    assert np.allclose(found, (np.array([[1, 1 / 3, 2 / 3]]) + 1 / 3) / 3)
    order = RNG.permutation(5)
    first, second = (Model(form(rows[o], code[o], 2, weights=weights, shares=np.full(3, 1 / 3))).predict(rows) for o in (np.arange(5), order))
    assert np.allclose(first, second, atol=1e-6)


def test_more_ties_than_are_looked_at_first_are_all_counted():
    rows = np.repeat(np.array([[0.0], [1.0]], np.float32), [60, 40], axis=0)
    code = np.arange(100) % 2
    found = Model(form(rows, code, 5, shares=np.array([0.5, 0.5]))).predict(np.array([[0.0], [1.0]], np.float32))
    assert np.allclose(found, 0.5, atol=1e-6)


def test_votes_count_what_a_row_weighs():
    weight = np.where(CODE == 1, 3.0, 1.0)
    plain, heavy = Model(form()).predict(X), Model(form(weight=weight)).predict(X)
    assert (heavy[:, 1] >= plain[:, 1] - 1e-6).all() and heavy[:, 1].mean() > plain[:, 1].mean() + 0.1
    assert np.allclose(Model(form(weight=np.full(200, 5.0))).predict(X), plain, atol=1e-6)

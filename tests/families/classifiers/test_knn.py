import numpy as np
import pytest

from automl.families.base import Context
from automl.families.classifiers import knn as under_test
from automl.families.classifiers.knn import FAMILY

from .made import agree, clouds, fit


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("tied", [False, True])
def test_the_form_agrees_with_the_library_ties_or_not(metric, weights, tied):
    x, y = clouds(400)
    x = np.rint(x[:, :2]) if tied else x
    estimator, form = fit(FAMILY, x, y, 4, metric=metric, weights=weights, neighbours=9)
    proba = agree(FAMILY, estimator, form, x)
    assert (proba.argmax(axis=1) == y).mean() > 0.5 and (proba[:, 3] == 0).all()


def test_the_order_of_the_rows_decides_nothing():
    x, y = clouds(400)
    x = np.rint(x[:, :2])
    order = np.random.default_rng(0).permutation(400)
    first, second = (agree(FAMILY, *fit(FAMILY, x[o], y[o]), x) for o in (np.arange(400), order))
    assert np.allclose(first, second, atol=1e-6)


def test_fewer_rows_than_neighbours_all_vote():
    x, y = clouds(9)
    proba = agree(FAMILY, *fit(FAMILY, x, y, neighbours=50, weights="uniform"), x)
    assert np.allclose(proba, 1 / 3, atol=1e-6)


def test_rows_and_cells_that_are_kept_are_limited(monkeypatch):
    x, y = clouds(300, d=5)
    monkeypatch.setattr(under_test, "MOST_ROWS", 200)
    assert len(fit(FAMILY, x, y)[0].rows) <= 200
    monkeypatch.setattr(under_test, "MOST_CELLS", 500)
    assert len(fit(FAMILY, x, y)[0].rows) <= 100


def test_no_class_is_impossible_that_was_seen():
    x, y = clouds(300, 2, apart=9.0)
    proba = agree(FAMILY, *fit(FAMILY, x, y, neighbours=10), x)
    assert proba.min() == pytest.approx(0.5 / 11, abs=1e-3)


def test_cost_knows_that_predictions_are_dear():
    costs = [FAMILY.cost(Context("classification", n, 20, 2), {"metric": m}) for n, m in ((2000, "euclidean"), (200_000, "euclidean"), (200_000, "manhattan"))]
    assert costs[0] < 0.2 and costs[1] > 20 * costs[0] and costs[2] > 3 * costs[1] and not FAMILY.interruptible

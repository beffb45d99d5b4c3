import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from automl.families.base import Context
from automl.families.classifiers.lda import FAMILY

from .made import agree, clouds, fit


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("amount", [1e-4, 0.2])
def test_before_it_is_calibrated_it_is_scikit_learns(k, amount):
    x, y = clouds(k=k)
    estimator, _ = fit(FAMILY, x, y, shrinkage="fixed", **{"shrinkage.fixed.amount": amount})
    library = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=amount).fit(x.astype(float), y)
    own = x @ estimator.weights + estimator.bias
    theirs = x @ library.coef_.T + library.intercept_
    difference = own[:, 1:] - own[:, :1] - (theirs if k == 2 else theirs[:, 1:] - theirs[:, :1])
    assert np.abs(difference).max() < 1e-5


@pytest.mark.parametrize("params", [{"shrinkage": "ledoit_wolf"}, {"shrinkage": "fixed", "shrinkage.fixed.amount": 0.3}])
@pytest.mark.parametrize(("present", "n_outputs"), [((0, 1), 2), ((0, 2), 3), ((1, 2, 4), 5)])
def test_the_form_agrees_with_the_densities_whatever_classes_there_are(params, present, n_outputs):
    x, y = clouds(k=len(present))
    held, code = clouds(60, len(present), seed=1)
    estimator, form = fit(FAMILY, x, np.array(present)[y], n_outputs, stop=(held, np.array(present)[code]), **params)
    proba = agree(FAMILY, estimator, form, x)
    assert proba.shape == (300, n_outputs) and (proba.argmax(axis=1) == np.array(present)[y]).mean() > 0.5


def test_more_columns_than_rows_and_copies_of_columns_are_borne():
    x, y = clouds(40, 2, 90)
    x = np.concatenate([x, x, np.ones((40, 3), np.float32)], axis=1)
    estimator, form = fit(FAMILY, x, y)
    assert np.isfinite(agree(FAMILY, estimator, form, x)).all()


def test_no_row_is_lost_to_the_calibration():
    x, y = clouds(200)
    held, _ = fit(FAMILY, x[:150], y[:150], stop=(x[150:], y[150:]))
    whole, _ = fit(FAMILY, x, y)
    assert np.allclose(held.weights, whole.weights) and held.calibration.slope != whole.calibration.slope


def test_ten_thousand_columns_are_seen_to_be_too_many():
    wide = Context("classification", 2000, 10_000, 2)
    assert FAMILY.cost(wide, {}) > 60 and FAMILY.memory(wide) > 3000 and not FAMILY.interruptible
    assert FAMILY.cost(Context("classification", 2000, 20, 2), {}) < 0.5


def test_what_it_explains_points_at_the_columns_that_tell():
    estimator, _ = fit(FAMILY, *clouds(600))
    found = FAMILY.explain(estimator)
    assert found.shape == (5,) and set(np.argsort(found)[-2:]) == {0, 1}

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis

from automl.families.base import Context
from automl.families.classifiers.qda import FAMILY, _joint
from automl.inference.forms import Model

from .made import agree, clouds, fit


def rings(n=400, seed=0):
    """Two clouds about one centre, one of them wide: nothing linear tells them apart."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return (rng.normal(size=(n, 3)) * np.where(y, 3.0, 1.0)[:, None]).astype(np.float32), y.astype(np.int64)


def test_with_hardly_any_regularisation_it_is_scikit_learns():
    x, y = clouds(k=3)
    estimator, _ = fit(FAMILY, x, y, pooling=0.0, sphere=1e-9)
    library = QuadraticDiscriminantAnalysis(solver="svd").fit(x, y).decision_function(x)
    own = _joint(estimator, x)
    # theirs divides the scatter by n - 1, ours by n
    assert np.abs((own - own[:, :1]) - (library - library[:, :1])).max() < 0.25
    assert np.corrcoef((own - own[:, :1])[:, 1:].ravel(), (library - library[:, :1])[:, 1:].ravel())[0, 1] > 0.9999


def test_wholly_pooled_it_is_linear():
    x, y = clouds(k=3)
    estimator, _ = fit(FAMILY, x, y, pooling=1.0, sphere=0.2)
    own = _joint(estimator, x)
    library = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.2).fit(x.astype(float), y)
    theirs = x @ library.coef_.T + library.intercept_
    assert np.abs((own - own[:, :1]) - (theirs - theirs[:, :1])).max() < 1e-4


def test_it_tells_a_wide_cloud_from_a_narrow_one():
    x, y = rings()
    estimator, form = fit(FAMILY, x, y, stop=rings(80, 1))
    assert (agree(FAMILY, estimator, form, x).argmax(axis=1) == y).mean() > 0.8


@pytest.mark.parametrize(("present", "n_outputs"), [((0, 1), 2), ((0, 2), 3), ((1, 2, 4), 5)])
def test_the_form_agrees_with_the_densities_far_out_too(present, n_outputs):
    x, y = clouds(k=len(present))
    estimator, form = fit(FAMILY, x, np.array(present)[y], n_outputs)
    proba = agree(FAMILY, estimator, form, np.concatenate([x, 8 * x, 0 * x]))
    assert not proba[:, [c for c in range(n_outputs) if c not in present]].any()


@pytest.mark.parametrize("pooling", [0.0, 1.0])
def test_classes_of_one_row_and_dead_columns_are_borne(pooling):
    x, y = clouds(60, 2, 4)
    x = np.concatenate([x, x, np.zeros((60, 2), np.float32)], axis=1)
    y[0] = 2
    estimator, form = fit(FAMILY, x, y, pooling=pooling)
    assert np.isfinite(agree(FAMILY, estimator, form, x)).all()


def test_calibrated_it_is_not_too_sure():
    x, y = clouds(2000, 2, 4, apart=0.8)
    copies = np.repeat(x, 12, axis=1) + np.random.default_rng(0).normal(0, 0.3, (2000, 48)).astype(np.float32)
    _, form = fit(FAMILY, copies[:1000], y[:1000], stop=(copies[1000:1400], y[1000:1400]))
    proba = Model(form).predict(copies[1400:])
    assert abs(proba.max(axis=1).mean() - (proba.argmax(axis=1) == y[1400:]).mean()) < 0.06


def test_ten_thousand_columns_are_seen_to_be_too_many():
    wide = Context("classification", 2000, 10_000, 3)
    assert FAMILY.cost(wide, {}) > 60 and FAMILY.memory(wide) > 5000 and not FAMILY.interruptible

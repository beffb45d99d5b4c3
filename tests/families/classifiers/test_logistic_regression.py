import warnings

import numpy as np
import pytest

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers.logistic_regression import FAMILY
from automl.inference.forms import Model


def _fit(y, n_outputs, n_features=3, C=1.0, shift=2.0):
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(len(y), n_features)) + shift * np.eye(max(n_features, n_outputs))[y][:, :n_features]).astype(np.float32)
    context = Context("classification", len(y), n_features, n_outputs)
    estimator = FAMILY.fit(FAMILY.build({"C": C}, context), FitData(x, y), Progress())
    return estimator, FAMILY.export(estimator, context), x


@pytest.mark.parametrize(("present", "n_outputs"), [((0, 1), 2), ((0, 1, 2), 3), ((0, 2), 3), ((1, 2), 4), ((0, 1, 3), 4)])
@pytest.mark.parametrize("C", [0.01, 1000.0])
def test_the_form_agrees_with_the_library_whatever_classes_a_fold_has(present, n_outputs, C):
    y = np.array(present)[np.arange(120) % len(present)]
    estimator, form, x = _fit(y, n_outputs, C=C)
    own, library = Model(form).predict(x), FAMILY.predict(estimator, x)
    assert own.shape == (120, n_outputs) and np.abs(own[:, : library.shape[1]] - library).max() < 1e-5
    assert own[:, [c for c in range(n_outputs) if c not in present]].max(initial=0) < 1e-5


def test_two_classes_need_one_margin():
    _, form, _ = _fit(np.arange(60) % 2, 2)
    assert form.arrays["weights"].shape == (3, 1) and form.arrays["weights"].dtype == np.float32


def test_text_begins_with_a_weaker_penalty():
    assert FAMILY.space(Context("classification", 9, 9, 2, text=True)).default() == {"C": 10.0, "penalty": "l2"}
    assert FAMILY.space(Context("classification", 9, 9, 2)).default() == {"C": 1.0, "penalty": "l2"}


def test_a_stronger_penalty_makes_smaller_weights():
    norms = [np.abs(_fit(np.arange(60) % 2, 2, C=C)[1].arrays["weights"]).sum() for C in (0.001, 1.0, 1000.0)]
    assert norms == sorted(norms)


def test_a_fit_that_does_not_converge_is_no_noise():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _fit(np.arange(60) % 2, 2, C=1e9, shift=1e4)


def test_what_it_explains_is_as_long_as_the_features_and_points_at_the_right_one():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    estimator = FAMILY.fit(FAMILY.build({"C": 1.0}, Context("classification", 200, 4, 2)), FitData(x, (x[:, 2] > 0).astype(np.int64)), Progress())
    found = FAMILY.explain(estimator)
    assert found.shape == (4,) and found.argmax() == 2

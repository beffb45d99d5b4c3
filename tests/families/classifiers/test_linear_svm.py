import time

import numpy as np
import pytest
from scipy import sparse
from sklearn.svm import LinearSVC

from automl.families.base import Context, Progress
from automl.families.classifiers.linear_svm import FAMILY

from .made import agree, clouds, fit


@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize(("present", "n_outputs"), [((0, 1), 2), ((0, 2), 3), ((1, 2, 4), 5)])
def test_the_form_agrees_whatever_classes_a_fold_has(wrap, present, n_outputs):
    x, y = clouds(k=len(present))
    code = np.array(present)
    estimator, form = fit(FAMILY, wrap(x), code[y], n_outputs, stop=(wrap(x[:60]), code[y[:60]]))
    proba = agree(FAMILY, estimator, form, wrap(x))
    assert form.kind == "linear" and form.arrays["weights"].shape[1] == (1 if n_outputs == 2 else n_outputs)
    assert proba[:, [c for c in range(n_outputs) if c not in present]].max(initial=0) < 1e-9


def test_it_ranks_as_liblinear_does():
    x, y = clouds(k=2)
    estimator, _ = fit(FAMILY, x, y, C=0.5)
    library = LinearSVC(C=0.5, dual=False, tol=1e-7, intercept_scaling=100.0).fit(x, y)
    own = estimator.weights[:, 1] - estimator.weights[:, 0]
    assert np.allclose(own / np.linalg.norm(own), library.coef_[0] / np.linalg.norm(library.coef_), atol=1e-3)


def test_it_is_as_sure_as_it_is_right():
    x, y = clouds(3000, 3)
    proba = agree(FAMILY, *fit(FAMILY, x[:1000], y[:1000], stop=(x[1000:1500], y[1000:1500])), x[1500:])
    assert abs(proba.max(axis=1).mean() - (proba.argmax(axis=1) == y[1500:]).mean()) < 0.04


def test_no_row_is_lost_to_the_calibration():
    x, y = clouds(200, 2)
    held, whole = (fit(FAMILY, *rows)[0].weights[:, 1] for rows in ((x, y), (x, y)))
    apart = fit(FAMILY, x[:150], y[:150], stop=(x[150:], y[150:]))[0].weights[:, 1]
    assert np.array_equal(held, whole) and np.allclose(apart / np.linalg.norm(apart), whole / np.linalg.norm(whole), atol=5e-3)


def test_a_deadline_leaves_weights_that_predict():
    x, y = clouds(3000, 3, 40)
    estimator, form = fit(FAMILY, x, y, progress=Progress(time.monotonic()))
    whole, _ = fit(FAMILY, x, y)
    assert np.isfinite(agree(FAMILY, estimator, form, x)).all() and not np.allclose(estimator.weights, whole.weights)


def test_text_begins_with_a_weaker_penalty():
    assert [FAMILY.space(Context("classification", 9, 9, 2, text=t)).default() for t in (False, True)] == [{"C": 0.3}, {"C": 1.0}]
    assert FAMILY.explain(fit(FAMILY, *clouds(600))[0]).argsort()[-2:].tolist() in ([0, 1], [1, 0])

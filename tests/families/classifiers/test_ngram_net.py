import numpy as np
import pytest
from scipy.sparse import csr_array

from automl.families.base import Context, FitData, Progress
from automl.families.classifiers.ngram_net import FAMILY
from automl.inference.forms import Model


def _fit(k=2, sparse=True, **params):
    rng = np.random.default_rng(0)
    y = np.arange(400) % k
    x = (rng.random((400, 50)) < 0.05).astype(np.float32)
    x[np.arange(400), y] = 1.0
    rows = csr_array(x) if sparse else x
    context = Context("classification", 400, 1, k, rounds=15, text=True)
    estimator = FAMILY.build({**FAMILY.space(context).default(), "batch": 32, **params}, context)
    FAMILY.fit(estimator, FitData(rows, y.astype(np.int64)), Progress())
    return rows, y, estimator, FAMILY.export(estimator, context)


@pytest.mark.parametrize("layers", [0, 2])
@pytest.mark.parametrize(("k", "sparse"), [(2, True), (3, True), (3, False)])
def test_it_learns_which_terms_tell_and_the_form_agrees(k, sparse, layers):
    x, y, estimator, form = _fit(k, sparse, layers=layers)
    proba = Model(form).predict(x)
    assert (proba.argmax(axis=1) == y).mean() > 0.95 and np.abs(proba - FAMILY.predict(estimator, x)).max() < 1e-5
    assert form.arrays["weights.0"].shape == (50, 64) and form.config["layers"] == 2 + layers


def test_rows_without_any_term_predict_too():
    _, _, _, form = _fit()
    assert np.isfinite(Model(form).predict(csr_array(np.zeros((3, 50), np.float32)))).all()


def test_it_competes_only_where_there_are_texts():
    assert FAMILY.only_text

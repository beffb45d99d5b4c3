import numpy as np
import pytest
from scipy import sparse
from scipy.stats import spearmanr
from sklearn.naive_bayes import GaussianNB

from automl.families.classifiers.naive_bayes import FAMILY, kinds_of

from .made import agree, clouds, fit


def mixed(n=300, seed=0):
    """Numbers, marks (levels and words) and a column that never varies."""
    rng = np.random.default_rng(seed)
    x, y = clouds(n, 3, 3, seed)
    levels = np.eye(4)[rng.integers(0, 4, n)]
    words = (rng.random((n, 5)) < 0.15 + 0.3 * (y[:, None] == np.arange(5))) * rng.uniform(0.1, 1, (n, 5))
    return np.concatenate([x, levels, words, np.ones((n, 1))], axis=1).astype(np.float32), y


@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_matrix])
def test_columns_are_sorted_by_what_is_in_them(wrap):
    x, _ = mixed()
    always = (np.arange(300) % 10 > 0).astype(np.float32)[:, None]  # one, most of the time: still there or not
    numbers, marks = kinds_of(wrap(np.concatenate([x, always, -always], axis=1)))
    assert numbers.tolist() == [0, 1, 2, 14] and marks.tolist() == [*range(3, 12), 13]


@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_matrix])
@pytest.mark.parametrize("columns", [slice(None), slice(0, 3), slice(3, 12), slice(12, 13)])
def test_the_form_agrees_with_the_library_whatever_columns_there_are(wrap, columns):
    x, y = mixed()
    x = x[:, columns]
    estimator, form = fit(FAMILY, wrap(x), y, 4, stop=(wrap(x[:60]), y[:60]))
    assert not agree(FAMILY, estimator, form, wrap(x))[:, 3].any()


def test_sparse_rows_give_what_dense_ones_give():
    x, y = mixed()
    dense, thin = (agree(FAMILY, *fit(FAMILY, wrap(x), y), wrap(x)) for wrap in (np.asarray, sparse.csr_matrix))
    assert np.allclose(dense, thin, atol=1e-6)


def test_of_numbers_alone_it_ranks_as_scikit_learns():
    x, y = clouds(k=2)
    proba = agree(FAMILY, *fit(FAMILY, x, y, var_smoothing=1e-9), x)[:, 1]
    library = GaussianNB().fit(x, y).predict_proba(x)[:, 1]
    assert spearmanr(proba, library).statistic > 0.9999


def test_copies_of_columns_do_not_make_it_too_sure():
    x, y = clouds(2000, 2, 3, apart=0.8)
    copies = np.repeat(x, 15, axis=1)
    proba = agree(FAMILY, *fit(FAMILY, copies[:1000], y[:1000], stop=(copies[1000:1400], y[1000:1400])), copies[1400:])
    assert abs(proba.max(axis=1).mean() - (proba.argmax(axis=1) == y[1400:]).mean()) < 0.06


def test_a_class_of_one_row_is_borne():
    x, y = mixed()
    y[:] = y > 0
    y[5] = 2
    assert np.isfinite(agree(FAMILY, *fit(FAMILY, x, y, 3), x)).all()

"""Rows that several families are tested on, and a fit of one of them."""

import numpy as np

from automl.families.base import Context, FitData, Progress
from automl.inference.forms import Model


def clouds(n=300, k=3, d=5, seed=0, apart=1.2):
    """Return x (n, d), y (n,): k round clouds in the first columns."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % k
    x = rng.normal(size=(n, d))
    x[:, 0] += apart * (y - (k - 1) / 2)
    x[:, 1] += apart * np.sin(2.1 * y)
    return x.astype(np.float32), y.astype(np.int64)


def fit(family, x, y, n_outputs=None, stop=None, weight=None, progress=None, text=False, **params):
    """Return (estimator, form) of a fit with the defaults but for `params`."""
    context = Context("classification", len(y), x.shape[1], n_outputs or int(y.max()) + 1, text=text)
    options = {**family.space(context).default(), **params}
    weights = (None, None) if weight is None else weight if isinstance(weight, tuple) else (weight, None)
    estimator = family.fit(family.build(options, context), FitData(x, y, *(stop or (None, None)), *weights), progress or Progress())
    return estimator, family.export(estimator, context)


def agree(family, estimator, form, x, most=1e-5):
    """Assert that form and library say the same of rows x; return what they say."""
    own, library = Model(form).predict(x), family.predict(estimator, x)
    width = min(own.shape[1], library.shape[1])
    assert np.abs(own[:, :width] - library[:, :width]).max() < most
    return own

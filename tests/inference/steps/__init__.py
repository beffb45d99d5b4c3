"""The steps one by one, from a config as it stands in an artifact."""

import numpy as np

from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.table import Table


def transformed(step, column, arrays=None, in_csr=False):
    """Return the matrix of one step on one column, or on the columns `a` and `b` where a pair is given."""
    columns = dict(zip("ab", column, strict=True)) if isinstance(column, tuple) else {"a": column}
    place = {"columns": ["a", "b"]} if isinstance(column, tuple) else {"column": "a"}
    features = Features(Form("features", {"steps": [{**place, **step}], "sparse": in_csr}, arrays or {}))
    n = len(columns["a"].values)
    x = features.transform(Table(columns, n))
    assert x.dtype == np.float32 and x.shape == (n, len(features.names()))
    return x

"""The geometric mean of the recalls: as the arithmetic one, but a class that is never found makes it 0."""

import numpy as np

from automl.metrics import Metric


def score(y, proba, positive):
    """y (n_rows,) class codes, proba (n_rows, n_classes); `positive` is the code of the positive class, where there is one."""
    found = proba.argmax(axis=1) == y
    recalls = [found[y == code].mean() for code in np.unique(y)]
    return float(np.prod(recalls) ** (1 / len(recalls)))


METRIC = Metric("recall_gmean", "geometric mean of the recalls", greater_is_better=True, bounded=True, score=score)

"""Keeps the matrix columns that tell most about the class in the learning rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.features import Features
from automl.inference.forms import Form
from automl.inference.table import Floats

BLOCK = 256  # columns that are in memory as float64 at a time


def select(form: Form, x: Any, y: NDArray[np.int64], limit: int | None) -> tuple[Form, Any]:
    """Return the form and the learning matrix with the best `limit` columns, in their order; both as they are when there are no more.

    Steps of which nothing is kept are gone, and with them what they store.
    """
    features = Features(form)
    if limit is None or features.n_columns <= limit:
        return form, x
    kept = np.ones(features.n_columns, dtype=bool)
    kept[np.argsort(-separation(x, y), kind="stable")[limit:]] = False
    by_step = {i: kept[first : first + width] for i, first, width in features.places()}
    left = [i for i in range(len(by_step)) if by_step[i].any()]
    steps = [form.config["steps"][i] for i in left]
    stored = {name for step in steps for name in _arrays_of(step)}
    smaller = Form(form.kind, {**form.config, "steps": steps}, {name: array for name, array in form.arrays.items() if name in stored})
    again = Features(smaller)
    positions = [first + np.flatnonzero(by_step[left[i]]) for i, first, _ in again.places()]
    smaller.arrays["select"] = np.concatenate(positions).astype(np.int32)
    x = x[:, np.flatnonzero(kept)]
    return smaller, x if again.sparse or isinstance(x, np.ndarray) else x.toarray()


def _arrays_of(step: dict[str, Any]) -> list[str]:
    if step["kind"] == "custom":
        return list(step["arrays"].values())
    return [f"idf.{step['column']}" if step["kind"] == "tfidf" else str(step.get("array", ""))]


def separation(x: Any, y: NDArray[np.int64]) -> Floats:
    """Return (n_columns,) the F of the analysis of variance of each column over the classes; 0 for a column without spread.

    As scikit-learn's f_classif, on the known values of a column alone. It is the variance between classes over that within
    (Guyon and Elisseeff 2003, An introduction to variable and feature selection, JMLR 3: 1157-1182, section 2.2), and does
    not depend on the unit, so columns of every kind, words too, stand on one scale.
    """
    from scipy import sparse

    _, label = np.unique(y, return_inverse=True)
    members = sparse.csr_matrix((np.ones(len(y)), (label, np.arange(len(y)))))  # (n_classes, n_rows)
    if not isinstance(x, np.ndarray):
        wide = x.astype(np.float64)
        counts = np.asarray(members.sum(axis=1))
        return _f(np.asarray((members @ wide).todense()), np.repeat(counts, x.shape[1], axis=1), np.asarray(wide.multiply(wide).sum(axis=0)).ravel())
    out = np.zeros(x.shape[1])
    for first in range(0, x.shape[1], BLOCK):
        part = x[:, first : first + BLOCK].astype(np.float64)
        known = ~np.isnan(part)
        part[~known] = 0.0
        part -= known * (part.sum(axis=0) / np.maximum(known.sum(axis=0), 1))
        out[first : first + BLOCK] = _f(members @ part, members @ known.astype(np.float64), (part**2).sum(axis=0))
    return out


def _f(sums: Floats, counts: Floats, squares: Floats) -> Floats:
    """Return F from sums and counts (n_classes, n_columns) and sums of squares (n_columns,)."""
    explained = (sums**2 / np.maximum(counts, 1)).sum(axis=0)
    n, classes = counts.sum(axis=0), (counts > 0).sum(axis=0)
    between = np.maximum(explained - sums.sum(axis=0) ** 2 / np.maximum(n, 1), 0.0) / np.maximum(classes - 1, 1)
    within = np.maximum(squares - explained, 0.0) / np.maximum(n - classes, 1)
    tiny = 1e-12 * np.maximum(squares / np.maximum(n, 1), 1e-300)
    with np.errstate(divide="ignore", invalid="ignore"):  # what tells all has no variance within; what tells nothing is set to 0
        scores: Floats = np.where(between > tiny, between / np.where(within > tiny, within, 0.0), 0.0)
    return scores

"""What families of clusters share: labels in order of size, forms that place new rows, and fits on some of many rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.families.base import Context
from automl.families.space import Params

if TYPE_CHECKING:
    from automl.inference.forms import Form

MOST_ROWS = 10_000  # that a family whose fit takes the square of the rows learns from, and that a form keeps
CHUNK = 1024
Labels = NDArray[np.int64]
Form_ = Callable[[NDArray[np.float32], Labels], "Form"]


class Clusterer:
    """Options, and after the fit `labels` (n_rows,), -1 for noise, the form that places new rows, and the device that it ran on."""

    def __init__(self, params: Params, context: Context) -> None:
        self.params, self.context = params, context
        self.labels: Any = None
        self.form: Any = None
        self.device = "cpu"

    @property
    def wanted(self) -> int:
        """Return the number of clusters asked for, never more than there are rows."""
        return int(min(self.params["clusters"], self.context.n_rows))


def fitted(estimator: Clusterer) -> Labels:
    """Return the labels (n_rows,) of the rows of the fit."""
    labels: Labels = estimator.labels
    return labels


def export(estimator: Clusterer, context: Context) -> Form:
    """Return the form that places new rows."""
    form: Form = estimator.form
    return form


def predict(estimator: Clusterer, x: Any) -> NDArray[np.float32]:
    """Return strengths (n_rows, n_clusters); libraries have no way of their own that all share, so this is the form's."""
    from automl.inference.forms import Model

    return Model(estimator.form).predict(x)


def by_size(labels: NDArray[Any]) -> tuple[Labels, NDArray[np.int64]]:
    """Return labels (n_rows,) renumbered so that cluster 0 is the largest, -1 kept, and the old numbers in their new order."""
    old, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    counts = np.where(old < 0, -1, counts)
    order = np.argsort(-counts, kind="stable")
    order = order[old[order] >= 0]
    new = np.full(len(old), -1, dtype=np.int64)
    new[order] = np.arange(len(order))
    return new[inverse], old[order].astype(np.int64)


def labels_of(strength: NDArray[np.float32]) -> Labels:
    """Return labels (n_rows,) of strengths (n_rows, n_clusters): the strongest, -1 where all are zero."""
    if not strength.shape[1]:
        return np.full(len(strength), -1, dtype=np.int64)
    return np.where(strength.max(axis=1) > 0, strength.argmax(axis=1), -1).astype(np.int64)


def place(form: Form, x: NDArray[np.float32]) -> Labels:
    """Return the labels (n_rows,) that a form gives to rows."""
    from automl.inference.forms import Model

    return labels_of(Model(form).predict(x))


def centroids(estimator: Clusterer, x: NDArray[np.float32], centres: NDArray[Any]) -> Clusterer:
    """Give the estimator centres (n_clusters, n_features), its rows the nearest of them, and the form of these; centres without rows are left out."""
    from automl.inference.forms import Form

    def form(kept: NDArray[Any], variance: float) -> Form:
        return Form("centroids", {"n_outputs": len(kept), "variance": variance}, {"centres": np.ascontiguousarray(kept, np.float32)})

    labels, order = by_size(place(form(centres, 1.0), x))
    kept = np.asarray(centres, np.float32)[order]
    own = np.concatenate([((x[at : at + CHUNK] - kept[labels[at : at + CHUNK]]) ** 2).sum(axis=1) for at in range(0, len(x), CHUNK)])
    estimator.form = form(kept, max(float(own.mean()) / x.shape[1], 1e-9))
    estimator.labels = labels
    return estimator


def cores(rows: NDArray[np.float32], labels: Labels, radius: float | NDArray[Any] = np.inf) -> Form:
    """Return the form of kept rows (n_kept, n_features) with their clusters (n_kept,), 0 and up, -1 for noise; `radius` for all or for each cluster."""
    from automl.inference.bending import ANYWHERE
    from automl.inference.forms import Form

    n_outputs = int(labels.max(initial=-1)) + 1
    code = np.where(labels < 0, n_outputs, labels).astype(np.uint8 if n_outputs < 256 else np.uint16 if n_outputs < 65_536 else np.int32)
    reach = np.minimum(np.broadcast_to(np.asarray(radius, np.float32), (n_outputs,)), np.float32(ANYWHERE))
    arrays = {"rows": np.ascontiguousarray(rows, np.float32), "code": code, "radius": reach}
    return Form("cores", {"n_outputs": n_outputs, "scale": spacing(rows)}, arrays)


def spacing(rows: NDArray[np.float32]) -> float:
    """Return the median distance of some rows to the nearest other one that differs; 1 where all are equal."""
    from sklearn.neighbors import NearestNeighbors

    some = rows[np.linspace(0, len(rows) - 1, min(len(rows), 2000)).astype(np.int64)].astype(np.float64)
    some = np.unique(some, axis=0)
    if len(some) < 2:
        return 1.0
    return float(np.median(NearestNeighbors(n_neighbors=2).fit(some).kneighbors(some)[0][:, 1]))


def some_rows(x: NDArray[np.float32], most: int, seed: int) -> NDArray[np.int64]:
    """Return the positions, in order, of at most `most` rows drawn evenly."""
    if len(x) <= most:
        return np.arange(len(x))
    return np.sort(np.random.default_rng(seed).choice(len(x), most, replace=False))


def by_nearest(estimator: Clusterer, x: NDArray[np.float32], kept: NDArray[np.int64], labels: NDArray[Any], radius: Any = np.inf) -> Clusterer:
    """Give the estimator the labels of the kept rows (positions, labels, both (n_kept,)), the others those of their nearest kept row.

    `radius` is one distance, or that of each old number of a cluster, by number.
    """
    numbered, order = by_size(labels)
    estimator.form = cores(x[kept], numbered, radius if np.ndim(radius) == 0 else np.asarray(radius)[order])
    if len(kept) == len(x):
        estimator.labels = numbered
        return estimator
    estimator.labels = place(estimator.form, x)
    estimator.labels[kept] = numbered  # rows that lie on one another may be of two clusters
    return estimator


def none_found(estimator: Clusterer, x: NDArray[np.float32]) -> Clusterer:
    """Give the estimator one cluster of all rows: what a method that found only noise has to say."""
    return centroids(estimator, x, x.mean(axis=0, keepdims=True, dtype=np.float64))

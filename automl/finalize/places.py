"""A result of the searched rows carried over to every row of the table, by the form that places new rows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.features.view import CHUNK, View, matrix_of
from automl.inference.forms import Form, Model
from automl.inference.groups import clusters_of
from automl.inference.table import Table

Rows = NDArray[np.int64]
SEEN_ROWS = 20_000  # searched rows at most, that what the form says is compared on with what the fit said


@dataclass(frozen=True)
class Placed:
    """What every row of the table got, in order: `output` (n_rows,) clusters or (n_rows, m) coordinates, and `strength` (n_rows,) of clusters.

    `by_fit` (n_rows,) marks the rows that the fit itself saw; the others were placed by the form. `agreement` says how far the form
    says of those that the fit saw what the fit said: the share of equal clusters, or the share of the coordinates' variance that it
    gives back; None where no row was compared.
    """

    output: NDArray[Any]
    strength: NDArray[np.float32] | None
    by_fit: NDArray[np.bool_]
    agreement: float | None


def form_outputs(form: Form, model: Form, table: Table, threads: int = 1) -> NDArray[np.float32]:
    """Return (n_rows, n_outputs) of the model for all rows of a table, some at a time, on several threads."""
    ready = Model(model)

    def part(start: int) -> NDArray[np.float32]:
        return ready.predict(matrix_of(form, table.take(np.arange(start, min(start + CHUNK, table.n_rows)))))

    starts = range(0, table.n_rows, CHUNK)
    if threads == 1 or len(starts) == 1:
        return np.concatenate([part(start) for start in starts])
    with ThreadPoolExecutor(min(threads, len(starts))) as pool:
        return np.concatenate(list(pool.map(part, starts)))


def place_clusters(view: View, labels: Rows, strength: Any, model: Form, table: Table, threads: int = 1) -> Placed:
    """Return the cluster of every row: what the fit said of the searched ones, and what the form says of the others."""
    n = table.n_rows
    cluster, strengths = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.float32)
    cluster[view.rows], strengths[view.rows] = labels, np.clip(np.asarray(strength, dtype=np.float32), 0.0, 1.0)
    by_fit = np.zeros(n, dtype=bool)
    by_fit[view.rows] = True
    others = np.flatnonzero(~by_fit)
    if len(others):
        cluster[others], strengths[others] = clusters_of(form_outputs(view.form, model, table.take(others), threads))
    some = _some(len(view.rows))
    said = clusters_of(Model(model).predict(view.x[some]))[0]
    return Placed(cluster, strengths, by_fit, float((said == np.asarray(labels)[some]).mean()))


def place_coordinates(view: View, embedding: NDArray[Any], model: Form, table: Table, threads: int = 1) -> Placed:
    """Return the coordinates of every row, as `place_clusters` does its cluster."""
    n = table.n_rows
    out = np.zeros((n, embedding.shape[1]), dtype=np.float32)
    out[view.rows] = embedding
    by_fit = np.zeros(n, dtype=bool)
    by_fit[view.rows] = True
    others = np.flatnonzero(~by_fit)
    if len(others):
        out[others] = form_outputs(view.form, model, table.take(others), threads)
    some = _some(len(view.rows))
    return Placed(out, None, by_fit, kept_variance(np.asarray(embedding)[some], Model(model).predict(view.x[some])))


def kept_variance(reference: NDArray[Any], other: NDArray[Any]) -> float | None:
    """Return the share of the variance of some coordinates (n_rows, m) that others give back, 1 where they are the same; None for no variance."""
    reference = np.asarray(reference, dtype=np.float64)
    whole = float(((reference - reference.mean(axis=0)) ** 2).sum())
    return 1.0 - float(((reference - other) ** 2).sum()) / whole if whole > 0 else None


def _some(n_rows: int) -> Rows:
    """Return evenly spread positions of rows."""
    return np.unique(np.linspace(0, n_rows - 1, min(n_rows, SEEN_ROWS)).astype(np.int64))

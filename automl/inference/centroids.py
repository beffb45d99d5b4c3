"""Clusters around centres: the nearest centre names the cluster, in double precision."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, widen
from automl.inference.projection import projection

BLOCK = 4096  # rows


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of an array `centres` (n_clusters, m) and the config `variance`, that of a cluster per coordinate.

    Strengths (n_rows, n_clusters) are the shares of the clusters at a row, were each a round cloud of that variance and of one
    size; they sum to one.
    """
    centres = widen(form.arrays, "centres").astype(np.float64)
    half, project = 0.5 / max(float(form.config["variance"]), 1e-12), projection(form)
    middle = centres.mean(axis=0)
    centres = centres - middle  # differences of squares lose digits far from the origin
    lengths = np.einsum("ij,ij->i", centres, centres)

    def block(x: Any) -> NDArray[np.float32]:
        at = project(x) - middle
        margin = 2 * at @ centres.T - lengths
        margin -= margin.max(axis=1, keepdims=True)
        share = np.exp(half * margin)
        found: NDArray[np.float32] = (share / share.sum(axis=1, keepdims=True)).astype(np.float32)
        return found

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([block(x[at : at + BLOCK]) for at in range(0, max(1, x.shape[0]), BLOCK)])

    return predict

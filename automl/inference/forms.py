"""A form is a model or a feature step as data: a kind, a JSON config and named arrays; `predict` runs one.

Every family and transformer ships its form; what is trained, scored, packed and served is always the form, so a score
can never belong to something else than what ships.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.errors import ArtifactError

Arrays = dict[str, NDArray[Any]]

CLUSTERS = ("centroids", "mixture", "cores")
"""Kinds that answer with strengths of clusters (n_rows, n_clusters) in place of probabilities."""

REDUCERS = ("projection", "selection", "kernel_map", "random_features", "nonnegative", "placement", "encoder")
"""Kinds that answer with coordinates (n_rows, m) in place of probabilities."""

NETWORKS = ("network", "encoded_network", "tabm", "realmlp", "bag_network")
"""Kinds of networks that answer with probabilities."""

KINDS = ("constant", "linear", "trees", "kernel", "neighbours", "naive_bayes", "quadratic", "blend", *NETWORKS, *CLUSTERS, *REDUCERS)
"""Modules of this package that can predict; a manifest naming another kind is refused, nothing is imported by name."""


ROWS_PER_SCALE = 64
"""Inputs that share a scale, where 8-bit weights have more than one per output."""

HOLDS_ROWS = ("kernel", "neighbours", "cores", "kernel_map", "placement")
"""Kinds whose arrays hold training rows (as features, scaled): whoever has such a model has these rows."""


@dataclass(frozen=True)
class Form:
    """A model as data. `config` holds JSON values only; `arrays` what safetensors can hold."""

    kind: str
    config: dict[str, Any]
    arrays: Arrays = field(default_factory=dict)

    def with_arrays(self, arrays: Arrays, **config: Any) -> "Form":
        """Return the form with other arrays and some config changed."""
        return replace(self, arrays=arrays, config={**self.config, **config})

    @property
    def n_bytes(self) -> int:
        """Return the bytes of all arrays."""
        return sum(a.nbytes for a in self.arrays.values())


class Model:
    """A form made ready to predict; widening of narrow numbers happens once, here."""

    def __init__(self, form: Form) -> None:
        if form.kind not in KINDS:
            raise ArtifactError(f"the artifact holds a model of kind `{form.kind}`", fix="upgrade automl")
        self._predict = import_module(f"automl.inference.{form.kind}").load(form)

    def predict(self, x: Any) -> NDArray[np.float32]:
        """Return (n_rows, n_outputs) for features (n_rows, n_features), dense float32 or CSR; of a blend, for its Views."""
        result: NDArray[np.float32] = self._predict(x)
        return result


def widen(arrays: Arrays, name: str, kind: Any = np.float32) -> NDArray[Any]:
    """Return an array as float32, or as `kind`, however it is stored.

    8-bit ones have a scale per column (last axis) beside them, or one per column and ROWS_PER_SCALE rows; bytes also the value
    that 0 stands for, per column. Raises ValueError where these do not fit.
    """
    stored = arrays[name]
    if stored.dtype not in (np.int8, np.uint8):
        return stored.astype(kind)
    scale = arrays[f"{name}.scale"].astype(kind)
    if scale.ndim == 2:
        scale = np.repeat(scale, ROWS_PER_SCALE, axis=0)[: len(stored)]
    wide = stored.astype(kind)
    wide *= scale
    if f"{name}.zero" in arrays:
        wide += arrays[f"{name}.zero"].astype(kind)
    return wide


def softmax(margin: NDArray[Any]) -> NDArray[np.float32]:
    """Return probabilities (n_rows, n_classes); one column of margins means two classes, by the logistic function."""
    wide = margin.astype(np.float64)
    if wide.shape[1] == 1:
        wide = np.concatenate([np.zeros_like(wide), wide], axis=1)
    wide -= wide.max(axis=1, keepdims=True)
    np.exp(wide, out=wide)
    wide /= wide.sum(axis=1, keepdims=True)
    return wide.astype(np.float32)


def spread(margin: NDArray[Any], present: Sequence[int], n_outputs: int) -> NDArray[np.float32]:
    """Return probabilities (n_rows, n_outputs) from margins (n_rows, n_present) of the classes that a fit saw; the others get 0."""
    out = np.zeros((len(margin), n_outputs), dtype=np.float32)
    out[:, list(present)] = softmax(margin) if len(present) > 1 else 1.0
    return out

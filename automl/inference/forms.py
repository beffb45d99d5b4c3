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

KINDS = (
    "constant", "linear", "trees", "network", "kernel", "neighbours", "naive_bayes", "quadratic", "blend", "encoded_network", "tabm", "realmlp", "bag_network",
)  # fmt: skip
"""Modules of this package that can predict; a manifest naming another kind is refused, nothing is imported by name."""


HOLDS_ROWS = ("kernel", "neighbours")
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


def widen(arrays: Arrays, name: str) -> NDArray[np.float32]:
    """Return an array as float32; 8-bit ones are stored with a scale per column (last axis) beside them."""
    stored = arrays[name]
    if stored.dtype == np.int8:
        scaled: NDArray[np.float32] = stored.astype(np.float32) * arrays[f"{name}.scale"].astype(np.float32)
        return scaled
    return stored.astype(np.float32)


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

"""Kernel machines: weighted similarities to the support vectors, in blocks of rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form, spread, widen

CELLS = 1 << 21  # of a block of similarities, 16 MB


def load(form: Form) -> Callable[[Any], NDArray[np.float32]]:
    """Return the predictor of a form.

    Arrays: `support` (n_support, n_features), `dual` (n_support, n_classes), `bias` (n_classes,). Config: `present`, the codes
    of the classes; `kernel`, with its numbers: `rbf` exp(-gamma |x - s|^2), `poly` (gamma <x, s> + coef0)^degree. Weights of
    support vectors cancel, so that sums in single precision would lose half of the digits: they are in double precision, unless the
    support vectors are stored in fewer than 32 bits, which loses more than that already.
    """
    config = form.config
    kind = np.float32 if form.arrays["support"].dtype in (np.float16, np.int8, np.uint8) else np.float64
    support, dual, bias = (widen(form.arrays, name, kind) for name in ("support", "dual", "bias"))
    gamma, present, n_outputs = float(config["gamma"]), config["present"], config["n_outputs"]
    rows = max(1, CELLS // max(1, len(support)))
    lengths = np.einsum("ij,ij->i", support, support)

    def similar(x: NDArray[Any]) -> NDArray[Any]:
        found = x @ support.T
        if config["kernel"] == "poly":
            found *= gamma
            found += config["coef0"]
            return np.asarray(found ** int(config["degree"]))
        found *= -2.0
        found += lengths
        found += np.einsum("ij,ij->i", x, x)[:, None]
        np.maximum(found, 0.0, out=found)
        found *= -gamma
        return np.asarray(np.exp(found, out=found))

    def predict(x: NDArray[np.float32]) -> NDArray[np.float32]:
        parts = [similar(x[start : start + rows].astype(kind)) @ dual + bias for start in range(0, max(1, x.shape[0]), rows)]
        return spread(np.concatenate(parts), present, n_outputs)

    return predict

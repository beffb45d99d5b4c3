"""Kernel features for reducers: kept rows, their similarities, and the products that make coordinates of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.families.space import Params
from automl.inference.kernel_map import similarities

if TYPE_CHECKING:
    from automl.inference.forms import Form

Floats = NDArray[np.float64]

LEAST = 1e-9  # of the largest eigenvalue: what is below it is noise of the arithmetic
CELLS = 1 << 21  # of a block of similarities


def kernel_of(params: Params, x: NDArray[Any]) -> tuple[str, float]:
    """Return the kernel's name and its gamma for the scale of x (n_rows, n_features)."""
    name = str(params["kernel"])
    return name, float(params.get(f"kernel.{name}.gamma", 1.0)) / max(x.shape[1] * float(x.var(dtype=np.float64)), 1e-12)


def kernel_form(rows: NDArray[Any], dual: Floats, bias: Floats, kernel: str, gamma: float) -> Form:
    """Return the form of similarities to rows (n_kept, n_features) times dual (n_kept, m), plus bias (m,)."""
    from automl.inference.forms import Form

    arrays = {"rows": rows, "dual": dual, "bias": bias}
    return Form("kernel_map", {"kernel": kernel, "gamma": gamma}, {name: np.ascontiguousarray(a, dtype=np.float32) for name, a in arrays.items()})


def whitening(rows: NDArray[Any], kernel: str, gamma: float) -> Floats:
    """Return (n_kept, n_features) that turns similarities to the kept rows into Nyström features (Williams and Seeger 2001)."""
    from scipy.linalg import eigh

    wide = rows.astype(np.float64)
    values, vectors = eigh(similarities(wide, wide, kernel, gamma))
    keep = values > 1e-6 * max(float(values[-1]), 1e-300)  # small ones would magnify single precision
    keep[-1] = True
    found: Floats = vectors[:, keep] / np.sqrt(np.maximum(values[keep], 1e-300))
    return found


def features(x: NDArray[Any], rows: NDArray[Any], map_: Floats, kernel: str, gamma: float) -> NDArray[np.float32]:
    """Return (n_rows, n_features) of the similarities of x to the rows, times the map; in blocks."""
    size = max(1, CELLS // max(1, len(rows)))
    wide = rows.astype(np.float64)
    return np.concatenate([
        (similarities(x[at : at + size].astype(np.float64), wide, kernel, gamma) @ map_).astype(np.float32) for at in range(0, max(1, len(x)), size)
    ])  # fmt: skip

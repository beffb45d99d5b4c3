"""Principal components of a table: what density and full covariances are looked for in when columns are many."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHARE = 0.9  # of the variance that is kept


@dataclass(frozen=True)
class Projection:
    """`mean` (m,) and `axes` (m, c); coordinates are (x - mean) @ axes, over one scale for all."""

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return coordinates (n, c) of rows (n, m)."""
        return np.ascontiguousarray((x - self.mean) @ self.axes, dtype=np.float32)


def components(x: NDArray[np.float32], most: int) -> Projection:
    """Return the leading principal components of rows (n, m): as few as hold nine tenths of the variance, 2 to `most`.

    The first has variance 1, the others as much less as they have in the data.
    """
    mean = x.mean(axis=0, dtype=np.float64)
    centred = x.astype(np.float64) - mean
    variance, axes = np.linalg.eigh(centred.T @ centred / len(x))
    variance, axes = np.maximum(variance[::-1], 0), axes[:, ::-1]
    count = int(np.searchsorted(np.cumsum(variance) / max(variance.sum(), 1e-300), SHARE)) + 1
    count = max(min(2, x.shape[1]), min(count, most))
    scale = np.sqrt(max(variance[0], 1e-12))
    return Projection(mean.astype(np.float32), (axes[:, :count] / scale).astype(np.float32))

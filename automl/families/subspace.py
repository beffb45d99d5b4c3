"""The directions in which rows vary most, by whichever way is cheapest for the shape of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BLOCK = 8192  # rows taken at once, so that a large table is never copied to double precision whole
SQUARE = 2000  # rows or columns up to which the square matrix is decomposed exactly
OVERSAMPLING, POWERS = 20, 4  # of the randomised way


@dataclass(frozen=True)
class Subspace:
    """`mean` (n_features,), `directions` (k, n_features) of length one, `variances` (k,) along them, `total` variance of all columns."""

    mean: Floats
    directions: Floats
    variances: Floats
    total: float

    def share(self) -> Floats:
        """Return (k,) of the share of all variance that the first ones keep."""
        found: Floats = np.cumsum(self.variances) / max(self.total, 1e-300)
        return found


def leading(x: NDArray[Any], k: int, *, centre: bool = True, seed: int = 0) -> Subspace:
    """Return the k directions of most variance (of most length without `centre`) of x (n_rows, n_features); fewer where the rows span fewer.

    The scatter matrix of the columns, summed over blocks of rows, or of the rows where there are fewer of these; of a table that
    is large both ways, a randomised decomposition (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1). Each direction's sign makes its
    largest entry positive.
    """
    n_rows, n_features = x.shape
    k = max(1, min(k, n_features, n_rows))
    mean = x.mean(axis=0, dtype=np.float64) if centre else np.zeros(n_features)
    total = _total(x, mean)
    if n_features <= min(SQUARE, max(n_rows, 50)):
        values, directions = _by_columns(x, mean, k)
    elif n_rows <= SQUARE:
        values, directions = _by_rows(x, mean, k)
    else:
        values, directions = _randomised(x, mean, k, seed)
    keep = values > 1e-10 * max(float(values[0]), 1e-300)
    keep[0] = True
    directions = directions[keep]
    signs = np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)])
    return Subspace(mean, directions * np.where(signs == 0, 1.0, signs)[:, None], np.maximum(values[keep], 0.0) / n_rows, total)


def _blocks(x: NDArray[Any], mean: Floats) -> Any:
    return (x[at : at + BLOCK].astype(np.float64) - mean for at in range(0, len(x), BLOCK))


def _total(x: NDArray[Any], mean: Floats) -> float:
    return sum(float(np.einsum("ij,ij->", block, block)) for block in _blocks(x, mean)) / len(x)


def _by_columns(x: NDArray[Any], mean: Floats, k: int) -> tuple[Floats, Floats]:
    from scipy.linalg import eigh

    scatter = np.zeros((x.shape[1], x.shape[1]))
    for block in _blocks(x, mean):
        scatter += block.T @ block
    d = len(scatter)
    values, vectors = eigh(scatter, subset_by_index=(d - k, d - 1)) if k < d // 2 else tuple(a[..., d - k :] for a in eigh(scatter))
    return values[::-1].copy(), vectors[:, ::-1].T.copy()


def _by_rows(x: NDArray[Any], mean: Floats, k: int) -> tuple[Floats, Floats]:
    from scipy.linalg import eigh

    centred = x.astype(np.float64) - mean
    n = len(centred)
    values, vectors = eigh(centred @ centred.T, subset_by_index=(n - k, n - 1))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    keep = values > 1e-10 * max(float(values[0]), 1e-300)
    keep[0] = True
    directions = (vectors[:, keep].T @ centred) / np.sqrt(np.maximum(values[keep], 1e-300))[:, None]
    return values[keep], directions


def _randomised(x: NDArray[Any], mean: Floats, k: int, seed: int) -> tuple[Floats, Floats]:
    from scipy.linalg import qr, svd

    rng = np.random.default_rng(seed)
    basis = qr(rng.normal(size=(x.shape[1], min(k + OVERSAMPLING, min(x.shape)))), mode="economic")[0]
    for _ in range(POWERS):
        gathered = np.zeros_like(basis)
        for block in _blocks(x, mean):
            gathered += block.T @ (block @ basis)
        basis = qr(gathered, mode="economic")[0]
    small = np.zeros((basis.shape[1], basis.shape[1]))
    for block in _blocks(x, mean):
        seen = block @ basis
        small += seen.T @ seen
    rotation, values, _ = svd(small)
    return values[:k], (basis @ rotation[:, :k]).T

"""Feed-forward networks in whole numbers: weights are bytes, and so is what goes from one layer to the next.

What enters a layer is rounded to 255 parts of the row's largest number, so that nothing needs to be learned from rows beforehand and
each row is answered as if it were alone; what enters the first layer, which may be negative and of very different sizes, to 2047 parts
up and down. Sums of products are exact in 32 bits; the rest is done in single precision, in one order, so that compiled code and numpy
give the same to the last bit.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.chances import chances
from automl.inference.compiled import kernel, want

MOST_INPUTS = 4096  # of a layer: 4095 * 127 times as many stays within 32 bits
EXACT = 512  # inputs whose products with weights, 255 * 127 at most, add up exactly in single precision
BLOCK = 512
STEP_SECONDS = 5e-11  # of a product in numpy, on a server of 2024
HALF, FULL = np.float32(2047.0), np.float32(255.0)


class BytesNetwork:
    """Layers of whole `weights` (n_in, n_out) int8 with `scales` and `biases` (n_out,) float32; ReLU between them."""

    def __init__(self, weights: list[NDArray[np.int8]], scales: list[NDArray[np.float32]], biases: list[NDArray[np.float32]]) -> None:
        if any(w.shape[0] > MOST_INPUTS for w in weights) or any(a.shape[1] != b.shape[0] for a, b in pairwise(weights)):
            raise ValueError("the layers do not fit together")
        self._weights, self._scales, self._biases = weights, scales, biases
        self._products = sum(w.size for w in weights) + weights[0].size
        self._plain: list[NDArray[np.float32]] = []
        self._tables: tuple[Any, ...] | None = None
        want("network", "all")

    def predict(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n_rows, n_classes) probabilities of dense rows. Raises ValueError where the number of columns is another."""
        if x.shape[1] != self._weights[0].shape[0]:
            raise ValueError(f"the network takes {self._weights[0].shape[0]} columns, and there are {x.shape[1]}")
        run = kernel("network", "all", self._products * x.shape[0] * STEP_SECONDS)
        rows = np.ascontiguousarray(x, dtype=np.float32)
        if run is None:
            parts = [self.margins(rows[start : start + BLOCK]) for start in range(0, max(1, len(rows)), BLOCK)]
            return chances(np.concatenate(parts))
        if self._tables is None:
            self._tables = self._prepared()
        out = np.empty((len(rows), max(2, self._weights[-1].shape[1])), dtype=np.float32)
        run(rows, *self._tables, out)
        return out

    def margins(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n_rows, n_margins) in numpy."""
        self._plain = self._plain or [w.astype(np.float32) for w in self._weights]
        top = np.abs(x).max(axis=1, initial=0.0, keepdims=True)
        whole = np.rint(x * _parts(HALF, top)).astype(np.int32) + 2048
        sums = (_sums((whole >> 8).astype(np.float32), self._plain[0]) << 8) + _sums((whole & 255).astype(np.float32), self._plain[0])
        sums -= 2048 * self._weights[0].sum(axis=0, dtype=np.int32)
        y = _scaled(sums, top / HALF, self._scales[0], self._biases[0])
        for weights, scale, bias in zip(self._plain[1:], self._scales[1:], self._biases[1:], strict=True):
            y = np.maximum(y, np.float32(0.0))
            top = y.max(axis=1, initial=0.0, keepdims=True)
            y = _scaled(_sums(np.rint(y * _parts(FULL, top)), weights), top / FULL, scale, bias)
        return y

    def _prepared(self) -> tuple[Any, ...]:
        """Return what the kernel takes between the rows and the answers."""
        from automl.inference.kernels.bytes_product import COLUMNS

        sizes = np.array([self._weights[0].shape[0], *(w.shape[1] for w in self._weights)], dtype=np.int64)
        packed, starts, offsets = [], [], []
        scales: list[NDArray[np.float32]] = []
        biases: list[NDArray[np.float32]] = []
        w_at = at = 0
        for i, weights in enumerate(self._weights):
            n_in, n_out = weights.shape
            steps, columns = -(-n_in // 4), -(-n_out // COLUMNS)
            wide = np.zeros((steps * 4, columns * COLUMNS), dtype=np.int8)
            wide[:n_in, :n_out] = weights
            packed.append(wide.reshape(steps, 4, columns, COLUMNS).transpose(2, 0, 3, 1).ravel())
            start = np.zeros(columns * COLUMNS, dtype=np.int32)
            if i == 0:
                start[:n_out] = -2048 * weights.sum(axis=0, dtype=np.int32)
            starts.append(start)
            for array, wider in ((self._scales[i], scales), (self._biases[i], biases)):
                padded = np.zeros(columns * COLUMNS, dtype=np.float32)
                padded[:n_out] = array
                wider.append(padded)
            offsets.append((w_at, at))
            w_at, at = w_at + packed[-1].size, at + columns * COLUMNS
        joined = (np.concatenate(parts) for parts in (packed, starts, scales, biases))
        return sizes, *joined, np.array(offsets, dtype=np.int64)


def _parts(count: np.float32, top: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by what to multiply so that the largest number becomes `count`; 0 where it is 0."""
    with np.errstate(divide="ignore"):
        found: NDArray[np.float32] = np.where(top > 0, count / top, np.float32(0.0))
    return found


def _sums(whole: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return (n_rows, n_out) exact sums of products of whole numbers."""
    total = np.zeros((len(whole), weights.shape[1]), dtype=np.int32)
    for at in range(0, len(weights), EXACT):
        total += (whole[:, at : at + EXACT] @ weights[at : at + EXACT]).astype(np.int32)
    return total


def _scaled(sums: NDArray[np.int32], row: NDArray[np.float32], scale: NDArray[np.float32], bias: NDArray[np.float32]) -> NDArray[np.float32]:
    result: NDArray[np.float32] = sums.astype(np.float32) * (row * scale[None, :]) + bias
    return result

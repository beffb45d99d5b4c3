"""The walk of trees in numpy: what the compiled ways must equal to the last bit, and what there is without them."""

import numpy as np
from numpy.typing import NDArray

from automl.inference.tree_layout import TILE, Layout

CELLS = 1 << 17  # rows x trees that are walked together: the state stays in the second-level cache
STEP_SECONDS = 4e-9  # a row through one split, on a server of 2024


class NumpyWalk:
    """Trees ready to be walked for many rows at once."""

    def __init__(self, trees: Layout) -> None:
        self._trees = trees
        nodes = trees.nodes.reshape(-1, 4)
        self._feature, self._child, self._root = nodes[:, 0].astype(np.int64) // TILE, nodes[:, 2].astype(np.int64) // 4, trees.roots.astype(np.int64) // 4
        self._threshold = trees.cuts[1::4].copy()
        self._depth = int(trees.depths.max(initial=0))

    def sums(self, x: NDArray[np.float32], start: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (n_rows, n_margins): `start` (n_margins,) plus what the trees say, tree after tree, in the precision of `start`."""
        rows = max(1, CELLS // (len(self._root) * self._trees.width))
        out = np.empty((len(x), len(start)), dtype=start.dtype)
        for first in range(0, len(x), rows):
            out[first : first + rows] = self._block(x[first : first + rows], start)
        return out

    def _block(self, x: NDArray[np.float32], start: NDArray[np.floating]) -> NDArray[np.floating]:
        trees = self._trees
        values = np.repeat(x[:, trees.used], trees.planes, axis=1)
        if (missing := np.isnan(values)).any():
            values = np.where(missing, np.where(np.arange(values.shape[1]) % trees.planes, np.float32(np.inf), np.float32(-np.inf)), values)
        flat = values.ravel()
        offset = (np.arange(len(x), dtype=np.int64) * values.shape[1])[:, None]
        node = np.repeat(self._root[None, :], len(x), axis=0)
        for _ in range(self._depth):
            right = flat.take(self._feature.take(node) + offset) >= self._threshold.take(node)
            node = self._child.take(node)
            node += right
        if trees.width == 1:
            found = trees.cuts[3::4].take(node).reshape(len(x), -1, len(start))  # tree t adds to margin t mod n_margins
        else:
            found = trees.leaf.take(trees.nodes[3::4].take(node)[:, :, None] + np.arange(trees.width)[None, None, :])
        every = np.concatenate([np.broadcast_to(start, (len(x), 1, len(start))), found.astype(start.dtype, copy=False)], axis=1)
        sums: NDArray[np.floating] = np.add.accumulate(every, axis=1, out=every)[:, -1]  # one after the other; `sum` adds in an order of its own
        return sums

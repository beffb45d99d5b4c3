"""The tree kernel with nothing in bytes, for comparison alone: float32 values against float32 thresholds, and float32 leaves.

Our float32 rung runs on bytes too, but for its leaves: bins of values are exact, so it has most of what bytes save. This twin has the same trees in the
same units, bottom up in registers, without bins: what a float32 kernel of this structure would be, and 8 bits are measured against.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from automl.inference.chances import chances
from automl.inference.forms import Form
from automl.inference.kernels.lanes import COUNTED, LONG, SINGLE, WORD, _load, _pointer, _splat, _store
from automl.inference.kernels.turn import turn
from automl.inference.tree_layout import TILE, Layout
from automl.inference.tree_units import KINDS, UPPER3, _cut
from automl.inference.trees import layout

ROWS = 256
LANES = COUNTED  # float32 values of a vector: four registers of AVX-512, as of bytes
VECTOR = ir.VectorType(SINGLE, LANES)
SIZES = (0, 1, 2, 3, 3, 1, 2)  # levels of a unit, by kind


def _unit(size: int, upper: bool) -> Any:
    @intrinsic
    def unit(typingctx: Any, code: Any, at: Any, block: Any, first: Any, scratch: Any, slot: Any) -> Any:
        def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            words, values, slots = (_pointer(context, builder, signature.args[i], args[i]) for i in (0, 2, 4))
            base, ends = builder.shl(args[1], LONG(2)), 1 << size

            def word(index: int, kind: Any) -> Any:
                return _load(builder, words, builder.add(base, LONG(4 * index)), kind)

            def value(node: int) -> Any:
                if node >= ends - 1:
                    index = 2 * (ends - 1) + node - (ends - 1)
                    if not upper:
                        return _splat(builder, word(index, SINGLE), LANES)
                    return _load(builder, slots, builder.zext(word(index, WORD), LONG), VECTOR)
                left, right = value(2 * node + 1), value(2 * node + 2)
                seen = _load(builder, values, builder.add(builder.zext(word(node, WORD), LONG), args[3]), VECTOR)
                above = builder.fcmp_ordered(">=", seen, _splat(builder, word(ends - 1 + node, SINGLE), LANES))
                return builder.select(above, right, left)

            _store(builder, value(0), slots, args[5])
            return context.get_dummy_value()

        return types.void(code, types.int64, block, types.int64, scratch, types.int64), make

    return unit


_fill, _bottom1, _bottom2, _bottom3 = (_unit(size, False) for size in range(4))
_upper1, _upper2, _upper3 = (_unit(size, True) for size in range(1, 4))


@intrinsic
def _add(typingctx: Any, scratch: Any, slot: Any, sums: Any, at: Any) -> Any:
    """Add a slot's leaves to sums from position `at`."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        slots, out = (_pointer(context, builder, signature.args[i], args[i]) for i in (0, 2))
        place = builder.shl(args[3], LONG(2))
        _store(builder, builder.fadd(_load(builder, out, place, VECTOR), _load(builder, slots, args[1], VECTOR)), out, place)
        return context.get_dummy_value()

    return types.void(scratch, types.int64, sums, types.int64), make


@njit(inline="never")
def _tree(code, at, counts, t, block, first, slots):
    slot, size = 0, LANES * 4
    for _ in range(counts[t, 0]):
        _fill(code, at, block, first, slots, slot)
        at, slot = at + 1, slot + size
    for _ in range(counts[t, 1]):
        _bottom1(code, at, block, first, slots, slot)
        at, slot = at + 4, slot + size
    for _ in range(counts[t, 2]):
        _bottom2(code, at, block, first, slots, slot)
        at, slot = at + 10, slot + size
    for _ in range(counts[t, 3]):
        _bottom3(code, at, block, first, slots, slot)
        at, slot = at + 22, slot + size
    for _ in range(counts[t, 4]):
        _upper3(code, at, block, first, slots, slot)
        at, slot = at + 22, slot + size
    for _ in range(counts[t, 5]):
        _upper1(code, at, block, first, slots, slot)
        at, slot = at + 4, slot + size
    for _ in range(counts[t, 6]):
        _upper2(code, at, block, first, slots, slot)
        at, slot = at + 10, slot + size
    return at, slot


@njit(nogil=True)
def _sums(x, code, counts, most_slots, base, planes, out):
    width, flat, n_margins = x.shape[1], x.reshape(-1), len(base)
    group = width * planes * LANES  # values of LANES rows
    spare = np.zeros(ROWS // LANES * group + 16, np.float32)
    block = spare[-spare.ctypes.data % 64 // 4 :]
    room = np.zeros(most_slots * LANES + 16, np.float32)
    slots = room[-room.ctypes.data % 64 // 4 :]
    sums = np.zeros(n_margins * ROWS, np.float32)
    for start in range(0, len(x), ROWS):
        for g in range(ROWS // LANES):
            first, rows = start + g * LANES, min(LANES, len(x) - start - g * LANES)
            for c in range(0, width, 16):
                left = min(c, width - 16)
                if rows == LANES:
                    for r in range(0, LANES, 16):
                        turn(flat, np.uint64((first + r) * width + left), np.uint64(width), block, g * group + left * LANES + r)
                else:
                    for k in range(left, left + 16):
                        for r in range(rows):
                            block[g * group + k * LANES + r] = x[first + r, k]
            if planes == 2:
                for i in range(width * LANES):
                    value = block[g * group + i]
                    block[g * group + width * LANES + i] = np.float32(np.inf) if value != value else value
        for m in range(n_margins):
            sums[m * ROWS : (m + 1) * ROWS] = base[m]
        at, margin = 0, 0
        for t in range(len(counts)):
            after = at
            for g in range(ROWS // LANES):
                after, slot = _tree(code, at, counts, t, block, g * group * 4, slots)
                _add(slots, slot - LANES * 4, sums, margin * ROWS + g * LANES)
            at, margin = after, margin + 1 if margin + 1 < n_margins else 0
        for m in range(n_margins):
            for r in range(min(ROWS, len(x) - start)):
                out[start + r, m] = sums[m * ROWS + r]


def _code(trees: Layout, width: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return words, units per tree and kind, and slots, as tree_units.units_of does with bytes."""
    splits, roots, left = trees.splits, trees.roots.astype(np.int64) // 4, trees.left
    place = trees.nodes[0::4].astype(np.int64) // TILE
    offset = (trees.used[place // trees.planes] + place % trees.planes * width) * LANES * 4
    found = _cut(splits, roots, left, trees.depths)
    tree, kind, layer, root = (np.concatenate([getattr(g, name) for g in found]) for name in ("tree", "kind", "layer", "root"))
    order = np.lexsort((-layer, kind, tree))
    widths = np.array([2 * ((1 << s) - 1) + (1 << s) for s in SIZES])[kind[order]]
    begin = np.empty(len(order), np.int64)
    begin[order] = np.cumsum(widths) - widths
    counts = np.bincount(tree * KINDS + kind, minlength=len(roots) * KINDS).reshape(-1, KINDS)
    per_tree = counts.sum(axis=1)
    slot = np.zeros(len(splits), np.int64)
    slot[root[order]] = (np.arange(len(order)) - np.repeat(np.cumsum(per_tree) - per_tree, per_tree)) * LANES * 4
    code, at = np.zeros(int(widths.sum()), np.int64), 0
    threshold = np.where(splits, trees.cuts[1::4], np.float32(np.inf)).view(np.int32).astype(np.int64)
    leaf = trees.nodes[3::4].astype(np.int64)
    for g in found:
        n, ends = len(g.root), g.heap.shape[1] // 2 + 1
        inner, frontier = g.heap[:, : ends - 1], g.heap[:, ends - 1 :]
        words = np.concatenate([np.where(splits[inner], offset[inner], 0), threshold[inner], slot[frontier] if g.kind[0] >= UPPER3 else leaf[frontier]], axis=1)
        code[begin[at : at + n, None] + np.arange(words.shape[1])] = words
        at += n
    return code.astype(np.int32), counts.astype(np.int32), int(per_tree.max(initial=1))


class FloatTrees:
    """A form of boosted trees with one value per leaf, on rows of `width` columns, sixteen at least."""

    def __init__(self, form: Form, width: int) -> None:
        trees = layout(form)
        self._base, self._planes, self._width = np.asarray(form.config["base"], np.float32), trees.planes, width
        self._code, self._counts, self._slots = _code(trees, width)

    def margins(self, x: np.ndarray) -> np.ndarray:
        """Return (n_rows, n_margins) in single precision, added tree after tree."""
        out = np.empty((len(x), len(self._base)), np.float32)
        _sums(x, self._code, self._counts, self._slots, self._base, self._planes, out)
        return out

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return (n_rows, n_classes) probabilities."""
        return chances(self.margins(x))

"""Positions among cut points without a gather: the cut points stand as a heap, whose levels are looked up in registers.

Node k of the heap has the children 2k and 2k + 1, the first is 1 (the layout of Eytzinger): all values go down it together, one
level after the other, by a permutation of the level's cut points. Needs the permutations of AVX-512.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from automl.inference.kernels.cache import features
from automl.inference.kernels.lanes import BYTE, CHUNK, COUNTED, LONG, SINGLE, WORD, _load, _pointer, _store

PERMUTED = "+avx512f" in features()
"""Whether positions are found so; else `lanes` searches."""
SINGLES, WORDS = ir.VectorType(SINGLE, CHUNK), ir.VectorType(WORD, CHUNK)


def heap(cuts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n,) cut points in the order of a heap: `cuts` (n,) ascending and then NaN, n a power of two, of which the last is always NaN and comes first."""
    levels = len(cuts).bit_length() - 1
    places = [np.arange(1 << level) * (len(cuts) >> level) + (len(cuts) >> (level + 1)) - 1 for level in range(levels)]
    found: NDArray[np.float32] = cuts[np.concatenate([[len(cuts) - 1], *places])]
    return found


def _same(number: int) -> Any:
    return ir.Constant(WORDS, [number] * CHUNK)


def _level(builder: Any, tables: list[Any], index: Any, level: int) -> Any:
    """Return the cut points of nodes of a level; `tables` holds the heap in vectors."""
    if level <= 4:  # the low four bits of an index count
        kind = ir.FunctionType(SINGLES, [SINGLES, WORDS])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.permvar.sf.512"), [tables[level // 4], index])
    kind = ir.FunctionType(SINGLES, [SINGLES, WORDS, SINGLES])
    permute = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.vpermi2var.ps.512")
    own = tables[1 << (level - 4) : 2 << (level - 4)]
    found = [builder.call(permute, [low, index, high]) for low, high in zip(own[::2], own[1::2], strict=True)]
    for bit in range(5, level):  # five bits chose within two vectors, the others choose between such pairs
        upper = builder.icmp_unsigned("!=", builder.and_(index, _same(1 << bit)), _same(0))
        found = [builder.select(upper, high, low) for low, high in zip(found[::2], found[1::2], strict=True)]
    return found[0]


def _find(levels: int) -> Any:
    """Return the intrinsic for heaps of 2^levels."""

    @intrinsic  # type: ignore[untyped-decorator]
    def find(typingctx: Any, values: Any, at: Any, cuts: Any, first: Any, block: Any, place: Any) -> Any:
        def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            seen, marks, bins = (_pointer(context, builder, signature.args[i], args[i]) for i in (0, 2, 4))
            start, begin = builder.shl(args[1], LONG(2)), builder.shl(args[3], LONG(2))
            tables = [_load(builder, marks, builder.add(begin, LONG(4 * i)), SINGLES) for i in range(0, 1 << levels, CHUNK)]
            parts = range(0, COUNTED, CHUNK)
            value = [_load(builder, seen, builder.add(start, LONG(4 * part)), SINGLES) for part in parts]
            index: list[Any] = [_same(1)] * len(value)
            for level in range(levels):
                for i in range(len(value)):
                    reached = builder.fcmp_ordered(">=", value[i], _level(builder, tables, index[i], level))
                    twice = builder.shl(index[i], _same(1))
                    index[i] = builder.select(reached, builder.add(twice, _same(1)), twice)
            for part, found in zip(parts, index, strict=True):
                bytes_ = builder.trunc(builder.and_(found, _same((1 << levels) - 1)), ir.VectorType(BYTE, CHUNK))
                _store(builder, bytes_, bins, builder.add(args[5], LONG(part)))
            return context.get_dummy_value()

        return types.void(values, types.int64, cuts, types.int64, block, types.int64), make

    return find


find5, find6, find7, find8 = (_find(levels) for levels in range(5, 9))
"""Write for COUNTED values from `at` how many of the cut points of the heap from `first` each reaches, as bytes from `place`."""

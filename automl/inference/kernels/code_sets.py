"""Sets of categories in compiled code: codes of a tile of rows as bytes, and which of them are in a set of 256 bits."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from automl.inference.kernels.cache import features
from automl.inference.kernels.lanes import BYTE, LANES, LONG, PERMUTES, ROWS, _load, _pointer, _store

SHUFFLES = "+ssse3" in features()
OTHER, MISSING = np.uint8(254), np.uint8(255)
SMALL = np.float32(254)
PART = 64 if PERMUTES else 16  # bytes that are looked up at once


def _code_rows(x, start, rows, columns, place, block):
    for i in range(len(columns)):
        high, low = place + 2 * i * ROWS, place + (2 * i + 1) * ROWS
        for r in range(rows):
            value = x[start + r, columns[i]]
            code = MISSING if value != value else OTHER
            if value >= 0 and value < SMALL:
                code = np.uint8(np.int32(value))
            block[high + r] = code >> np.uint8(3)
            block[low + r] = np.uint8(1) << (code & np.uint8(7))


code_rows = njit(_code_rows)


def _found(builder: Any, table: Any, high: Any) -> Any:
    """Return for PART bytes `high` from 0 to 31 the bytes of the table of 32 that they say."""
    kind = ir.VectorType(BYTE, PART)
    if PERMUTES:
        half = _load(builder, table, LONG(0), ir.VectorType(BYTE, 32))
        whole = builder.shuffle_vector(half, half, ir.Constant(ir.VectorType(ir.IntType(32), PART), [*range(32), *range(32)]))
        permute = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind, kind]), "llvm.x86.avx512.permvar.qi.512")
        return builder.call(permute, [whole, high])
    low, upper = (_load(builder, table, LONG(at), kind) for at in (0, 16))
    if not SHUFFLES:
        found = ir.Constant(kind, ir.Undefined)
        for lane in range(PART):
            place = builder.zext(builder.extract_element(high, ir.IntType(32)(lane)), LONG)
            found = builder.insert_element(found, builder.load(builder.gep(table, [place])), ir.IntType(32)(lane))
        return found
    shuffle = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind, kind]), "llvm.x86.ssse3.pshuf.b.128")
    above = builder.icmp_unsigned(">", high, ir.Constant(kind, [15] * PART))  # the shuffle reads the lowest four bits
    return builder.select(above, builder.call(shuffle, [upper, high]), builder.call(shuffle, [low, high]))


@intrinsic  # type: ignore[untyped-decorator]
def members(typingctx: Any, block: Any, codes: Any, table: Any, at: Any, out: Any) -> Any:
    """Write for LANES rows whether their codes are in a set: `codes` is the place of the two planes of codes in the block, `at` of the set's 32 bytes."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows, bits = _pointer(context, builder, signature.args[0], args[0]), _pointer(context, builder, signature.args[2], args[2])
        kind, own = ir.VectorType(BYTE, PART), builder.gep(bits, [args[3]])
        for first in range(0, LANES, PART):
            high = _load(builder, rows, builder.add(args[1], LONG(first)), kind)
            bit = _load(builder, rows, builder.add(args[1], LONG(ROWS + first)), kind)
            inside = builder.icmp_unsigned("!=", builder.and_(_found(builder, own, high), bit), ir.Constant(kind, [0] * PART))
            _store(builder, builder.zext(inside, kind), rows, builder.add(args[4], LONG(first)))
        return context.get_dummy_value()

    return types.void(block, types.int64, table, types.int64, types.int64), make

"""Products of bytes in compiled code: rows of whole numbers 0 to 255 with weights of -127 to 127, summed in 32 bits without rounding.

Processors with VNNI multiply and add four such pairs per lane at once. ROWS rows and COLUMNS columns are kept in registers while all
inputs go by.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from automl.inference.kernels.cache import features
from automl.inference.kernels.lanes import BYTE, LONG, SINGLE, WORD, _load, _pointer, _splat, _store

LANES = 16 if "+avx512vnni" in features() else 8 if "+avxvnni" in features() else 0  # of 32 bits; 0: the processor has none of it
ROWS, VECTORS = (6, 4) if LANES == 16 else (3, 4)
COLUMNS = VECTORS * max(LANES, 1)
SHIFT = 8


def _product(wide: bool, ramp: bool) -> Any:
    """Return the intrinsic of one block; `wide`: rows of two bytes, the upper ones first; `ramp`: negative results become 0."""

    @intrinsic  # type: ignore[untyped-decorator]
    def product(
        typingctx: Any, a: Any, at: Any, lower: Any, stride: Any, w: Any, w_at: Any, steps: Any, start: Any, scale: Any, bias: Any, column: Any,
        row_scale: Any, row: Any, out: Any, to: Any, out_stride: Any,
    ) -> Any:  # fmt: skip
        def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            rows, weights, starts, scales, biases, row_scales, result = (
                _pointer(context, builder, signature.args[i], args[i]) for i in (0, 4, 7, 8, 9, 11, 13)
            )
            words, singles = ir.VectorType(WORD, LANES), ir.VectorType(SINGLE, LANES)
            multiply = cgutils.get_or_insert_function(builder.module, ir.FunctionType(words, [words] * 3), f"llvm.x86.avx512.vpdpbusd.{LANES * 32}")
            nothing = ir.Constant(words, [0] * LANES)
            sums = [[cgutils.alloca_once_value(builder, nothing) for _ in range(VECTORS)] for _ in range(ROWS)]
            for r in range(ROWS):
                for v in range(VECTORS):
                    builder.store(nothing, sums[r][v])

            def go(first: Any) -> None:
                with cgutils.for_range(builder, args[6]) as loop:
                    here = builder.add(args[5], builder.mul(loop.index, LONG(COLUMNS * 4)))
                    some = [_load(builder, weights, builder.add(here, LONG(v * LANES * 4)), words) for v in range(VECTORS)]
                    for r in range(ROWS):
                        place = builder.add(builder.add(first, builder.mul(args[3], LONG(r))), builder.shl(loop.index, LONG(2)))
                        four = _splat(builder, _load(builder, rows, place, WORD), LANES)
                        for v in range(VECTORS):
                            builder.store(builder.call(multiply, [builder.load(sums[r][v]), four, some[v]]), sums[r][v])

            go(args[1])
            if wide:
                for r in range(ROWS):
                    for v in range(VECTORS):
                        builder.store(builder.shl(builder.load(sums[r][v]), ir.Constant(words, [SHIFT] * LANES)), sums[r][v])
                go(args[2])
            four_bytes = LONG(2)
            for v in range(VECTORS):
                place = builder.shl(builder.add(args[10], LONG(v * LANES)), four_bytes)
                first, factor, offset = (_load(builder, base, place, kind) for base, kind in ((starts, words), (scales, singles), (biases, singles)))
                for r in range(ROWS):
                    mine = _load(builder, row_scales, builder.shl(builder.add(args[12], LONG(r)), four_bytes), SINGLE)
                    whole = builder.sitofp(builder.add(builder.load(sums[r][v]), first), singles)
                    value = builder.fadd(builder.fmul(whole, builder.fmul(_splat(builder, mine, LANES), factor)), offset)
                    if ramp:
                        zero = ir.Constant(singles, [0.0] * LANES)
                        value = builder.select(builder.fcmp_ordered(">", value, zero), value, zero)
                    spot = builder.add(builder.add(args[14], builder.mul(args[15], LONG(r))), LONG(v * LANES))
                    _store(builder, value, result, builder.shl(spot, four_bytes))
            return context.get_dummy_value()

        longs = types.int64
        return types.void(a, longs, longs, longs, w, longs, longs, start, scale, bias, longs, row_scale, longs, out, longs, longs), make

    return product


first_product, ramp_product, last_product, only_product = _product(True, True), _product(False, True), _product(False, False), _product(True, False)
WIDTH = 16


@intrinsic  # type: ignore[untyped-decorator]
def largest(typingctx: Any, values: Any, at: Any, chunks: Any) -> Any:
    """Return the largest of so many times WIDTH float32 values from `at`, which are 0 or above."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        base, singles = _pointer(context, builder, signature.args[0], args[0]), ir.VectorType(SINGLE, WIDTH)
        best = cgutils.alloca_once_value(builder, ir.Constant(singles, [0.0] * WIDTH))
        builder.store(ir.Constant(singles, [0.0] * WIDTH), best)
        with cgutils.for_range(builder, args[2]) as loop:
            value = _load(builder, base, builder.shl(builder.add(args[1], builder.shl(loop.index, LONG(4))), LONG(2)), singles)
            known = builder.load(best)
            builder.store(builder.select(builder.fcmp_ordered(">", value, known), value, known), best)
        found, top = builder.load(best), SINGLE(0.0)
        for lane in range(WIDTH):
            one = builder.extract_element(found, WORD(lane))
            top = builder.select(builder.fcmp_ordered(">", one, top), one, top)
        return top

    return types.float32(values, types.int64, types.int64), make


@intrinsic  # type: ignore[untyped-decorator]
def to_bytes(typingctx: Any, values: Any, at: Any, chunks: Any, factor: Any, out: Any, to: Any) -> Any:
    """Write so many times WIDTH values, times a factor and rounded to the nearest whole number, as bytes."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        base, result, singles = (
            _pointer(context, builder, signature.args[0], args[0]),
            _pointer(context, builder, signature.args[4], args[4]),
            ir.VectorType(SINGLE, WIDTH),
        )
        nearest = cgutils.get_or_insert_function(builder.module, ir.FunctionType(singles, [singles]), f"llvm.rint.v{WIDTH}f32")
        with cgutils.for_range(builder, args[2]) as loop:
            place = builder.shl(loop.index, LONG(4))
            value = _load(builder, base, builder.shl(builder.add(args[1], place), LONG(2)), singles)
            whole = builder.fptosi(builder.call(nearest, [builder.fmul(value, _splat(builder, args[3], WIDTH))]), ir.VectorType(WORD, WIDTH))
            _store(builder, builder.trunc(whole, ir.VectorType(BYTE, WIDTH)), result, builder.add(args[5], place))
        return context.get_dummy_value()

    return types.void(values, types.int64, types.int64, types.float32, out, types.int64), make

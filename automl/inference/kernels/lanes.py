"""Vectors of bytes in compiled code: trees evaluated from their leaves up, for all rows of a vector at once.

Written as LLVM vectors of LANES bytes, which LLVM lowers to whatever the processor has (AVX-512, AVX2, NEON). A split is a
comparison of LANES bins with a threshold and a choice between what its two children gave; there is no branch and no gather.
A *unit* is up to three levels of splits that stay in registers; its results go to a slot of memory that the units above read.
Words of a unit of 2^size ends: places of its 2^size - 1 splits in the block of bins, their thresholds, then what its ends are,
either leaves, byte plane after byte plane, or the places of the slots of the units below. Bytes are repeated four times in a
word, as processors broadcast words with less effort.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from automl.inference.kernels.cache import features

ROWS = 256  # of a tile, whatever the vectors
LANES = ROWS if "+avx512bw" in features() else 64  # four registers of 64 bytes, or two of 32: more would not fit
CHUNK = 16

BYTE, WORD, LONG, SINGLE = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.FloatType()


def _pointer(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(data, BYTE.as_pointer())


def _load(builder: Any, base: Any, at: Any, kind: Any) -> Any:
    """Return a value of a kind, `at` bytes from a pointer."""
    return builder.load(builder.bitcast(builder.gep(base, [at]), kind.as_pointer()), align=1 if isinstance(kind, ir.VectorType) else 4)


def _store(builder: Any, value: Any, base: Any, at: Any) -> None:
    builder.store(value, builder.bitcast(builder.gep(base, [at]), value.type.as_pointer()), align=1)


def _splat(builder: Any, value: Any, count: int) -> Any:
    kind = ir.VectorType(value.type, count)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), value, WORD(0))
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(WORD, count), [0] * count))


def _bytes(builder: Any, word: Any, lanes: int) -> Any:
    """Return a vector of bytes from a word that holds the byte four times."""
    return builder.bitcast(_splat(builder, word, lanes // 4), ir.VectorType(BYTE, lanes))


def _unit(size: int, upper: bool) -> Any:
    """Return the intrinsic of a unit with 2^size ends; `scratch`'s type tells the bytes of a leaf."""

    @intrinsic  # type: ignore[untyped-decorator]
    def unit(typingctx: Any, code: Any, at: Any, block: Any, first: Any, scratch: Any, slot: Any) -> Any:
        def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            planes, ends, vector = signature.args[4].dtype.bitwidth // 8, 1 << size, ir.VectorType(BYTE, LANES)
            words, bins, slots = (_pointer(context, builder, signature.args[i], args[i]) for i in (0, 2, 4))
            base = builder.shl(args[1], LONG(2))

            def word(index: int) -> Any:
                return _load(builder, words, builder.add(base, LONG(4 * index)), WORD)

            def value(node: int) -> list[Any]:
                if node >= ends - 1:
                    index = 2 * (ends - 1) + node - (ends - 1)
                    if not upper:
                        return [_bytes(builder, word(index + plane * ends), LANES) for plane in range(planes)]
                    place = builder.zext(word(index), LONG)
                    return [_load(builder, slots, builder.add(place, LONG(plane * LANES)), vector) for plane in range(planes)]
                left, right = value(2 * node + 1), value(2 * node + 2)
                here = builder.add(builder.zext(word(node), LONG), args[3])
                above = builder.icmp_unsigned(">", _load(builder, bins, here, vector), _bytes(builder, word(ends - 1 + node), LANES))
                return [builder.select(above, b, a) for a, b in zip(left, right, strict=True)]

            for plane, result in enumerate(value(0)):
                _store(builder, result, slots, builder.add(args[5], LONG(plane * LANES)))
            return context.get_dummy_value()

        return types.void(code, types.int64, block, types.int64, scratch, types.int64), make

    return unit


fill, bottom1, bottom2, bottom3 = (_unit(size, False) for size in range(4))
upper1, upper2, upper3 = (_unit(size, True) for size in range(1, 4))


@intrinsic  # type: ignore[untyped-decorator]
def add_leaves(typingctx: Any, scratch: Any, slot: Any, sums: Any, at: Any, scale: Any) -> Any:
    """Add a slot's LANES leaves, times a scale unless they are float32, to sums from position `at`."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        planes = signature.args[0].dtype.bitwidth // 8
        slots, out = _pointer(context, builder, signature.args[0], args[0]), _pointer(context, builder, signature.args[2], args[2])
        few, words, singles = ir.VectorType(BYTE, CHUNK), ir.VectorType(WORD, CHUNK), ir.VectorType(SINGLE, CHUNK)
        factor = _splat(builder, args[4], CHUNK)
        base = builder.shl(args[3], LONG(2))
        for first in range(0, LANES, CHUNK):
            parts = [_load(builder, slots, builder.add(args[1], LONG(plane * LANES + first)), few) for plane in range(planes)]
            whole = builder.sext(parts[-1], words) if planes < 4 else builder.zext(parts[-1], words)
            for part in reversed(parts[:-1]):
                whole = builder.or_(builder.shl(whole, ir.Constant(words, [8] * CHUNK)), builder.zext(part, words))
            leaf = builder.bitcast(whole, singles) if planes == 4 else builder.fmul(builder.sitofp(whole, singles), factor)
            place = builder.add(base, LONG(4 * first))
            _store(builder, builder.fadd(_load(builder, out, place, singles), leaf), out, place)
        return context.get_dummy_value()

    return types.void(scratch, types.int64, sums, types.int64, types.float32), make


COUNTED = 64  # values that are counted together


@intrinsic  # type: ignore[untyped-decorator]
def count_cuts(typingctx: Any, values: Any, at: Any, cuts: Any, first: Any, n: Any, block: Any, place: Any) -> Any:
    """Write for COUNTED float32 values from `at` how many of `n` cut points from `first` each reaches, as bytes from `place`; NaN reaches none."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        seen, marks, bins = (_pointer(context, builder, signature.args[i], args[i]) for i in (0, 2, 5))
        singles, few = ir.VectorType(SINGLE, COUNTED), ir.VectorType(BYTE, COUNTED)
        value = _load(builder, seen, builder.shl(args[1], LONG(2)), singles)
        total = cgutils.alloca_once_value(builder, ir.Constant(few, [0] * COUNTED))
        with cgutils.for_range(builder, args[4]) as loop:
            cut = _load(builder, marks, builder.shl(builder.add(args[3], loop.index), LONG(2)), SINGLE)
            reached = builder.fcmp_ordered(">=", value, _splat(builder, cut, COUNTED))
            builder.store(builder.add(builder.load(total), builder.zext(reached, few)), total)
        _store(builder, builder.load(total), bins, args[6])
        return context.get_dummy_value()

    return types.void(values, types.int64, cuts, types.int64, types.int64, block, types.int64), make


@intrinsic  # type: ignore[untyped-decorator]
def any_missing(typingctx: Any, values: Any, at: Any) -> Any:
    """Return whether one of COUNTED float32 values from `at` is NaN."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        seen = _pointer(context, builder, signature.args[0], args[0])
        value = _load(builder, seen, builder.shl(args[1], LONG(2)), ir.VectorType(SINGLE, COUNTED))
        found = builder.bitcast(builder.fcmp_unordered("uno", value, value), ir.IntType(COUNTED))
        return builder.icmp_unsigned("!=", found, ir.IntType(COUNTED)(0))

    return types.boolean(values, types.int64), make


PIVOTS = 4  # levels of a search that are done by counting


def _gather(builder: Any, base: Any, index: Any) -> Any:
    """Return CHUNK float32 values by their positions."""
    singles = ir.VectorType(SINGLE, CHUNK)
    if "+avx512f" in features():
        kind = ir.FunctionType(singles, [singles, BYTE.as_pointer(), index.type, ir.VectorType(ir.IntType(1), CHUNK), WORD])
        gather = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512.mask.gather.dps.512")
        return builder.call(gather, [ir.Constant(singles, [0.0] * CHUNK), base, index, ir.Constant(ir.VectorType(ir.IntType(1), CHUNK), [1] * CHUNK), WORD(4)])
    found = ir.Constant(singles, ir.Undefined)
    for lane in range(CHUNK):
        place = builder.shl(builder.zext(builder.extract_element(index, WORD(lane)), LONG), LONG(2))
        found = builder.insert_element(found, _load(builder, base, place, SINGLE), WORD(lane))
    return found


def _search(levels: int) -> Any:
    """Return the intrinsic of a search by halving, CHUNK values at a time; its upper levels are one count of which pivots are reached."""

    @intrinsic  # type: ignore[untyped-decorator]
    def search(typingctx: Any, values: Any, at: Any, cuts: Any, first: Any, block: Any, place: Any) -> Any:
        def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            seen, marks, bins = (_pointer(context, builder, signature.args[i], args[i]) for i in (0, 2, 4))
            value = _load(builder, seen, builder.shl(args[1], LONG(2)), ir.VectorType(SINGLE, CHUNK))
            marks = builder.gep(marks, [builder.shl(args[3], LONG(2))])
            words, left = ir.VectorType(WORD, CHUNK), levels - PIVOTS
            here = ir.Constant(words, [0] * CHUNK)
            for pivot in range(1, 1 << PIVOTS):
                cut = _load(builder, marks, LONG(4 * ((pivot << left) - 1)), SINGLE)
                here = builder.add(here, builder.zext(builder.fcmp_ordered(">=", value, _splat(builder, cut, CHUNK)), words))
            here = builder.shl(here, ir.Constant(words, [left] * CHUNK))
            for level in reversed(range(left)):
                cut = _gather(builder, marks, builder.add(here, ir.Constant(words, [(1 << level) - 1] * CHUNK)))
                reached = builder.zext(builder.fcmp_ordered(">=", value, cut), words)
                here = builder.add(here, builder.shl(reached, ir.Constant(words, [level] * CHUNK)))
            _store(builder, builder.trunc(here, ir.VectorType(BYTE, CHUNK)), bins, args[5])
            return context.get_dummy_value()

        return types.void(values, types.int64, cuts, types.int64, block, types.int64), make

    return search


search5, search6, search7, search8 = (_search(levels) for levels in range(5, 9))
"""Write for CHUNK values how many of the cut points from `first` each reaches: of at most 31, 63, 127 and 255, filled up with NaN."""


@intrinsic  # type: ignore[untyped-decorator]
def count_reached(typingctx: Any, cuts: Any, first: Any, chunks: Any, value: Any) -> Any:
    """Return how many of the cut points from `first`, so many times CHUNK, filled up with NaN, one value reaches."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        marks = _pointer(context, builder, signature.args[0], args[0])
        half = ir.IntType(CHUNK)
        total = cgutils.alloca_once_value(builder, LONG(0))
        with cgutils.for_range(builder, args[2]) as loop:
            place = builder.shl(builder.add(args[1], builder.shl(loop.index, LONG(4))), LONG(2))
            reached = builder.fcmp_ordered(">=", _splat(builder, args[3], CHUNK), _load(builder, marks, place, ir.VectorType(SINGLE, CHUNK)))
            builder.store(builder.add(builder.load(total), builder.zext(builder.ctpop(builder.bitcast(reached, half)), LONG)), total)
        return builder.load(total)

    return types.int64(cuts, types.int64, types.int64, types.float32), make


PERMUTES = "+avx512vbmi" in features()
"""Whether the processor looks up 64 bytes in a table of 128 at once."""
TABLE, NODES = 128, 64


@intrinsic  # type: ignore[untyped-decorator]
def answers(typingctx: Any, bins: Any, model: Any, at: Any) -> Any:
    """Return as bits what NODES splits say of one row: their places in the TABLE of bins stand from word `at`, their thresholds after them."""

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        table, words = (_pointer(context, builder, signature.args[i], args[i]) for i in (0, 1))
        kind, here = ir.VectorType(BYTE, NODES), builder.shl(args[2], LONG(2))
        permute = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), "llvm.x86.avx512.vpermi2var.qi.512")
        low, high = (_load(builder, table, LONG(i * NODES), kind) for i in range(2))
        found = builder.call(permute, [low, _load(builder, words, here, kind), high])
        return builder.bitcast(builder.icmp_unsigned(">", found, _load(builder, words, builder.add(here, LONG(NODES)), kind)), LONG)

    return types.uint64(bins, model, types.int64), make

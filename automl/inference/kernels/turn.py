"""Squares of a matrix turned in registers: sixteen rows of sixteen columns become columns whose rows lie side by side."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from automl.inference.kernels.lanes import CHUNK, COUNTED, LONG, SINGLE, WORD, _load, _pointer, _store

FOURS = range(0, CHUNK, 4)


def _picked(builder: Any, a: Any, b: Any, lanes: list[int]) -> Any:
    """Return a vector of lanes of two; those of the second are numbered from CHUNK on."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(WORD, CHUNK), lanes))


def _in_fours(a: tuple[int, ...], b: tuple[int, ...]) -> list[int]:
    """Return lanes that take in each four those of the first vector, then those of the second, in turn as given."""
    return [lane for four in FOURS for pair in zip(a, b, strict=True) for lane in (four + pair[0], CHUNK + four + pair[1])]


def _of_fours(even: int) -> list[int]:
    """Return lanes that take every other four of the first vector, then of the second."""
    return [side + 4 * four + i for side in (0, CHUNK) for four in (even, even + 2) for i in range(4)]


SINGLES_LOW, SINGLES_HIGH = _in_fours((0, 1), (0, 1)), _in_fours((2, 3), (2, 3))
PAIRS_LOW = [four + side + i for four in FOURS for side in (0, CHUNK) for i in (0, 1)]
PAIRS_HIGH = [lane + 2 for lane in PAIRS_LOW]
FOURS_EVEN, FOURS_ODD = _of_fours(0), _of_fours(1)


@intrinsic  # type: ignore[untyped-decorator]
def turn(typingctx: Any, matrix: Any, at: Any, width: Any, values: Any, place: Any) -> Any:
    """Write sixteen rows of sixteen float32 values, `width` apart and the first at `at`, as columns that are COUNTED apart, the first at `place`.

    Four rows become columns of four within the fours of a vector, by singles and by pairs; then the fours change places.
    """

    def make(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, target = _pointer(context, builder, signature.args[0], args[0]), _pointer(context, builder, signature.args[3], args[3])
        kind, four_bytes = ir.VectorType(SINGLE, CHUNK), LONG(2)
        rows, here = [], args[1]
        for _ in range(CHUNK):
            rows.append(_load(builder, source, builder.shl(here, four_bytes), kind))
            here = builder.add(here, args[2])
        turned: list[list[Any]] = []  # of each four of rows: vectors whose fours are columns j, j + 4, j + 8, j + 12
        for a, b, c, d in (rows[first : first + 4] for first in FOURS):
            halves = [(_picked(builder, a, b, lanes), _picked(builder, c, d, lanes)) for lanes in (SINGLES_LOW, SINGLES_HIGH)]
            turned.append([_picked(builder, up, down, lanes) for up, down in halves for lanes in (PAIRS_LOW, PAIRS_HIGH)])
        base = builder.shl(args[4], four_bytes)
        for j in range(4):
            a, b, c, d = (four[j] for four in turned)
            even, odd = ((_picked(builder, a, b, lanes), _picked(builder, c, d, lanes)) for lanes in (FOURS_EVEN, FOURS_ODD))
            for column, (up, down), lanes in ((j, even, FOURS_EVEN), (j + 4, odd, FOURS_EVEN), (j + 8, even, FOURS_ODD), (j + 12, odd, FOURS_ODD)):
                _store(builder, _picked(builder, up, down, lanes), target, builder.add(base, LONG(4 * COUNTED * column)))
        return context.get_dummy_value()

    return types.void(matrix, types.uint64, types.uint64, values, types.int64), make

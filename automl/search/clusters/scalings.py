"""How columns are scaled before distances are taken: to variance 1 with wild values pulled in, and long tails also straightened by a logarithm."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.families.cluster_forms import some_rows
from automl.inference.bending import ANYWHERE, NAMES, Arrays, bend, in_blocks

LOOKED_AT = 20_000  # rows
FEW_VALUES = 10  # of a column, up to which it is left as it is: yes or no, a scale of marks, a level of a category
USUAL = 0.5  # of the rows; a column of which one value has more says whether something is there, and how far the others lie is no tail
END = 0.02  # share of the rows on either side beyond which values do not say how far a column reaches
BEYOND = 0.5  # of that reach, that a value may lie outside of it; a normal one does so once in 24,000 times
MATTERS = 0.98  # of a column's spread: wild values that hold less of it stay
LEAST_GAP = 1e-30  # single precision ends a little below
LONG = 6.0  # times as far from the median to the one end as to the other, from which a tail is long; groups of unlike size alone hardly make it so

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Scaling:
    """What is done to the columns: `arrays` as `inference.bending` takes them, and of which columns a logarithm is taken, which are held in."""

    arrays: Arrays
    logged: tuple[int, ...] = ()
    held: tuple[int, ...] = ()

    def __call__(self, x: Singles) -> Singles:
        """Return rows (n, m), scaled."""
        return in_blocks(lambda rows: bend(self.arrays, rows), x)

    def told(self) -> dict[str, list[int]]:
        """Return which columns are changed and how, as JSON values."""
        return {"logged": list(self.logged), "held": list(self.held)}


AS_IT_IS = Scaling({})


def scalings(x: Singles, seed: int = 0, numbers: Sequence[int] | None = None) -> dict[str, Scaling | None]:
    """Return the ways to scale standardised rows x (n, m) that differ, by name; None leaves them as they are.

    `numbers` are the columns that may be changed, to variance 1; left out: all. Levels, words and lengths have less weight on purpose.

    `variance` divides by the standard deviation, to which values far beyond the others count as the end of the reach only: a
    few of them would else take a column's groups together. `log`, where a tail is long, straightens it first (Box and Cox
    1964, An Analysis of Transformations, the logarithm with a shift), the shift such that both ends lie equally far from the median.
    """
    some = x[some_rows(x, LOOKED_AT, seed)].astype(np.float64)
    columns = range(x.shape[1]) if numbers is None else numbers
    plain, logged = _scaling(some, columns, False), _scaling(some, columns, True)
    return {"variance": plain} | ({"log": logged} if logged is not None and logged.logged else {})


def _scaling(x: NDArray[np.float64], columns: Iterable[int], straighten: bool) -> Scaling | None:
    m = x.shape[1]
    arrays = {name: np.zeros(m, np.float32) for name in NAMES}
    for name, value in (("gap", 1.0), ("spread", 1.0), ("low", -ANYWHERE), ("high", ANYWHERE)):
        arrays[name][:] = value
    held_in = []
    for j in columns:
        column = x[:, j]
        values, counts = np.unique(column, return_counts=True)
        if len(values) <= FEW_VALUES or counts.max() > USUAL * len(column):
            continue
        if straighten:
            arrays["sign"][j], arrays["knee"][j], arrays["gap"][j] = _tail(column)
            column = bend({name: values[j : j + 1] for name, values in arrays.items()}, column[:, None])[:, 0]
        first, last = np.quantile(column, (END, 1 - END))
        ends = first - BEYOND * (last - first), last + BEYOND * (last - first)
        held = np.clip(column, *ends)
        if last > first and (arrays["sign"][j] or held.std() < MATTERS * column.std()):
            for name, value in zip(("low", "high", "mean", "spread"), (*ends, held.mean(), held.std()), strict=True):
                arrays[name][j] = value
            held_in.append(j)
    logged = np.flatnonzero(arrays["sign"]).tolist()
    return Scaling(arrays, tuple(logged), tuple(j for j in held_in if j not in logged)) if held_in else None


def _tail(column: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return sign, knee and gap of the logarithm that straightens a long tail; a sign of 0 where there is none."""
    first, middle, last = np.quantile(column, (END, 0.5, 1 - END))
    left, right = middle - first, last - middle
    if min(left, right) <= 0 or max(left, right) < LONG * min(left, right):
        return 0.0, 0.0, 1.0
    gap = min(left, right) ** 2 / abs(right - left)
    if gap < LEAST_GAP:
        return 0.0, 0.0, 1.0
    return (1.0, first, gap) if right > left else (-1.0, -last, gap)

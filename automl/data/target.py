"""The target: its classes in order, the code of every row, and which rows are taken where fewer are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automl.data.columns import fail
from automl.data.sources.raw import Raw
from automl.errors import did_you_mean
from automl.inference.table import Column, Field, conform, numbers_of
from automl.spec.codes import remark
from automl.spec.files import clipped
from automl.spec.model import Spec

LEAST_ROWS = 20
MOST_CLASSES = 1000
LEAST_OF_A_CLASS = 2  # rows of a class that a sample keeps where there are so many: one to learn, one to be scored


@dataclass(frozen=True)
class Labels:
    """The classes of a table and its test table: `codes` (n_rows,) of each into `classes`, -1 where there is none."""

    classes: tuple[str, ...]
    positive: int
    codes: tuple[NDArray[np.int64], ...]
    notes: tuple[str, ...]


def labels_of(spec: Spec, raws: Sequence[Raw], target: str) -> Labels:
    """Return the classes of the training table and, when there is one, of the test table after it.

    Raises DataError, pointing into the spec, when the training rows have fewer than two classes, too few rows, or so many
    classes that the target looks like a number.
    """
    if not target:
        if raws[0].table.n_rows < LEAST_ROWS:
            raise fail(spec, "D304", ("data",), f"{raws[0].name} has {raws[0].table.n_rows} rows; at least {LEAST_ROWS} are needed")
        return Labels((), 0, tuple(np.zeros(r.table.n_rows, dtype=np.int64) for r in raws), ())
    coded = [conform(r.table, [Field(target, "label")]).columns[target] for r in raws]
    counts = _check(spec, raws[0], target, coded[0])
    classes = tuple(sorted(counts, key=_class_order))
    position = {level: index for index, level in enumerate(classes)}
    codes = tuple(np.array([*(position.get(level, -1) for level in c.levels), -1], dtype=np.int64)[c.values] for c in coded)
    notes: tuple[str, ...] = ()
    for column, own in zip(coded[1:], codes[1:], strict=True):
        new = [level for level in _present(column) if level not in counts]
        if new:
            n = int(((own < 0) & (column.values >= 0)).sum())
            what = f"{_listed(new)} of `{clipped(target)}` only occur in the test rows: no model can know them, and their {n} rows are not scored"
            notes += (remark("W310", what),)
        if not (own >= 0).any():
            raise fail(spec, "D303", ("data", "test"), f"no row of {raws[1].name} has a target that can be scored")
    learned = np.bincount(codes[0][codes[0] >= 0], minlength=len(classes))
    return Labels(classes, _positive(spec, classes, learned), codes, notes)


def _present(column: Column) -> list[str]:
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    return [level for level, count in zip(column.levels, counts, strict=True) if count]


def _check(spec: Spec, raw: Raw, target: str, coded: Column) -> dict[str, int]:
    """Return the classes of the training rows and how many each has. Raises DataError."""
    known = int((coded.values >= 0).sum())
    counts = np.bincount(coded.values[coded.values >= 0], minlength=len(coded.levels))
    present = {level: int(count) for level, count in zip(coded.levels, counts, strict=True) if count}
    name = clipped(target)
    if len(present) < 2:
        what = f"the one class `{clipped(next(iter(present)))}`" if present else "no value"
        raise fail(spec, "D303", ("task", "target"), f"the target `{name}` has {what}; two classes are needed")
    if known < LEAST_ROWS:
        raise fail(spec, "D304", ("data",), f"{raw.name} has {known} rows with a target; at least {LEAST_ROWS} are needed")
    if len(present) == 2 and min(present.values()) < 2:
        raise fail(spec, "D303", ("task", "target"), f"one class of the target `{name}` has a single row; one more is needed to be scored")
    if len(present) > min(MOST_CLASSES, max(50, known // 10)):
        raise fail(spec, "D305", ("task", "target"), f"the target `{name}` has {len(present)} classes in {known} rows", "is it a class at all?")
    return present


def _class_order(label: str) -> tuple[int, float, str]:
    number = numbers_of([label])[0]
    return (1, 0.0, label) if np.isnan(number) else (0, float(number), label)


def _positive(spec: Spec, classes: tuple[str, ...], counts: NDArray[np.int64]) -> int:
    wanted = spec.goal.positive_class
    if wanted is None:
        return int(np.argmin(counts)) if len(classes) == 2 else 0
    if wanted not in classes:
        listed = ", ".join(f"{clipped(c)} ({n})" for c, n in zip(classes[:8], counts[:8].tolist(), strict=True))
        near = did_you_mean(wanted, classes)
        label = f"did you mean `{clipped(near)}`?" if near else ""
        raise fail(spec, "D306", ("task", "positive_class"), f"`{clipped(wanted)}` is not a class of `{spec.goal.target}`", label, (f"classes: {listed}",))
    return classes.index(wanted)


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(f"`{clipped(label, 30)}`" for label in labels[:5])
    return shown + (f" and {len(labels) - 5} more classes" if len(labels) > 5 else "")


def stratified(y: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    """Return `n` positions of the rows, in order, drawn within each class.

    Every class keeps two rows, or all it has; what is left goes by their shares (largest remainders).
    """
    if n >= len(y):
        return np.arange(len(y))
    counts = np.bincount(y)
    least = np.minimum(counts, LEAST_OF_A_CLASS) if np.minimum(counts, LEAST_OF_A_CLASS).sum() <= n else np.zeros_like(counts)
    exact = n * counts / counts.sum()
    while (low := exact < least).any():  # what small classes are raised to, the others give up by their shares
        fixed = low | ((exact == least) & (least > 0))
        exact = np.where(fixed, least, counts * (n - least[fixed].sum()) / max(1, counts[~fixed].sum()))
    take = np.floor(exact).astype(np.int64)
    take[np.argsort(take - exact, kind="stable")[: n - int(take.sum())]] += 1
    shuffled = np.random.default_rng(seed).permutation(len(y))
    shuffled = shuffled[np.argsort(y[shuffled], kind="stable")]
    starts = np.cumsum(counts) - counts
    rank = np.arange(len(y)) - starts[y[shuffled]]
    return np.sort(shuffled[rank < take[y[shuffled]]])

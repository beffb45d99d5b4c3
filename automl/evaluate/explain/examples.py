"""Single rows: typical ones of each class, and those where the model was surest and wrong; cells masked as everywhere else."""

from collections.abc import Sequence, Set
from typing import Any

import numpy as np

from automl.eda.shown import LONGEST_CELL, MASK, cells_of
from automl.evaluate.explain.scored import Floats, Rows, Scored

COLUMNS = 8  # whose cells are shown, the most important


def examples(
    scored: Scored, n: int, names: Sequence[str], target: str, classes: Sequence[str], personal: Set[str], *, cells: bool
) -> dict[str, Any]:  # fmt: skip
    """Return up to `n` typical and `n` wrong rows as JSON values, each with its number in the source, the prediction and its probability.

    Typical is, class by class, the row that is predicted right and whose probability of its class lies nearest to the median of
    the rows of that class; wrong are the rows whose predicted class is most probable compared with their own. One row of a
    unit at most. With `cells` each has its class and its values of the first columns of `names`, masked where personal;
    without, no cell of the data is in it, the class among them.
    """
    label, every = scored.labels(), np.arange(scored.n_rows)
    own, sure = scored.proba[every, scored.y], scored.proba[every, label]
    shown = list(names[:COLUMNS]) if cells else []
    masked = target in personal

    def told(rows: Sequence[int]) -> list[dict[str, Any]]:
        at = np.array(rows, dtype=np.int64)
        columns = cells_of(scored.table, at, shown, personal)
        out = []
        for i, row in enumerate(rows):
            entry: dict[str, Any] = {
                "row": int(scored.row_numbers[row]), "prediction": MASK if masked else classes[label[row]][:LONGEST_CELL], "probability": float(sure[row]),
            }  # fmt: skip
            if cells:
                truth = MASK if masked else classes[scored.y[row]][:LONGEST_CELL]
                entry |= {"true": truth, "probability_of_true": float(own[row]), "cells": [column[i] for column in columns]}
            out.append(entry)
        return out

    wrong = np.flatnonzero(label != scored.y)
    wrong = wrong[np.argsort(own[wrong] - sure[wrong], kind="stable")]
    return {
        "columns": shown, "masked": [name for name in shown if name in personal], "cells": cells,
        "typical": told(_one_of_each(_typical(scored, label, own), scored.units, n)), "wrong": told(_one_of_each(wrong, scored.units, n)),
        "wrong_rows": len(wrong), "rows": scored.n_rows,
    }  # fmt: skip


def _typical(scored: Scored, label: Rows, own: Floats) -> Rows:
    """Return row positions, of each class in turn (the most frequent first) the next nearest to the middle of its class."""
    counts = np.bincount(scored.y, minlength=scored.proba.shape[1])
    queues = []
    for place, c in enumerate(np.argsort(-counts, kind="stable").tolist()):
        of_class = scored.y == c
        right = np.flatnonzero(of_class & (label == c))
        if len(right):
            near = right[np.argsort(np.abs(own[right] - np.median(own[of_class])), kind="stable")][:100]
            queues.append(np.stack([np.arange(len(near)), np.full(len(near), place), near]))
    if not queues:
        return np.zeros(0, dtype=np.int64)
    turn, place, rows = np.concatenate(queues, axis=1)
    return np.asarray(rows[np.lexsort((place, turn))], dtype=np.int64)


def _one_of_each(rows: Rows, units: Rows, n: int) -> list[int]:
    """Return the first `n` rows of different units."""
    out: list[int] = []
    seen: set[int] = set()
    for row in rows.tolist():
        if len(out) == n:
            break
        if (unit := int(units[row])) not in seen:
            seen.add(unit)
            out.append(row)
    return out

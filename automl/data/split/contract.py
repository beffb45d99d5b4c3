"""What holds of every split, whatever the strategy; asserted by the tests, and there for whoever makes a split by hand."""

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.split.record import Rows, Split


def check(split: Split, dataset: Dataset) -> list[str]:
    """Return what is wrong with a split, in words; nothing when it keeps the contract.

    Training rows and holdout share no row; each fold is made of training rows, its two sides share none and neither is
    empty. No unit and no group that `data.columns.group` names is on both sides of a fold, or of training and holdout. A
    given test table is the holdout, all of it. Forward in time, every learning row is earlier than every scored one; rows
    of one moment stand on one side.
    """
    wrong = []
    given = np.flatnonzero(dataset.tested) if dataset.tested is not None else np.zeros(0, dtype=np.int64)
    if len(given) and not np.array_equal(np.sort(split.holdout), given):
        wrong.append("the holdout is not the given test table")
    for name, rows in (("training", split.train), ("the holdout", split.holdout)):
        if len(np.unique(rows)) < len(rows):
            wrong.append(f"a row is twice in {name}")
    sides = [("training and holdout", split.train, split.holdout), *((f"fold {k}", *fold) for k, fold in enumerate(split.folds))]
    allowed = np.zeros(len(dataset.y), dtype=bool)
    allowed[split.train] = True
    for name, learn, valid in sides[1:]:
        if not len(learn) or not len(valid):
            wrong.append(f"{name} has an empty side")
        if not allowed[learn].all() or not allowed[valid].all():
            wrong.append(f"{name} holds a row that is not for training")
        if len(np.unique(valid)) < len(valid):
            wrong.append(f"{name} scores a row twice")
    ties = [("row", np.arange(len(dataset.y))), ("unit", split.units), ("group", dataset.group)]
    for name, learn, valid in sides:
        wrong += [f"a {tie} is on both sides of {name}" for tie, labels in ties if labels is not None and _meet(labels, learn, valid)]
        both = len(learn) and len(valid) and not (len(given) and name == sides[0][0])
        if split.time is not None and both and not split.time[learn].max() < split.time[valid].min():
            wrong.append(f"{name} is not forward in time")
    return wrong


def _meet(labels: Rows, first: Rows, second: Rows) -> bool:
    """Return whether a label (negative: none) occurs among both."""
    seen: NDArray[np.int64] = np.unique(labels[first])
    return bool(np.isin(seen[seen >= 0], labels[second]).any())

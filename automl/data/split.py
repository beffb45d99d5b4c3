"""A Split is row positions: a holdout that is read once to report, and folds of the rest that choices are made on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.structure import row_groups, worth_grouping
from automl.spec.model import Spec
from automl.vocabulary import Decision

Rows = NDArray[np.int64]

MANY_ROWS = 20_000  # beyond, three folds: the spread of a score is small and a fold is dear
VERY_MANY_ROWS = 200_000


@dataclass(frozen=True)
class Split:
    """Positions into the dataset: `train` and `holdout` are disjoint; `folds` divide `train` into (train, valid)."""

    train: Rows
    holdout: Rows
    folds: tuple[tuple[Rows, Rows], ...]
    decisions: tuple[Decision, ...]

    def arrays(self) -> dict[str, Any]:
        """Return the arrays that are kept on disk."""
        out = {"train": self.train, "holdout": self.holdout}
        for number, (train, valid) in enumerate(self.folds):
            out |= {f"fold{number}_train": train, f"fold{number}_valid": valid}
        return out


def make_split(dataset: Dataset, spec: Spec) -> Split:
    """Divide the rows, stratified by class; copies of a row stay together unless `checks.duplicate_rows` says otherwise."""
    rng = np.random.default_rng(spec.seed)
    mode = spec.checks.duplicate_rows or spec.checks.default
    groups = row_groups(dataset.table) if mode in ("auto", "fix", "fail") else np.arange(len(dataset.y))
    decisions: list[Decision] = []
    if worth_grouping(groups):
        decisions.append(Decision("validation.copies", "together", "equal rows stay on one side of every split"))
    else:
        groups = np.arange(len(dataset.y))
    everything = np.arange(len(dataset.y))
    share = spec.validation.test
    if share is None:
        train, holdout = everything, everything[:0]
        decisions.append(Decision("validation.test", "none", "asked for: every row trains, scores are out of fold"))
    else:
        percent = _parts(dataset.y, groups, 100, rng)
        train, holdout = everything[percent >= round(share * 100)], everything[percent < round(share * 100)]
        decisions.append(Decision("validation.test", f"{len(holdout) / len(everything):.0%}", f"{len(holdout)} rows are kept for the report"))
    n_folds, because = _n_folds(spec, dataset.y[train])
    decisions.append(Decision("validation.folds", n_folds, because))
    if n_folds == 1:
        part = _parts(dataset.y[train], groups[train], 5, rng)
        folds: tuple[tuple[Rows, Rows], ...] = ((train[part != 0], train[part == 0]),)
    else:
        part = _parts(dataset.y[train], groups[train], n_folds, rng)
        folds = tuple((train[part != k], train[part == k]) for k in range(n_folds))
    return Split(train, holdout, folds, tuple(decisions))


def _n_folds(spec: Spec, y: NDArray[np.int64]) -> tuple[int, str]:
    asked = spec.validation
    counts = np.bincount(y)
    rarest = int(counts[counts > 0].min())
    if asked.strategy == "holdout":
        return 1, "asked for: one validation part"
    if asked.folds is not None:
        return min(asked.folds, len(y) // 2), "asked for"
    if asked.strategy == "auto" and len(y) > VERY_MANY_ROWS:
        return 1, f"{len(y)} rows: one validation part is precise enough"
    if len(y) > MANY_ROWS:
        return 3, f"{len(y)} rows: three folds are precise enough"
    if rarest < 5:
        return max(2, min(5, rarest)), f"the rarest class has {rarest} rows"
    return 5, f"{len(y)} rows: five folds"


def _parts(y: NDArray[np.int64], groups: Rows, k: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return (n_rows,) part numbers 0..k-1: groups whole, and of each class an equal share of rows to each part."""
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    label, size = y[first], np.bincount(group)
    part_of_group = np.zeros(len(first), dtype=np.int64)
    for code in np.unique(label):
        members = rng.permutation(np.flatnonzero(label == code))
        ends = np.cumsum(size[members])
        middle = ends - size[members] / 2
        offset = int(rng.integers(k))  # so that a class with fewer rows than parts does not always miss the same ones
        part_of_group[members] = (np.minimum(k - 1, (middle * k / ends[-1]).astype(np.int64)) + offset) % k
    return part_of_group[group]

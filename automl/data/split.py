"""A Split is row positions: a holdout that is read once to report, and folds of the rest that choices are made on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.structure import copies, numbers_the_rows
from automl.inference.table import Table
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
    groups, repeats = copies(learnable(dataset), dataset.y) if mode in ("auto", "fix", "fail") else (np.arange(len(dataset.y)), 0)
    decisions: list[Decision] = []
    if repeats and len(np.unique(groups)) < len(groups):
        decisions.append(Decision("validation.copies", "together", "equal rows stay on one side of every split"))
    everything = np.arange(len(dataset.y))
    share = spec.validation.test
    if share is None:
        train, holdout = everything, everything[:0]
        decisions.append(Decision("validation.test", "none", "asked for: every row trains, scores are out of fold"))
    elif not dataset.classes:
        train, holdout = everything, everything[:0]
        decisions.append(Decision("validation.test", "none", "no target: there is nothing to score, so every row is looked at"))
    else:
        held = _held_out(dataset.y, groups, share, rng)
        train, holdout = everything[~held], everything[held]
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


def learnable(dataset: Dataset) -> Table:
    """Return the columns that can make two rows different to a model: a counter of rows cannot."""
    everything = np.arange(len(dataset.y))
    kept = {f.name: dataset.table.columns[f.name] for f in dataset.fields if not numbers_the_rows(dataset.table.columns[f.name], f.kind, everything)}
    return Table(kept, dataset.table.n_rows)


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


def _units(y: NDArray[np.int64], groups: Rows) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return per group its class (that of its first row) and its size, and per row its group, numbered from 0."""
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    return y[first], np.bincount(group), group


def _held_out(y: NDArray[np.int64], groups: Rows, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return (n_rows,) whether a row is held out: groups whole, the share kept in each class, a class with two groups or
    more on both sides.
    """
    label, size, group = _units(y, groups)
    held = np.zeros(len(label), dtype=bool)
    for code in np.unique(label):
        members = rng.permutation(np.flatnonzero(label == code))
        wanted = share * size[members].sum()
        before = np.cumsum(size[members]) - size[members]
        count = int((before + size[members] / 2 <= wanted).sum())
        held[members[: min(max(count, 1), len(members) - 1)]] = True
    return held[group]


def _parts(y: NDArray[np.int64], groups: Rows, k: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return (n_rows,) part numbers 0..k-1: groups whole, dealt out class by class, so that no part is empty while there
    are as many groups as parts, and each class is spread as evenly as it can be.
    """
    label, _, group = _units(y, groups)
    order = np.lexsort((rng.random(len(label)), label))
    part_of_group = np.empty(len(label), dtype=np.int64)
    part_of_group[order] = np.arange(len(label)) % k
    return part_of_group[group]

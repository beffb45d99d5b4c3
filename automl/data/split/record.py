"""A Split is row positions: a holdout that is read once to report, and folds of the rest that choices are made on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.vocabulary import Decision

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Positions into the dataset: `train` and `holdout` are disjoint; `folds` are pairs (learn, valid) out of `train`.

    A row may be in `valid` of one fold, of several (repeated, bootstrap) or of none (the first part in time), and several
    times in one `learn` (bootstrap). `units` (n_rows,) number the rows that must stay together, None where each row stands
    alone; `time` (n_rows,) is set where the split is forward in time. `check` says what holds of every split.
    """

    train: Rows
    holdout: Rows
    folds: tuple[tuple[Rows, Rows], ...]
    decisions: tuple[Decision, ...]
    strategy: str = "kfold"
    units: Rows | None = None
    time: NDArray[np.float64] | None = None

    @property
    def pooled(self) -> bool:
        """Return whether a fold is too small for a score of its own, so that a trial is scored on all its predictions at once."""
        return self.strategy == "leave_one_out"

    @property
    def growth(self) -> float:
        """Return how many rows a fit on all training rows has for each row of the largest fold."""
        return len(self.train) / max((len(learn) for learn, _ in self.folds), default=1)

    def unit_of(self, rows: Rows) -> Rows:
        """Return (n,) the unit of each row; later divisions and intervals keep units whole, too."""
        return rows if self.units is None else self.units[rows]

    def without(self, rows: Rows, because: str = "") -> "Split":
        """Return the split with rows taken out of training and of every fold; folds that lose a side go. The holdout stays."""
        gone = np.zeros(max(int(part.max(initial=-1)) for part in (self.train, self.holdout, np.asarray(rows))) + 1, dtype=bool)
        gone[rows] = True
        train = self.train[~gone[self.train]]
        folds = tuple((learn[~gone[learn]], valid[~gone[valid]]) for learn, valid in self.folds)
        said = (Decision("validation.removed", f"{len(self.train) - len(train)} rows", because),) if because else ()
        return replace(self, train=train, folds=tuple(f for f in folds if len(f[0]) and len(f[1])), decisions=(*self.decisions, *said))

    def arrays(self) -> dict[str, Any]:
        """Return the arrays that are kept on disk."""
        out = {"train": self.train, "holdout": self.holdout}
        for number, (learn, valid) in enumerate(self.folds):
            out |= {f"fold{number}_train": learn, f"fold{number}_valid": valid}
        return out | {name: array for name, array in (("units", self.units), ("time", self.time)) if array is not None}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], strategy: str, decisions: tuple[Decision, ...]) -> "Split":
        """Return the split whose `arrays` these are. Raises KeyError when one is missing."""
        n_folds = sum(name.endswith("_valid") for name in arrays)
        folds = tuple((arrays[f"fold{i}_train"], arrays[f"fold{i}_valid"]) for i in range(n_folds))
        units, time = (arrays.get(name) for name in ("units", "time"))
        return cls(arrays["train"], arrays["holdout"], folds, decisions, strategy, units, time)

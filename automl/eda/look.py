"""What a check looks at: the table, its split, the statistics, a seeded sample of training rows, and the probe over it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.split import Split, learnable
from automl.data.structure import copies, row_groups
from automl.eda.clock import Clock
from automl.eda.finding import Change, Effect
from automl.eda.probe import Piece, Probe
from automl.inference.features import FLOAT_MAX
from automl.inference.table import Column, Field
from automl.vocabulary import Mode

Rows = NDArray[np.int64]

SAMPLE = 5000  # training rows that the probe sees
HURRY, FEW = 1.5, 2000  # seconds left below which the probe sees this many rows, and a third of the columns
WIDEST = 100  # columns that the probe sees; the ones that tell most about the target
OWN_FOLDS = 5
MOST_FOLDS = 10  # of the split that are used as they are


@dataclass(frozen=True)
class Draft:
    """What a check found, before its mode is known.

    `fix` and `leave` say in words what is done, and what is not when the mode is `warn`. `own` is the mode where it
    depends on what was found. `measure` returns the effect on the score. A fix with `keeps_promise` is done although the
    folds show a loss: what it takes away cannot be known for a new row. One that `needs_gain` is done only where the
    folds show a clear gain: there is no other reason for it than the score.
    """

    columns: tuple[str, ...]
    message: str
    fix: str
    leave: str = "none"
    own: Mode | None = None
    change: Change | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    effect: Effect | None = None
    measure: Any = None
    keeps_promise: bool = False
    needs_gain: bool = False


class Look:
    """The training rows as checks see them; costly views are made once, when first asked for."""

    def __init__(self, dataset: Dataset, split: Split, stats: Mapping[str, Any], clock: Clock, seed: int = 0) -> None:
        self.dataset, self.split, self.stats, self.clock, self.seed = dataset, split, stats, clock, seed
        self.columns: dict[str, dict[str, Any]] = {c["name"]: c for c in stats["columns"]}
        self.fields: dict[str, Field] = {f.name: f for f in dataset.fields}
        told = (stats.get("relations") or {}).get("target", [])
        self.association: dict[str, float] = {t["column"]: abs((t.get("auc") or 0.5) - 0.5) for t in told}
        self.has_target = len(dataset.classes) > 1
        self._train: dict[str, Column] = {}

    def train(self, name: str) -> Column:
        """Return a column at the training rows."""
        if name not in self._train:
            self._train[name] = _tame(self.dataset.table.columns[name].take(self.split.train))
        return self._train[name]

    def at(self, name: str, rows: Rows) -> Column:
        """Return a column at positions into the training rows."""
        return _tame(self.dataset.table.columns[name].take(self.split.train[rows]))

    @cached_property
    def y(self) -> Rows:
        """Return (n_train,) class codes of the training rows."""
        return self.dataset.y[self.split.train]

    @cached_property
    def sample(self) -> Rows:
        """Return positions into the training rows, in order; all of them when they are few."""
        n, most = len(self.split.train), SAMPLE if self.clock.left() > HURRY else FEW
        if n <= most:
            return np.arange(n)
        self.clock.sampled("probe", most, n, "what a fix does to the score is measured on a sample")
        return np.sort(np.random.default_rng(self.seed).choice(n, most, replace=False))

    @cached_property
    def _sampled(self) -> Rows:
        return self.split.train[self.sample]

    @cached_property
    def groups(self) -> tuple[Rows, int]:
        """Return (n_rows,) numbers of rows with equal inputs where they are copies, and how many rows repeat another."""
        return copies(learnable(self.dataset), self.dataset.y)

    @cached_property
    def equal(self) -> Rows:
        """Return (n_rows,) group numbers: rows share one exactly when all inputs that can be learned from are equal."""
        return row_groups(learnable(self.dataset))

    @cached_property
    def folds(self) -> list[tuple[Rows, Rows]]:
        """Return (learn, score) positions into the sample: the folds of the split, or five of our own where they are too few or many."""
        rows = self.split.train[self.sample]
        if 2 <= len(self.split.folds) <= MOST_FOLDS:
            out = []
            for learn, score in self.split.folds:
                mark = np.zeros(len(self.dataset.y), np.int8)
                mark[learn], mark[score] = 1, 2
                out.append((np.flatnonzero(mark[rows] == 1), np.flatnonzero(mark[rows] == 2)))
            return out
        return whole_folds(self.split.unit_of(rows), self.seed)

    @cached_property
    def told(self) -> list[str]:
        """Return the columns that the probe sees: all, or the ones that tell most about the target."""
        names = [f.name for f in self.dataset.fields if self.columns[f.name]["distinct"] + bool(self.columns[f.name]["missing"]) > 1]
        most = WIDEST if self.clock.left() > HURRY else WIDEST // 3
        if len(names) <= most:
            return names
        self.clock.sampled("columns of the probe", most, len(names), "the probe sees the columns that tell most about the target")
        return sorted(names, key=lambda n: -self.association.get(n, 0.0))[:most]

    def column(self, name: str) -> Column:
        """Return a column at the sampled training rows."""
        return _tame(self.dataset.table.columns[name].take(self._sampled))

    def piece_at(self, name: str, rows: Rows) -> Piece:
        """Return a column as the probe takes it, at positions into the whole table."""
        return Piece(_tame(self.dataset.table.columns[name].take(rows)), self.fields[name].kind)

    def piece(self, name: str, *, line: bool = False) -> Piece:
        """Return a column as the probe takes it; numbers in bins, or with `line` as they are."""
        kind = self.fields[name].kind
        return Piece(self.column(name), "line" if line and kind == "number" else kind)

    @cached_property
    def probe(self) -> Probe:
        """Return the probe with numbers in bins."""
        return Probe({n: self.piece(n) for n in self.told}, self.y[self.sample], self.folds)

    @cached_property
    def line_probe(self) -> Probe:
        """Return the probe with numbers as they are: what a linear model or a network makes of them."""
        return Probe({n: self.piece(n, line=True) for n in self.told if self.fields[n].kind != "text"}, self.y[self.sample], self.folds)

    def without(self, names: Sequence[str]) -> Effect | None:
        """Return the effect of leaving columns out; None where there is nothing to score or no column is left."""
        if not self.has_target or not set(names) & set(self.told):
            return None
        return self.probe.effect(without=names)

    def without_lines(self, names: Sequence[str]) -> Effect | None:
        """Return the effect of leaving columns out for models that take numbers as they are."""
        return self.line_probe.effect(without=names) if self.has_target and set(names) & set(self.told) else None

    def replaced(self, pieces: Mapping[str, Piece], *, line: bool = False) -> Effect | None:
        """Return the effect of taking columns in another form."""
        known = {n: p for n, p in pieces.items() if n in self.told}
        if not self.has_target or not known:
            return None
        probe = self.line_probe if line else self.probe
        return probe.effect(without=list(known), more=known)


def _tame(column: Column) -> Column:
    """Return a column whose numbers can be squared and summed; infinite ones stay."""
    if column.kind == "coded" or not len(column.values):
        return column
    clipped = np.where(np.isfinite(column.values), np.clip(column.values, -FLOAT_MAX, FLOAT_MAX), column.values)
    return Column(column.kind, clipped)


def whole_folds(units: Rows, seed: int, k: int = OWN_FOLDS) -> list[tuple[Rows, Rows]]:
    """Return k folds as (learn, score) positions; rows of one unit are never on both sides."""
    _, unit = np.unique(units, return_inverse=True)
    part = np.random.default_rng(seed).permutation(int(unit.max()) + 1)[unit] % k
    return [(np.flatnonzero(part != i), np.flatnonzero(part == i)) for i in range(k)]

"""The rows that are explained, with what predicts each of them: the shipped model, or the model of a fold that did not see the row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.finalize.candidate import Candidate
from automl.inference.blend import BLEND, Views
from automl.inference.decision import Decision
from automl.inference.features import Features
from automl.inference.forms import Form, Model
from automl.inference.table import Column, Field, Table, conform
from automl.plan.plan import Plan
from automl.search.store import Store

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Proba = Callable[[Table], NDArray[Any]]
"""Answers (n_rows, n_classes) to a table in the schema's form."""

HOLDOUT, OUT_OF_FOLD, TRAINING = "holdout", "out_of_fold", "training"


@dataclass(frozen=True)
class Scored:
    """Rows with known classes, and what predicts them.

    `y` (n_rows,) class codes, `units` (n_rows,) the unit of each row, `row_numbers` (n_rows,) its number in the source, `proba`
    (n_rows, n_classes) the answers that were scored. `part` (n_rows,) says which of `predictors` answers for a row; `kind`
    which rows these are: of the holdout, out of fold, or rows that the model learned from. `decision` gives each its class.
    """

    table: Table
    fields: tuple[Field, ...]
    y: Rows
    units: Rows
    row_numbers: Rows
    proba: Floats
    part: Rows
    predictors: tuple[Proba, ...]
    kind: str = HOLDOUT
    decision: Decision = field(default_factory=Decision)

    @property
    def n_rows(self) -> int:
        """Return the number of rows."""
        return len(self.y)

    def take(self, rows: Rows) -> "Scored":
        """Return some of the rows."""
        return Scored(
            self.table.take(rows), self.fields, self.y[rows], self.units[rows], self.row_numbers[rows], self.proba[rows], self.part[rows], self.predictors,
            self.kind, self.decision,
        )  # fmt: skip

    def labels(self) -> Rows:
        """Return (n_rows,) the class codes that are answered."""
        return self.decision.codes(self.proba)

    def predict(self, changed: Mapping[str, Column] | None = None) -> Floats:
        """Return (n_rows, n_classes) the answers when some columns hold other values, row by row."""
        table = Table({**self.table.columns, **(changed or {})}, self.n_rows)
        if len(self.predictors) == 1:
            return np.asarray(self.predictors[0](table), dtype=np.float64)
        out = np.zeros_like(self.proba)
        for k, proba in enumerate(self.predictors):
            rows = np.flatnonzero(self.part == k)
            if len(rows):
                out[rows] = proba(table.take(rows))
        return out


def scored_rows(
    plan: Plan, dataset: Dataset, split: Split, score_rows: str, proba: Proba, predicted: Floats, folds: Sequence[Proba | None] | None = None,
    decision: Decision | None = None,
) -> Scored:  # fmt: skip
    """Return the rows that were scored, as `evaluate` did.

    `proba` is that of the shipped model, `predicted` (n_scored, n_classes) its scored answers, `folds` what answers for the rows
    that each fold did not learn from. Where rows were scored out of fold and some fold has no such model, the shipped one
    answers, and `kind` says that it learned from these rows.
    """
    part: Rows | None = None
    predictors: tuple[Proba, ...] = (proba,)
    rows, kind = (split.holdout, HOLDOUT) if score_rows == HOLDOUT else (split.train, TRAINING)
    if score_rows == OUT_OF_FOLD:
        rows, first = np.unique(np.concatenate([valid for _, valid in split.folds]), return_index=True)
        known = [found for found in folds or () if found is not None]
        if known and len(known) == len(split.folds):
            ends = np.cumsum([len(valid) for _, valid in split.folds])
            part, predictors, kind = np.searchsorted(ends, first, side="right"), tuple(known), OUT_OF_FOLD
    table = Table({f.name: dataset.table.columns[f.name] for f in plan.fields}, dataset.table.n_rows).take(rows)
    return Scored(
        table, plan.fields, dataset.y[rows], split.unit_of(rows), dataset.row_numbers[rows], np.asarray(predicted, dtype=np.float64),
        np.zeros(len(rows), dtype=np.int64) if part is None else part, predictors, kind,
        decision or Decision(),
    )  # fmt: skip


def fold_probas(plan: Plan, candidate: Candidate, store: Store) -> list[Proba | None]:
    """Return per fold what answers, calibrated, for the rows it did not learn from; nothing where the models of some folds were not kept.

    A blend of a fold takes the features of the fold as each of its models needs them.
    """
    if not candidate.whole or candidate.trial is None:
        return []
    found: dict[int, Proba] = {}
    for one in candidate.folds:
        made = [Features(store.form(needs, one.fold)) for needs in one.needs]
        found[one.fold] = _proba(made, one.model, plan.fields, candidate.decision)
    return [found.get(k) for k in range(plan.n_folds)]


def _proba(made: Sequence[Features], model: Form, fields: tuple[Field, ...], decision: Decision) -> Proba:
    ready = Model(model)

    def proba(table: Table) -> NDArray[Any]:
        clean = conform(table, fields)
        parts = [features.transform(clean) for features in made]
        return decision.calibrate(ready.predict(Views(parts) if model.kind == BLEND else parts[0]))

    return proba

"""Checks of the training rows: each finding carries its evidence, what is done about it, and the line that overrides it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split, learnable
from automl.data.structure import copies, numbers_the_rows
from automl.spec.sections.checks import Checks
from automl.vocabulary import Mode

LEAST_MINORITY = 0.10  # below this share of the rarest class, accuracy says little


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing: `drops` names a column that must not be learned from when the mode is `fix`."""

    check: str
    column: str
    mode: Mode
    message: str
    action: str
    override: str
    drops: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return asdict(self)


def _mode(checks: Checks, check: str, default: Mode) -> Mode:
    """Return the mode asked for: by name, by default, or the check's own."""
    asked = getattr(checks, check)
    if asked is not None:
        return Mode(asked)
    return default if checks.default == "auto" else Mode(checks.default)


def find(dataset: Dataset, split: Split, columns: Sequence[dict[str, Any]], checks: Checks) -> tuple[Finding, ...]:
    """Return the findings of all checks that are not off, the ones that change something first."""
    found = [*_constant(columns, checks), *_id_like(dataset, split, columns, checks), *_duplicate_rows(dataset, split, checks)]
    found += [*_missing(columns, checks), *_imbalance(dataset, split, checks)]
    order = list(Mode)
    return tuple(sorted((f for f in found if f.mode != Mode.OFF), key=lambda f: order.index(f.mode)))


def _constant(columns: Sequence[dict[str, Any]], checks: Checks) -> list[Finding]:
    mode = _mode(checks, "constant", Mode.FIX)
    return [
        Finding("constant", c["name"], mode, "no value at all" if not c["distinct"] else "one value in every row",
                "left out" if mode == Mode.FIX else "none", "checks: {constant: warn}", drops=True)
        for c in columns if c["distinct"] == 0 or (c["distinct"] == 1 and not c["missing"])
    ]  # fmt: skip


def _id_like(dataset: Dataset, split: Split, columns: Sequence[dict[str, Any]], checks: Checks) -> list[Finding]:
    mode = _mode(checks, "id_like", Mode.FIX)
    out = []
    for c in columns:
        why = numbers_the_rows(dataset.table.columns[c["name"]], c["kind"], split.train)
        if why:
            action = "left out: a new row has a number the model never saw" if mode == Mode.FIX else "none"
            out.append(Finding("id_like", c["name"], mode, f"numbers the rows: {why}", action, "checks: {id_like: warn}", drops=True))
    return out


def _duplicate_rows(dataset: Dataset, split: Split, checks: Checks) -> list[Finding]:
    groups, repeats = copies(learnable(dataset), dataset.y)
    if not repeats:
        return []
    mode = _mode(checks, "duplicate_rows", Mode.FIX)
    together = any(d.key == "validation.copies" for d in split.decisions)
    action = "copies stay on one side of every split" if together else "none: the table has few distinct rows, equal ones are expected"
    rows = f"{repeats} of {len(groups)} rows repeat the inputs of an earlier one"
    return [Finding("duplicate_rows", "", mode, rows, action, "checks: {duplicate_rows: warn}")]


def _missing(columns: Sequence[dict[str, Any]], checks: Checks) -> list[Finding]:
    mode = _mode(checks, "missing_values", Mode.FIX)
    return [
        Finding("missing_values", c["name"], mode, f"{c['missing']} values missing ({c['missing_share']:.1%})",
                "numbers imputed inside folds with an indicator, categories given a column; trees take numbers as they are", "checks: {missing_values: warn}")
        for c in columns if c["missing"] and c["distinct"]
    ]  # fmt: skip


def _imbalance(dataset: Dataset, split: Split, checks: Checks) -> list[Finding]:
    counts = np.bincount(dataset.y[split.train], minlength=len(dataset.classes))
    rarest = int(counts.argmin())
    if counts[rarest] / counts.sum() >= LEAST_MINORITY:
        return []
    mode = _mode(checks, "imbalance", Mode.FIX)
    message = f"class `{dataset.classes[rarest]}` has {counts[rarest]} of {counts.sum()} rows ({counts[rarest] / counts.sum():.1%})"
    return [Finding("imbalance", dataset.target, mode, message, "every split is stratified", "checks: {imbalance: warn}")]

"""Statistics of the training rows, column by column; the holdout is counted and not looked at."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.eda.findings import Finding, find
from automl.inference.features import FLOAT_MAX, tokens
from automl.inference.table import Column, Field
from automl.spec.sections.checks import Checks
from automl.vocabulary import Decision, Mode, Role

BINS = 20
TOP = 10
TEXT_SAMPLE = 5000  # distinct texts that are tokenized for word counts


@dataclass(frozen=True)
class Profile:
    """What is known of the training rows: one mapping of JSON values per column, the classes, and the findings."""

    n_rows: int
    n_holdout: int
    columns: tuple[dict[str, Any], ...]
    classes: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]
    roles: tuple[Decision, ...]
    facts: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the profile as JSON values."""
        return {
            **self.facts, "training_rows": self.n_rows, "holdout_rows": self.n_holdout, "columns": list(self.columns),
            "classes": list(self.classes), "findings": [f.as_dict() for f in self.findings],
            "roles": [{"column": d.key, "role": str(d.value), "because": d.because} for d in self.roles],
        }  # fmt: skip


def profile_dataset(dataset: Dataset, split: Split, checks: Checks, facts: dict[str, Any]) -> Profile:
    """Describe the training rows and judge them by every check."""
    y = dataset.y[split.train]
    columns = tuple(_describe(f, dataset.table.columns[f.name].take(split.train)) for f in dataset.fields)
    counts = np.bincount(y, minlength=len(dataset.classes))[: len(dataset.classes)]
    classes = tuple({"label": label, "rows": int(n), "share": float(n / len(y))} for label, n in zip(dataset.classes, counts, strict=True))
    findings = find(dataset, split, columns, checks)
    return Profile(len(y), len(split.holdout), columns, classes, findings, _roles(dataset.roles, findings), facts)


def _roles(roles: tuple[Decision, ...], findings: tuple[Finding, ...]) -> tuple[Decision, ...]:
    """Return the roles after the findings: a column that numbers the rows is an id."""
    ids = {f.column: f.message for f in findings if f.check == "id_like" and f.mode == Mode.FIX}
    return tuple(Decision(d.key, Role.ID, ids[d.key]) if d.key in ids else d for d in roles)


def _describe(field: Field, column: Column) -> dict[str, Any]:
    n = len(column.values)
    missing = int((column.values < 0).sum() if column.kind == "coded" else (~np.isfinite(column.values)).sum())
    out: dict[str, Any] = {"name": field.name, "kind": field.kind, "missing": missing, "missing_share": missing / n if n else 0.0}
    if column.kind == "coded":
        return out | (_text(column) if field.kind == "text" else _category(column))
    return out | _number(column.values, field.kind == "date")


def _number(values: NDArray[np.float64], date: bool) -> dict[str, Any]:
    known = np.clip(values[np.isfinite(values)], -FLOAT_MAX, FLOAT_MAX)  # sums of what lies beyond would overflow
    if len(known) == 0:
        return {"distinct": 0}
    low, quarter, median, three_quarters, high = (float(q) for q in np.quantile(known, (0, 0.25, 0.5, 0.75, 1)))
    apart = bool((np.diff(np.linspace(low, high, BINS + 1)) > 0).all())  # else the numbers differ in their last bits only
    counts, edges = np.histogram(known, bins=BINS) if apart else (np.array([len(known)]), np.array([low, high]))
    if date:
        return {"distinct": len(np.unique(known)), "min": _day(low), "median": _day(median), "max": _day(high), "histogram": counts.tolist()}
    return {
        "distinct": len(np.unique(known)), "mean": float(known.mean()), "std": float(known.std()), "min": low, "q25": quarter,
        "median": median, "q75": three_quarters, "max": high, "histogram": counts.tolist(), "edges": [float(e) for e in edges],
    }  # fmt: skip


def _day(seconds: float) -> str:
    return str(np.datetime64(int(seconds), "s").astype("datetime64[D]"))


def _category(column: Column) -> dict[str, Any]:
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    order = np.argsort(-counts, kind="stable")[:TOP]
    return {"distinct": int((counts > 0).sum()), "top": [[column.levels[i][:80], int(counts[i])] for i in order if counts[i]]}


def _text(column: Column) -> dict[str, Any]:
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    present = np.flatnonzero(counts)
    lengths = np.repeat([len(column.levels[i]) for i in present], counts[present]) if len(present) else np.zeros(0)
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for i in present[:TEXT_SAMPLE]:
        found = tokens(column.levels[i], (1, 1))
        for word in found:
            words[word] += int(counts[i])
        for pair in tokens(column.levels[i], (2, 2)):
            pairs[pair] += int(counts[i])
    histogram, edges = np.histogram(lengths, bins=BINS) if len(lengths) else (np.zeros(0), np.zeros(0))
    return {
        "distinct": len(present),
        "characters_mean": float(lengths.mean()) if len(lengths) else 0.0, "characters_max": int(lengths.max()) if len(lengths) else 0,
        "vocabulary": len(words), "words": words.most_common(TOP), "pairs": pairs.most_common(TOP),
        "histogram": histogram.tolist(), "edges": [float(e) for e in edges], "sampled": len(present) > TEXT_SAMPLE,
    }  # fmt: skip

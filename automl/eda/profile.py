"""What the training rows look like, part by part and within a time, and what the checks find in it; the holdout is only compared."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.eda.association import relations, strength
from automl.eda.clock import Clock
from automl.eda.columns import describe_columns
from automl.eda.dates import describe_dates
from automl.eda.drift import drift
from automl.eda.finding import Finding
from automl.eda.findings import find
from automl.eda.interactions import useful_pairs
from automl.eda.look import Look
from automl.eda.missing import missingness
from automl.eda.outliers import outliers
from automl.eda.structure import structure
from automl.eda.words import describe_texts
from automl.spec.sections.checks import Checks
from automl.vocabulary import Decision, Mode, Role

IN_TIME = 0.93  # of the time is used: the last part that begins in time ends a little late
CHECKS_SHARE = 0.5  # of the time, kept for the checks: they act, the other parts only tell
FORMER_WORDS = 10  # of a text, told with the column


@dataclass(frozen=True)
class Profile:
    """What is known of the training rows, all JSON values: one mapping per column, the classes, the findings, and one mapping
    per part; a part that was not computed is `{"skipped": why}`.

    `relations`, `missing`, `outliers`, `text`, `dates`, `drift`, `structure` are as the functions of these names return them,
    `interactions` lists pairs of numbers with what their product gains;
    `sampling` lists which parts looked at some rows only, `seconds` what each took.
    """

    n_rows: int
    n_holdout: int
    columns: tuple[dict[str, Any], ...]
    classes: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]
    roles: tuple[Decision, ...]
    facts: dict[str, Any]
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sampling: tuple[dict[str, Any], ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of columns whose product gains on the folds."""
        return tuple((p["a"], p["b"]) for p in self.parts.get("interactions", {}).get("pairs", []))

    def as_dict(self) -> dict[str, Any]:
        """Return the profile as JSON values."""
        return {
            **self.facts, "training_rows": self.n_rows, "holdout_rows": self.n_holdout, "columns": list(self.columns),
            "classes": list(self.classes), "findings": [f.as_dict() for f in self.findings],
            "roles": [{"column": d.key, "role": str(d.value), "because": d.because} for d in self.roles],
            **self.parts, "sampling": list(self.sampling), "seconds": {part: round(s, 3) for part, s in self.seconds.items()},
        }  # fmt: skip


def profile_dataset(dataset: Dataset, split: Split, checks: Checks, facts: dict[str, Any], seconds: float = float("inf")) -> Profile:
    """Describe the training rows within some wall seconds, and judge them by every check.

    Columns and classes are always described; the other parts are skipped, and say so, once the time is out.
    """
    clock = Clock(IN_TIME * seconds)
    clock.kept = CHECKS_SHARE * seconds if seconds < float("inf") else 0.0
    rows = split.train
    with clock.share("columns", 0.5) as own:
        columns = describe_columns(dataset, rows, own)
    parts = {
        "relations": _part(clock, "relations", 0.4, lambda c: relations(dataset, rows, c)),
        "missing": _part(clock, "missing", 0.4, lambda c: missingness(dataset, rows, c)),
        "drift": _part(clock, "drift", 0.5, lambda c: drift(dataset, split, c)),
        "dates": _part(clock, "dates", 0.5, lambda c: describe_dates(dataset, rows, c)),
        "text": _part(clock, "text", 0.5, lambda c: describe_texts(dataset, rows, c)),
        "outliers": _part(clock, "outliers", 0.5, lambda c: outliers(dataset, rows, c)),
        "structure": _part(clock, "structure", 1.0, lambda c: structure(dataset, rows, c)),
    }
    columns = _with_texts(columns, parts["text"])
    _add_texts(parts["relations"], parts["text"])
    clock.kept = 0.0
    look = Look(dataset, split, {**parts, "columns": columns}, clock)
    findings = find(look, checks)
    with clock.share("interactions"):
        parts["interactions"] = {"pairs": [{"a": a, "b": b, "effect": asdict(effect)} for (a, b), effect in useful_pairs(look)]}
    return Profile(
        len(rows), len(split.holdout), columns, _classes(dataset, split), findings, _roles(dataset.roles, findings), facts,
        parts, tuple(clock.sampling), clock.seconds,
    )  # fmt: skip


def _part(clock: Clock, name: str, fraction: float, make: Callable[[Clock], dict[str, Any]]) -> dict[str, Any]:
    left = clock.left()
    mine = left - clock.kept
    if mine <= 0:
        return {"skipped": "the time for the look at the data was over"}
    with clock.share(name, fraction if left == float("inf") else fraction * mine / left) as own:
        return make(own)


def _classes(dataset: Dataset, split: Split) -> tuple[dict[str, Any], ...]:
    counts = np.bincount(dataset.y[split.train], minlength=len(dataset.classes))
    return tuple({"label": label, "rows": int(n), "share": float(n / len(split.train))} for label, n in zip(dataset.classes, counts, strict=False))


def _with_texts(columns: tuple[dict[str, Any], ...], text: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """Return the columns, texts with their lengths and most frequent words."""
    found = {t["column"]: t for t in text.get("columns", [])}
    out = []
    for column in columns:
        told: dict[str, Any] = {}
        if column["kind"] == "text":
            t = found.get(column["name"], {})
            told = {key: t.get(key, 0) for key in ("characters_mean", "characters_max", "vocabulary")}
            told |= {"histogram": t.get("histogram", []), "edges": t.get("edges", []), "sampled": t.get("texts", 0) < t.get("of", 1)}
            told |= {key: [entry[:2] for entry in t["ngrams"][n][:FORMER_WORDS]] if t else [] for key, n in (("words", "1"), ("pairs", "2"))}
        out.append(column | told)
    return tuple(out)


def _add_texts(relations: dict[str, Any], text: dict[str, Any]) -> None:
    """Put texts among the columns that tell the target, by what their words tell."""
    if "target" in relations:
        told = [t for t in text.get("columns", []) if "auc" in t]
        relations["target"] += [{"column": t["column"], "kind": "text", "auc": t["auc"], "nmi": 0.0, "direction": 0, "rows": t["texts"]} for t in told]
        relations["target"].sort(key=strength, reverse=True)


def _roles(roles: tuple[Decision, ...], findings: tuple[Finding, ...]) -> tuple[Decision, ...]:
    """Return the roles after the findings: a column that numbers the rows is an id."""
    ids = {f.column: f.message for f in findings if f.check == "id_like" and f.mode == Mode.FIX}
    return tuple(Decision(d.key, Role.ID, ids[d.key]) if d.key in ids else d for d in roles)

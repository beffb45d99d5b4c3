"""Profiles of made tables, as a look at the data keeps them: of every kind of column, of hostile names, of many columns."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from automl.data.dataset import Dataset, describe, load_dataset
from automl.data.split import make_split
from automl.eda.profile import profile_dataset
from automl.inference.table import Column, Field, Table
from automl.run import Examined, described
from automl.spec.model import Spec
from tests.conftest import mixed_frame

HOSTILE = (
    "<script>alert(1)</script>", "</script><b>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "{% raw %}", "a\nb\r\tc", "\u202egnirts\u202c", "ze\u200bro\ufeff",
    "שלום עולם", "x" * 10_000, "a`b", "&amp;", "' onmouseover='x", "http://x.example/<a>", "z" + "\u0301" * 300, "\x00\x1b[31m", "--></style>", " ", "",
)  # fmt: skip
EFFECT = {"before": 0.8, "after": 0.82, "change": 0.02, "low": 0.01, "high": 0.03, "measure": "ROC AUC of a probe"}


def finding(check: str = "missing_values", columns: tuple[str, ...] = ("a",), mode: str = "fix", **changes: Any) -> dict[str, Any]:
    """Return a finding as it stands in a profile."""
    return {
        "check": check, "column": ", ".join(columns), "columns": list(columns), "mode": mode, "message": "3 values missing", "action": "imputed",
        "override": f"checks: {{{check}: warn}}", "evidence": {}, "effect": None, "reason": "", **changes,
    }  # fmt: skip


def mixed_profile(folder: Path, target: str | None = "kept", n: int = 400, **sections: Any) -> dict[str, Any]:
    """Return the profile of a table with every kind of column."""
    mixed_frame(n).to_csv(folder / "mixed.csv", index=False)
    task = {"type": "classification", "target": target} if target else {"type": "clustering"}
    spec = Spec.model_validate({"data": "mixed.csv", "task": task, **sections})
    return _profile(spec, load_dataset(spec, folder))


def hostile_profile(rows: int = 200) -> dict[str, Any]:
    """Return the profile of a table whose names, classes, levels, words and file name are hostile, with findings on every column."""
    rng = np.random.default_rng(0)
    names = HOSTILE
    codes = rng.integers(0, len(names), rows).astype(np.int32)
    texts = tuple(" ".join(names[k] for k in rng.permutation(9)[:5]) + f" {i}" for i in range(rows))
    columns: dict[str, Column] = {}
    fields = []
    for i, name in enumerate(names):
        kind = ("number", "category", "text", "date")[i % 4]
        values = {"number": lambda: rng.normal(size=rows), "date": lambda: 1.7e9 + rng.integers(0, 10**7, rows).astype(float)}
        coded = {"category": (codes, names), "text": (np.arange(rows, dtype=np.int32), texts)}
        columns[name] = Column("coded", *coded[kind]) if kind in coded else Column(kind, values[kind]())
        fields.append(Field(name, kind))
    y = rng.integers(0, 4, rows)
    dataset = Dataset(
        Table(columns, rows), tuple(fields), (), names[2], names[:4], 0, y, np.arange(rows) + 1, names[0], "0" * 64, (names[1],)
    )  # fmt: skip
    profile = _profile(Spec.model_validate({"data": "x.csv", "task": {"type": "classification", "target": "y"}}), dataset)
    found = [
        finding("id_like", (name,), mode, message=f"`{name}` is {name}", action=name, override=name, reason=name)
        for name in names
        for mode in ("fail", "fix", "warn")
    ]
    return profile | {"findings": found}


def wide_profile(n_columns: int, rows: int = 60) -> dict[str, Any]:
    """Return the profile of many numbers, with a finding on each."""
    rng = np.random.default_rng(0)
    names = [f"column number {i}" for i in range(n_columns)]
    values = rng.normal(size=(n_columns, rows))
    values[:, 0] = np.where(np.arange(n_columns) % 2, np.nan, values[:, 0])
    dataset = Dataset(
        Table({name: Column("number", v) for name, v in zip(names, values, strict=True)}, rows), tuple(Field(name, "number") for name in names), (), "y",
        ("no", "yes"), 1, (values[0] > 0).astype(np.int64), np.arange(rows) + 1, "wide.csv", "0" * 64, (),
    )  # fmt: skip
    profile = _profile(Spec.model_validate({"data": "x.csv", "task": {"type": "classification", "target": "y"}}), dataset)
    return profile | {"findings": [finding(columns=(name,), mode="warn" if i % 3 else "fix", effect=EFFECT) for i, name in enumerate(names)]}


def _profile(spec: Spec, dataset: Dataset) -> dict[str, Any]:
    split = make_split(dataset, spec)
    profile = profile_dataset(dataset, split, spec.checks, describe(dataset))
    return described(spec, Examined(dataset, split, dataclasses.replace(profile, findings=())))

"""Carries out what the findings decided: columns left out or read otherwise, rows not trained on, another split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split, make_split
from automl.eda.finding import Change, Finding
from automl.inference.table import Field, conform
from automl.spec.model import Spec


@dataclass(frozen=True)
class Treated:
    """The data as the models will see them: `recipe` holds per column the options of its features that findings ask for."""

    dataset: Dataset
    split: Split
    recipe: Mapping[str, Mapping[str, Any]]


def treat(dataset: Dataset, split: Split, findings: Sequence[Finding], spec: Spec) -> Treated:
    """Return data, split and recipe after every fix that was decided."""
    changes = [f.change for f in findings if f.change is not None]
    fields, kept = _fields(dataset, changes)
    treated = replace(dataset, fields=kept, table=conform(dataset.table, kept)) if fields else dataset
    for change in changes:
        treated = _ordered(treated, dataset, change.split)
    recipe: dict[str, dict[str, Any]] = {}
    for change in changes:
        for name, options in change.recipe.items():
            recipe.setdefault(name, {}).update(options)
    return Treated(treated, _split(treated, split, changes, spec), recipe)


def _fields(dataset: Dataset, changes: Sequence[Change]) -> tuple[bool, tuple[Field, ...]]:
    """Return whether any column changes, and the fields after it."""
    gone = {name for change in changes for name in change.drop}
    out = []
    for field in dataset.fields:
        if field.name in gone:
            continue
        for change in changes:
            field = replace(
                field, kind="number" if field.name in change.lenient else field.kind, lenient=field.lenient or field.name in change.lenient,
                aliases={**field.aliases, **change.aliases.get(field.name, {})}, absent=(*field.absent, *change.absent.get(field.name, ())),
            )  # fmt: skip
        out.append(field)
    return tuple(out) != dataset.fields, tuple(out)


def _ordered(treated: Dataset, dataset: Dataset, asked: Mapping[str, Any]) -> Dataset:
    """Return the dataset with the times or entities that a fix found in a column."""
    name = asked.get("column")
    if name is None:
        return treated
    values = dataset.table.columns[name].values
    if asked["strategy"] == "time":
        return replace(treated, time=np.where(np.isfinite(values), values, -np.inf))  # undated rows count as the oldest
    return replace(treated, group=np.unique(values, return_inverse=True)[1].astype(np.int64))


def _split(dataset: Dataset, split: Split, changes: Sequence[Change], spec: Spec) -> Split:
    for change in changes:
        if change.split:
            found = {"time": dataset.time, "group": dataset.group}.get(str(change.split.get("strategy")))
            asked = {k: v for k, v in change.split.items() if k != "column"}
            split = make_split(dataset, spec, asked if found is None else {**asked, str(change.split["strategy"]): found})
    for change in changes:
        if change.remove is not None and len(change.remove):
            split = split.without(change.remove)
    return split

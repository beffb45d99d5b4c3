"""Carries out what the findings decided: columns left out or read otherwise, rows not trained on, another split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from automl.data.dataset import Dataset
from automl.data.split import Split, learnable, make_split
from automl.data.structure import copies
from automl.eda.finding import Change, Finding
from automl.inference.table import Field, conform
from automl.spec.model import Spec


@dataclass(frozen=True)
class Treated:
    """The data as the models will see them: `recipe` holds per column the options of its features that findings ask for."""

    dataset: Dataset
    split: Split
    recipe: Mapping[str, Mapping[str, Any]]


def treat(dataset: Dataset, split: Split, findings: Sequence[Finding], spec: Spec, pairs: Sequence[tuple[str, str]] = ()) -> Treated:
    """Return data, split and recipe after every fix that was decided; `pairs` gain as a product, and are added where the
    spec leaves `features.interactions` to the look at the data.
    """
    changes = [f.change for f in findings if f.change is not None]
    fields, kept = _fields(dataset, changes)
    treated = replace(dataset, fields=kept, table=conform(dataset.table, kept)) if fields else dataset
    for change in changes:
        treated = _ordered(treated, dataset, change.split)
    recipe: dict[str, dict[str, Any]] = {}
    for change in changes:
        for name, options in change.recipe.items():
            recipe.setdefault(name, {}).update(options)
    kept_names = {f.name for f in treated.fields}
    for first, second in pairs if spec.features.interactions == "auto" else ():
        if {first, second} <= kept_names:
            recipe.setdefault(first, {})["interactions"] = (*recipe.get(first, {}).get("interactions", ()), second)
    split = _split(treated, split, changes, spec)
    if fields and (spec.checks.duplicate_rows or spec.checks.default) in ("auto", "fix"):
        split = _apart(treated, split)
    return Treated(treated, split, recipe)


def _apart(dataset: Dataset, split: Split) -> Split:
    """Return the split without learning rows that equal a scored one since the fixes: a column that told them apart is gone, or
    their spellings were merged.
    """
    groups, repeats = copies(learnable(dataset), dataset.y)
    if not repeats:
        return split
    twice = split.train[np.isin(groups[split.train], groups[split.holdout])]
    if dataset.tested is None and len(twice):
        split = split.without(twice, "equal to a held-out row since columns were left out or merged")
    folds = tuple((learn[~np.isin(groups[learn], groups[valid])], valid) for learn, valid in split.folds)
    whole = all(len(np.unique(dataset.y[learn])) == len(np.unique(dataset.y[old])) for (learn, _), (old, _) in zip(folds, split.folds, strict=True))
    return replace(split, folds=folds) if whole else split


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
    column = dataset.table.columns[name]
    values = column.values
    if asked["strategy"] == "time":
        return replace(treated, time=np.where(np.isfinite(values), values, -np.inf))  # undated rows count as the oldest
    codes = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return replace(treated, group=np.where(column.missing(), -1, codes))  # a row without an entity stands alone


def _split(dataset: Dataset, split: Split, changes: Sequence[Change], spec: Spec) -> Split:
    """Return the split after every wish, all of them together, and without the rows that must not be trained on."""
    asked: dict[str, Any] = {}
    for change in changes:
        asked = {**change.split, **asked}  # the first strategy stands; repeats may come beside it
    if asked:
        found = {"time": dataset.time, "group": dataset.group}.get(str(asked.get("strategy")))
        asked = {k: v for k, v in asked.items() if k != "column"}
        split = make_split(dataset, spec, asked if found is None else {**asked, str(asked["strategy"]): found})
    for change in changes:
        if change.remove is not None and len(change.remove):
            split = split.without(change.remove)
    return split

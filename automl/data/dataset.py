"""A Dataset is a table whose columns have roles and whose target has classes; errors point into the spec."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.columns import LEARNED, check_names, check_test, fail, field_of, groups_of, roles_of, times_of, weights_of
from automl.data.sensitive import Groups, sensitive_groups
from automl.data.sources import Raw, read_data, read_files
from automl.data.sources.paths import joint_digest
from automl.data.sources.read import MEMORY_SHARE, memory_limit
from automl.data.sources.stack import stack
from automl.data.target import labels_of, stratified
from automl.errors import DataError
from automl.inference.table import Column, Field, Table, conform
from automl.spec.codes import remark
from automl.spec.model import Classification, Spec
from automl.spec.tasks import LABELS
from automl.vocabulary import Decision


@dataclass(frozen=True)
class Dataset:
    """Rows with a known target: input columns in their final form, class codes, and what was decided on the way.

    `y` (n_rows,) holds codes into `classes`; `row_numbers` (n_rows,) the data rows of the source, counted from 1.
    `group` (n_rows,) are codes of the column that `data.columns.group` names, `time` (n_rows,) sortable seconds or numbers
    of `data.columns.time`, `tested` (n_rows,) marks the rows of a separate test file, which stand last and are counted from
    1 again; each None where there is none. A table without a target has no classes, and zeros in `y`. `whole` has the exact
    counts of a table of which only a sample is here (see Raw), `unlabelled` counts rows left out for want of a target.
    `groups` are those that `constraints.fairness` compares; nothing is learned from them. `weight` (n_rows,) says how much each
    row counts, mean 1; None: all alike. `afterwards` are the columns that a task without a target looks at when all is done
    (`compare_with`, `color_by`), and the label that some of its methods may learn from, by name, as they were read.
    """

    table: Table
    fields: tuple[Field, ...]
    roles: tuple[Decision, ...]
    target: str
    classes: tuple[str, ...]
    positive: int
    y: NDArray[np.int64]
    row_numbers: NDArray[np.int64]
    source: str
    sha256: str
    notes: tuple[str, ...]
    group: NDArray[np.int64] | None = None
    time: NDArray[np.float64] | None = None
    tested: NDArray[np.bool_] | None = None
    whole: dict[str, Any] | None = None
    unlabelled: int = 0
    groups: Groups | None = None
    weight: NDArray[np.float64] | None = None
    afterwards: Mapping[str, Column] = field(default_factory=dict)


def read_source(spec: Spec, base: Path, *, limit: int | None = None) -> Raw:
    """Read the training table that `data` names, paths relative to `base`; `limit` as for read_data.

    Raises DataError that points into the spec, where the fault is in what it names.
    """
    if limit is None and spec.constraints.memory is not None:
        limit = min(memory_limit(), int(spec.constraints.memory * MEMORY_SHARE))
    try:
        return read_data(spec.data, base, limit=limit, seed=spec.seed)
    except DataError as fault:
        raise _placed(spec, fault) from None


def _read_test(spec: Spec, base: Path, limit: int | None) -> Raw:
    try:
        return read_files(spec.data.test or [], base, spec.data.csv, limit=limit or memory_limit(), seed=spec.seed, key="data.test")
    except DataError as fault:
        raise _placed(spec, fault) from None


def _placed(spec: Spec, fault: DataError) -> DataError:
    """Return a fault of something the spec names with its place there."""
    if spec.source is None or fault.text or not fault.where.startswith("data."):
        return fault
    code = "D310" if fault.where.startswith("data.sql") else "D300"
    text = spec.source.error(code, tuple(fault.where.split(".")), fault.problem, fault.fix)
    return DataError(fault.problem, fault.where, fault.fix, text=text)


def load_dataset(spec: Spec, base: Path, *, limit: int | None = None) -> Dataset:
    """Return the dataset of a spec; paths are relative to `base`, `limit` is as for read_data.

    A task without a target gives every row, `target` empty, no classes and zeros in `y`. Raises DataError, pointing into
    the spec where the fault is one of the two disagreeing, when the data cannot be read, a named column does not exist, or
    the target has fewer than two classes.
    """
    raws = [read_source(spec, base, limit=limit)]
    target = spec.task.target if isinstance(spec.task, Classification) else ""
    check_names(spec, raws[0])
    roles = roles_of(spec, raws[0], target)
    notes = list(raws[0].notes)
    if spec.data.test is not None:
        raws.append(_read_test(spec, base, limit))
        check_test(spec, raws[0], raws[1], roles)
        notes += [f"{raws[1].name}: {note}" for note in raws[1].notes]
    labels = labels_of(spec, raws, target)
    notes += labels.notes
    kept = [np.flatnonzero(codes >= 0) for codes in labels.codes]
    for raw, rows in zip(raws, kept, strict=True):
        if len(rows) < raw.table.n_rows:
            what = "a target" if raw is raws[0] else "a known target"
            notes.append(f"{raw.table.n_rows - len(rows)} rows without {what} were left out" + (f" of {raw.name}" if len(raws) > 1 else ""))
    if isinstance(spec.data.rows, int) and spec.data.rows < len(kept[0]):
        every, kept[0] = len(kept[0]), kept[0][stratified(labels.codes[0][kept[0]], spec.data.rows, spec.seed)]
        notes.append(remark("W308", f"a stratified sample of {len(kept[0])} of {every} rows, as `data.rows` asks for"))
    fields = tuple(field_of(d, raws[0].table.columns[d.key], spec.data.csv.decimal) for d in roles if d.value in LEARNED)
    table = stack([_fitted(raw, rows, fields) for raw, rows in zip(raws, kept, strict=True)])
    numbers = np.concatenate([raw.row_numbers[rows] for raw, rows in zip(raws, kept, strict=True)])
    columns = spec.data.columns
    group = groups_of(_parts(raws, kept, columns.group), spec.data.csv.decimal) if columns.group is not None else None
    time = times_of(spec, _parts(raws, kept, columns.time), numbers, notes) if columns.time is not None else None
    weight = weights_of(spec, _parts(raws, kept, columns.weight), numbers) if columns.weight is not None else None
    if weight is not None:
        weight = _weighed(spec, raws, weight, [len(rows) for rows in kept])
    fairness = spec.constraints.fairness
    compared = sensitive_groups(fairness.column, _parts(raws, kept, fairness.column), spec.data.csv.decimal) if fairness is not None else None
    return Dataset(
        table, fields, roles, target, labels.classes, labels.positive,
        np.concatenate([codes[rows] for codes, rows in zip(labels.codes, kept, strict=True)]),
        numbers, "; test: ".join(raw.name for raw in raws), joint_digest([raw.sha256 for raw in raws]), tuple(notes), group, time,
        np.arange(len(numbers)) >= len(kept[0]) if len(raws) > 1 else None, raws[0].whole,
        sum(raw.table.n_rows - int((codes >= 0).sum()) for raw, codes in zip(raws, labels.codes, strict=True)) if target else 0,
        compared, weight, {} if target else _looked_at(spec, raws, kept),
    )  # fmt: skip


def _weighed(spec: Spec, raws: Sequence[Raw], weight: NDArray[np.float64], rows: Sequence[int]) -> NDArray[np.float64]:
    """Return the weights with a mean of 1. Raises DataError where a table has none above 0."""
    for raw, own in zip(raws, np.split(weight, np.cumsum(rows)[:-1]), strict=True):
        if not own.sum() > 0:
            raise fail(spec, "D312", ("data", "columns", "weight"), f"no row of {raw.name} has a weight above 0", "rows without weight count for nothing")
    return np.asarray(weight / weight.mean())


def _looked_at(spec: Spec, raws: Sequence[Raw], kept: Sequence[NDArray[np.int64]]) -> dict[str, Column]:
    """Return the columns of labels that the task names, of all rows."""
    named = {str(name) for key in LABELS if (name := getattr(spec.task, key, None)) is not None}
    return {name: stack([Table({name: part}, len(part.values)) for part in _parts(raws, kept, name)]).columns[name] for name in sorted(named)}


def _parts(raws: Sequence[Raw], kept: Sequence[NDArray[np.int64]], name: str) -> list[Any]:
    """Return a column of each table at the rows that are kept."""
    return [raw.table.columns[name].take(rows) for raw, rows in zip(raws, kept, strict=True)]


def _fitted(raw: Raw, rows: NDArray[np.int64], fields: Sequence[Field]) -> Table:
    """Return the rows of a table in the form that models expect. Raises DataError naming the file and the data row."""
    whole = len(rows) == raw.table.n_rows
    wanted = Table({f.name: raw.table.columns[f.name] for f in fields}, raw.table.n_rows)
    try:
        return conform(wanted if whole else wanted.take(rows), fields)
    except DataError as fault:
        numbers = raw.row_numbers[rows]
        where = re.sub(r"data row (\d+)", lambda m: f"data row {numbers[int(m[1]) - 1]} of {raw.name}", fault.where)
        raise DataError(fault.problem, where, fault.fix) from None


def describe(dataset: Dataset) -> dict[str, Any]:
    """Return the facts about a dataset that plan and report show."""
    facts = {
        "source": dataset.source, "sha256": dataset.sha256, "rows": len(dataset.y), "columns": len(dataset.fields),
        "target": dataset.target, "classes": list(dataset.classes), "notes": list(dataset.notes),
    }  # fmt: skip
    return facts | ({"whole": dataset.whole} if dataset.whole is not None else {})

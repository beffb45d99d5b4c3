"""A Dataset is a table whose columns have roles and whose target has classes; errors point into the spec."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.roles import declared_role, infer_role
from automl.data.sources import Raw, read_builtin, read_file
from automl.errors import DataError, did_you_mean
from automl.inference.table import Column, Field, Table, all_numbers, conform, numbers_of
from automl.spec.model import Classification, Spec
from automl.vocabulary import Decision, Role

LEAST_ROWS = 20
MOST_CLASSES = 1000
_DAY_FIRST = re.compile(r"^\s*(1[3-9]|2\d|3[01])[-/.]\d{1,2}[-/.]\d{4}")


@dataclass(frozen=True)
class Dataset:
    """Rows with a known target: input columns in their final form, class codes, and what was decided on the way.

    `y` (n_rows,) holds codes into `classes`; `row_numbers` (n_rows,) the data rows of the source, counted from 1.
    `group` (n_rows,) are codes of the column that `data.columns.group` names, `time` (n_rows,) sortable seconds or numbers
    of `data.columns.time`, `tested` (n_rows,) marks the rows of a separate test file,
    `unlabelled` counts rows left out for want of a target; each None where there is none. A
    table without a target has no classes, and zeros in `y`.
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
    unlabelled: int = 0


def read_source(spec: Spec, base: Path) -> tuple[Raw, str]:
    """Read what `data` names; return it with the target's name (a bundled table brings its own column `target`)."""
    if spec.data.builtin is not None:
        return read_builtin(spec.data.builtin)[0], spec.goal.target
    return read_file(base / (spec.data.train or [""])[0], spec.data.csv), spec.goal.target


def _fail(spec: Spec, code: str, path: tuple[str | int, ...], message: str, label: str = "", notes: tuple[str, ...] = ()) -> DataError:
    text = spec.source.error(code, path, message, label, notes=notes) if spec.source is not None else ""
    return DataError(message, ".".join(str(p) for p in path), label, text=text)


def _check_names(spec: Spec, raw: Raw, target: str) -> None:
    known = list(raw.table.columns)
    listed = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    wanted: list[tuple[tuple[str | int, ...], str]] = [(("task", "target"), target)]
    columns = spec.data.columns
    for key, names in (("id", columns.id), ("drop", columns.drop)):
        wanted += [(("data", "columns", key, i), name) for i, name in enumerate(names)]
    wanted += [(("data", "columns", "types", name), name) for name in columns.types]
    for path, name in wanted:
        if name not in raw.table.columns:
            near = did_you_mean(name, known)
            label = f"did you mean `{near}`?" if near else ""
            raise _fail(spec, "D301", path, f"column `{name}` is not in {raw.name}", label, (f"{len(known)} columns: {listed}",))


def load_dataset(spec: Spec, base: Path) -> Dataset:
    """Return the dataset of a spec; paths are relative to `base`.

    Raises DataError, pointing into the spec where the fault is one of the two disagreeing, when the file cannot be read,
    a named column does not exist, or the target has fewer than two classes.
    """
    if not isinstance(spec.task, Classification):
        return _without_target(spec, base)
    raw, target = read_source(spec, base)
    _check_names(spec, raw, target)
    coded = conform(raw.table, [Field(target, "label")]).columns[target]
    known = np.flatnonzero(coded.values >= 0)
    counts = np.bincount(coded.values[known], minlength=len(coded.levels))
    present = [level for level, count in zip(coded.levels, counts, strict=True) if count]
    if len(present) < 2:
        what = f"the one class `{present[0]}`" if present else "no value"
        raise _fail(spec, "D303", ("task", "target"), f"the target `{target}` has {what}; two classes are needed")
    if len(known) < LEAST_ROWS:
        raise _fail(spec, "D304", ("data",), f"{raw.name} has {len(known)} rows with a target; at least {LEAST_ROWS} are needed")
    fewest = int(counts[counts > 0].min())
    if len(present) == 2 and fewest < 2:
        raise _fail(spec, "D303", ("task", "target"), f"one class of the target `{target}` has a single row; one more is needed to be scored")
    if len(present) > min(MOST_CLASSES, max(50, len(known) // 10)):
        raise _fail(spec, "D305", ("task", "target"), f"the target `{target}` has {len(present)} classes in {len(known)} rows", "is it a class at all?")
    classes = tuple(sorted(present, key=_class_order))
    position = {level: index for index, level in enumerate(classes)}
    y = np.array([position.get(level, -1) for level in coded.levels], dtype=np.int64)[coded.values[known]]
    notes = list(raw.notes)
    if len(known) < raw.table.n_rows:
        notes.append(f"{raw.table.n_rows - len(known)} rows without a target were left out")
    roles = _roles(spec, raw, target)
    fields = tuple(_field(d, raw.table.columns[d.key], spec.data.csv.decimal) for d in roles if d.value in _LEARNED and d.key != spec.data.columns.group)
    table = conform(raw.table, fields).take(known)
    return Dataset(
        table, fields, roles, target, classes, _positive(spec, classes, y), y, known + 1, raw.name, raw.sha256, tuple(notes),
        *_ties(spec, raw, roles, known),
        unlabelled=raw.table.n_rows - len(known),
    )  # fmt: skip


def _without_target(spec: Spec, base: Path) -> Dataset:
    """Return the dataset of a task that has no target; a label that the task names for afterwards is left out."""
    raw = read_builtin(spec.data.builtin)[0] if spec.data.builtin is not None else read_file(base / (spec.data.train or [""])[0], spec.data.csv)
    roles = list(_roles(spec, raw, ""))
    for key in ("compare_with", "color_by", "target"):
        name = getattr(spec.task, key, None)
        if name is not None and str(name) not in raw.table.columns:
            near = did_you_mean(str(name), list(raw.table.columns))
            raise _fail(spec, "D301", ("task", key), f"column `{name}` is not in {raw.name}", f"did you mean `{near}`?" if near else "")
        roles = [Decision(d.key, Role.DROPPED, f"named by `task.{key}`: looked at only afterwards") if d.key == str(name) else d for d in roles]
    fields = tuple(_field(d, raw.table.columns[d.key], spec.data.csv.decimal) for d in roles if d.value in _LEARNED)
    n = raw.table.n_rows
    if n < LEAST_ROWS:
        raise _fail(spec, "D304", ("data",), f"{raw.name} has {n} rows; at least {LEAST_ROWS} are needed")
    return Dataset(conform(raw.table, fields), fields, tuple(roles), "", (), 0, np.zeros(n, np.int64), np.arange(n) + 1, raw.name, raw.sha256, raw.notes)


def _ties(spec: Spec, raw: Raw, roles: tuple[Decision, ...], known: NDArray[np.int64]) -> tuple[NDArray[np.int64] | None, NDArray[np.float64] | None]:
    """Return the codes of the group column and the times of the time column, None where none is named."""
    columns, group, time = spec.data.columns, None, None
    if columns.group is not None:
        group = conform(raw.table, [Field(columns.group, "label")]).columns[columns.group].values[known].astype(np.int64)
    if columns.time is not None:
        role = next(d.value for d in roles if d.key == columns.time)
        kind = "number" if role in (Role.NUMBER, Role.CATEGORY) else "date"
        time = conform(raw.table, [Field(columns.time, kind)]).columns[columns.time].values[known]
    return group, time


_LEARNED = (Role.NUMBER, Role.CATEGORY, Role.TEXT, Role.DATE)


def _class_order(label: str) -> tuple[int, float, str]:
    number = numbers_of([label])[0]
    return (1, 0.0, label) if np.isnan(number) else (0, float(number), label)


def _positive(spec: Spec, classes: tuple[str, ...], y: NDArray[np.int64]) -> int:
    wanted = spec.goal.positive_class
    if wanted is None:
        return int(np.argmin(np.bincount(y, minlength=len(classes)))) if len(classes) == 2 else 0
    if wanted not in classes:
        counts = ", ".join(f"{c} ({n})" for c, n in zip(classes[:8], np.bincount(y)[:8].tolist(), strict=False))
        near = did_you_mean(wanted, classes)
        label = f"did you mean `{near}`?" if near else ""
        raise _fail(spec, "D306", ("task", "positive_class"), f"`{wanted}` is not a class of `{spec.goal.target}`", label, (f"classes: {counts}",))
    return classes.index(wanted)


def _roles(spec: Spec, raw: Raw, target: str) -> tuple[Decision, ...]:
    columns = spec.data.columns
    out: list[Decision] = []
    for name, column in raw.table.columns.items():
        if name == target:
            out.append(Decision(name, Role.TARGET, "asked for"))
        elif name in columns.drop:
            out.append(Decision(name, Role.DROPPED, "asked for"))
        elif name in columns.id:
            out.append(Decision(name, Role.ID, "asked for"))
        elif name in columns.types:
            out.append(Decision(name, declared_role(columns.types[name]), "asked for"))
        else:
            out.append(infer_role(name, column, spec.data.csv.decimal))
    return tuple(out)


def _field(role: Decision, column: Column, decimal: str) -> Field:
    numeric = role.value == Role.CATEGORY and (column.kind == "number" or (bool(column.levels) and all_numbers(column.levels, decimal)))
    day_first = role.value == Role.DATE and column.kind == "coded" and any(_DAY_FIRST.match(level) for level in column.levels)
    return Field(role.key, str(role.value), numeric, decimal, day_first)


def describe(dataset: Dataset) -> dict[str, Any]:
    """Return the facts about a dataset that plan and report show."""
    return {
        "source": dataset.source, "sha256": dataset.sha256, "rows": len(dataset.y), "columns": len(dataset.fields),
        "target": dataset.target, "classes": list(dataset.classes), "notes": list(dataset.notes),
    }  # fmt: skip

"""What the columns of a table are for: names against the spec, roles, the fields that are learned, groups and times."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from automl.data.roles import declared_role, infer_role
from automl.data.sources.raw import Raw
from automl.data.sources.stack import stack
from automl.errors import DataError, did_you_mean
from automl.inference.table import Column, Field, Table, all_numbers, conform, numbers_of, seconds_of, spread
from automl.spec.codes import remark
from automl.spec.files import clipped
from automl.spec.header import listed_names, named_columns
from automl.spec.model import Spec
from automl.spec.tasks import LABELS
from automl.vocabulary import Decision, Role

LEARNED = (Role.NUMBER, Role.CATEGORY, Role.TEXT, Role.DATE)
READABLE = 0.5  # a column that orders rows must be readable in more than this share of them
_DAY_FIRST = re.compile(r"^\s*(1[3-9]|2\d|3[01])[-/.]\d{1,2}[-/.]\d{4}")


def fail(spec: Spec, code: str, path: tuple[str | int, ...], message: str, label: str = "", notes: tuple[str, ...] = ()) -> DataError:
    """Return a DataError that shows the place of the spec where the data contradict it."""
    text = spec.source.error(code, path, message, label, notes=notes) if spec.source is not None else ""
    return DataError(message, ".".join(str(p) for p in path), label, text=text)


def check_names(spec: Spec, raw: Raw) -> None:
    """Refuse a spec that names a column the table does not have, or has twice. Raises DataError."""
    known = list(raw.table.columns)
    for path, name in named_columns(spec):
        if name in raw.repeated:
            raise fail(spec, "D307", path, f"the column name `{clipped(name)}` occurs twice in {raw.name}", "which is meant?")
        if name not in raw.table.columns:
            near = did_you_mean(name, known)
            label = f"did you mean `{clipped(near)}`?" if near else ""
            raise fail(spec, "D301", path, f"column `{clipped(name)}` is not in {raw.name}", label, (listed_names(known),))


def check_test(spec: Spec, train: Raw, test: Raw, roles: Sequence[Decision]) -> None:
    """Refuse a test table that lacks a column which is used. Raises DataError naming them; further columns do not matter."""
    needed = [d.key for d in roles if d.value not in (Role.DROPPED, Role.ID)]
    if spec.constraints.fairness is not None and spec.constraints.fairness.column not in needed:
        needed.append(spec.constraints.fairness.column)
    absent = [name for name in needed if name not in test.table.columns]
    if absent:
        listed = ", ".join(f"`{clipped(name)}`" for name in absent[:8]) + (f" and {len(absent) - 8} more" if len(absent) > 8 else "")
        near = did_you_mean(absent[0], list(test.table.columns))
        label = f"did you mean `{clipped(near)}`?" if near and near not in train.table.columns else f"the columns of {train.name} are needed"
        raise fail(spec, "D309", ("data", "test"), f"{test.name} lacks {listed}", label)


def roles_of(spec: Spec, raw: Raw, target: str) -> tuple[Decision, ...]:
    """Return the role of every column: what the spec says, or what its distinct values look like.

    The column that keeps rows together is never learned from. The one that orders them is not either, unless
    `data.columns.types` names it: what comes later lies beyond all it was learned at.
    """
    columns = spec.data.columns
    afterwards = {str(label): key for key in reversed(LABELS) if (label := getattr(spec.task, key, None)) is not None and str(label) != target}
    out: list[Decision] = []
    for name, column in raw.table.columns.items():
        if name in afterwards:
            own = "only methods that use a label learn from it" if afterwards[name] == "target" else "looked at only afterwards"
            out.append(Decision(name, Role.DROPPED, f"named by `task.{afterwards[name]}`: {own}"))
        elif name == target:
            out.append(Decision(name, Role.TARGET, "asked for"))
        elif name in columns.drop:
            out.append(Decision(name, Role.DROPPED, "asked for"))
        elif name == columns.group:
            out.append(Decision(name, Role.GROUP, "its rows stay on one side of every split"))
        elif name == columns.weight:
            out.append(Decision(name, Role.WEIGHT, "says how much each row counts; never learned from"))
        elif name in columns.id:
            out.append(Decision(name, Role.ID, "asked for"))
        elif name in columns.types:
            out.append(Decision(name, declared_role(columns.types[name]), "asked for"))
        elif name == columns.time:
            out.append(Decision(name, Role.TIME, "orders the rows; learned from only if `data.columns.types` names it"))
        else:
            out.append(infer_role(name, column, spec.data.csv.decimal))
    return tuple(out)


def field_of(role: Decision, column: Column, decimal: str) -> Field:
    """Return what a model is to expect of a column."""
    numeric = role.value == Role.CATEGORY and (column.kind == "number" or (bool(column.levels) and all_numbers(column.levels, decimal)))
    day_first = role.value == Role.DATE and column.kind == "coded" and _day_first(column)
    return Field(role.key, str(role.value), numeric, decimal, day_first)


def _day_first(column: Column) -> bool:
    return any(_DAY_FIRST.match(level) for level in column.levels)


def groups_of(parts: Sequence[Column], decimal: str) -> NDArray[np.int64]:
    """Return (n_rows,) codes of the column that keeps rows together, over all parts; a row without a value is a group of its own."""
    whole = stack([Table({"group": column}, len(column.values)) for column in parts]).columns["group"]
    field = field_of(Decision("group", Role.CATEGORY, ""), whole, decimal)
    codes = conform(Table({"group": whole}, len(whole.values)), [field]).columns["group"].values.astype(np.int64)
    alone = np.flatnonzero(codes < 0)
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(len(alone))
    return codes


def weights_of(spec: Spec, parts: Sequence[Column], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n_rows,) how much each row counts, as it is written; `rows` (n_rows,) are the data rows of the source.

    Raises DataError naming the first row whose weight is missing, no number, infinite or below 0.
    """
    name = str(spec.data.columns.weight)
    whole = stack([Table({"weight": column}, len(column.values)) for column in parts]).columns["weight"]
    if whole.kind == "date":
        raise fail(spec, "D312", ("data", "columns", "weight"), f"`{clipped(name)}` says how much rows count, and holds dates")
    coded = whole.kind == "coded"
    values = spread(numbers_of(whole.levels, spec.data.csv.decimal), whole.values) if coded else whole.values.astype(np.float64)
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(bad):
        first = int(bad[0])
        written = whole.levels[whole.values[first]] if coded and whole.values[first] >= 0 else "nothing" if np.isnan(values[first]) else f"{values[first]:g}"
        more = f", and {len(bad) - 1:,} more rows are like it" if len(bad) > 1 else ""
        message = f"`{clipped(name)}` says how much rows count, and data row {rows[first]} has {clipped(written)!r}{more}"
        raise fail(spec, "D312", ("data", "columns", "weight"), message, "a weight is a number, 0 or more")
    return np.asarray(values, dtype=np.float64)


def times_of(spec: Spec, parts: Sequence[Column], rows: NDArray[np.int64], notes: list[str]) -> NDArray[np.float64]:
    """Return (n_rows,) numbers that order the rows: the numbers of the column, or seconds since 1970 of its dates.

    Rows without a readable time come first, with a note: they may be learned from, and never stand for the future.
    Raises DataError when most cannot be read.
    """
    name, declared = str(spec.data.columns.time), spec.data.columns.types.get(str(spec.data.columns.time), "")
    whole = stack([Table({"time": column}, len(column.values)) for column in parts]).columns["time"]
    values = whole.values.astype(np.float64) if whole.kind != "coded" else _readable(whole, str(declared_role(declared)) if declared else "", spec)
    known = np.isfinite(values)
    if known.mean() <= READABLE:
        bad = int(np.flatnonzero(~known)[0])
        written = whole.levels[whole.values[bad]] if whole.kind == "coded" and whole.values[bad] >= 0 else "nothing"
        message = f"`{clipped(name)}` orders the rows, and {(~known).sum()} of {len(known)} values read neither as numbers nor as dates"
        raise fail(spec, "D308", ("data", "columns", "time"), message, f"data row {rows[bad]} has {clipped(written)!r}")
    if not known.all():
        notes.append(remark("W309", f"{(~known).sum()} rows without a readable `{clipped(name)}` are placed before all others"))
    first = float(values[known].min())
    return np.where(known, values, first - max(1.0, abs(first) * 1e-9))


def _readable(column: Column, declared: str, spec: Spec) -> NDArray[np.float64]:
    """Return (n_rows,) numbers or seconds of a coded column, whichever reads more of its rows."""
    tried = []
    if declared != "date":
        tried.append(spread(numbers_of(column.levels, spec.data.csv.decimal), column.values))
    if declared != "number" and not (tried and np.isfinite(tried[0]).mean() > READABLE):
        tried.append(spread(seconds_of(column.levels, _day_first(column)), column.values))
    return max(tried, key=lambda values: int(np.isfinite(values).sum()))

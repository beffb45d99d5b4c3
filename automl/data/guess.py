"""What a table is probably about: its target, its ids, its codes and its leaks, each guess with a reason."""

import re
from dataclasses import dataclass

import numpy as np

from automl.data.roles import infer_role
from automl.data.sources import Raw
from automl.data.structure import ID_SHARE
from automl.inference.table import Column, numbers_of
from automl.vocabulary import Role

TARGET_NAMES = {
    "target": 10, "label": 9, "labels": 9, "y": 9, "churn": 9, "churned": 9, "survived": 9, "class": 8, "cls": 8, "fraud": 8, "is_fraud": 9, "spam": 8,
    "species": 8, "diagnosis": 8, "outcome": 7, "response": 7, "default": 7, "defaulted": 8, "converted": 8, "clicked": 7, "attrition": 8, "income": 6,
    "risk": 6, "result": 6, "approved": 7, "subscribed": 7, "quality": 5, "type": 5, "category": 5, "status": 4, "group": 2,
}  # fmt: skip
MOST_CLASSES = 50


@dataclass(frozen=True)
class Guess:
    """What `init` writes: the target with its reason, and columns to treat specially, each with a reason."""

    target: str
    because: str
    classes: tuple[tuple[str, float], ...]
    ids: dict[str, str]
    drops: dict[str, str]
    types: dict[str, tuple[str, str]]
    times: dict[str, str]
    groups: dict[str, str]


def guess(raw: Raw, target: str | None = None, decimal: str = ".") -> Guess | None:
    """Return the guesses for a table, or None when no column looks like a target and none was named; `decimal` is the mark of its numbers."""
    columns = raw.table.columns
    n = raw.table.n_rows
    because = "asked for"
    if target is None:
        target, because = _target(columns, n)
        if not target:
            return None
    ids, drops, types, times, groups = {}, {}, {}, {}, {}
    for name, column in columns.items():
        if name == target:
            continue
        if _same(column, columns[target]):
            drops[name] = f"tells `{target}` under another name"
            continue
        role = infer_role(name, column, decimal)
        if why := _id(name, column, n, decimal):
            ids[name] = why
        elif role.value == Role.DATE:
            times[name] = role.because
        elif _group(name, column, n):
            groups[name] = f"{_distinct(column)} values in {n} rows: rows of one may belong together"
        if name not in ids and (role.value == Role.TEXT or (role.value == Role.CATEGORY and "codes" in role.because)):
            types[name] = (str(role.value), role.because)
    return Guess(target, because, _classes(columns[target]), ids, drops, types, times, groups)


def _codes(column: Column) -> tuple[np.ndarray, int]:
    """Return codes (n_rows,) of the distinct values, -1 where missing, and how many there are."""
    if column.kind == "coded":
        return column.values.astype(np.int64), len(column.levels)
    distinct, codes = np.unique(column.values, return_inverse=True)
    missing = np.isnan(column.values)
    return np.where(missing, -1, codes), int(np.sum(~np.isnan(distinct)))


def _distinct(column: Column) -> int:
    return _codes(column)[1]


def _classes(column: Column) -> tuple[tuple[str, float], ...]:
    from automl.inference.table import Field, Table, conform

    coded = conform(Table({"t": column}, len(column.values)), [Field("t", "category")]).columns["t"]
    counts = np.bincount(coded.values[coded.values >= 0], minlength=len(coded.levels))
    order = np.argsort(-counts)[:5]
    return tuple((coded.levels[i], float(counts[i] / max(1, counts.sum()))) for i in order)


def _target(columns: dict[str, Column], n: int) -> tuple[str, str]:
    """Score every column that could be a class by its name, then by how few values it has, then by its place."""
    best, best_score, because = "", 0.0, ""
    names = list(columns)
    for position, (name, column) in enumerate(columns.items()):
        count = _distinct(column)
        if not 2 <= count <= min(MOST_CLASSES, max(2, n // 5)):
            continue
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        by_name = TARGET_NAMES.get(plain, 0) or (5 if re.match(r"^(is|has|will)_|_(flag|class|label|target)$", plain) else 0)
        score = by_name + (1.0 if position == len(names) - 1 else 0.3 if position == 0 else 0.0) + (0.5 if count == 2 else 0.0)
        if by_name == 0 and column.kind != "coded":
            score -= 0.5
        if by_name == 0 and position not in (0, len(names) - 1):
            continue
        if score > best_score:
            place = "the last column" if position == len(names) - 1 else "the first column"
            best, best_score = name, score
            because = f"its name, and {count} distinct values" if by_name else f"{place}, {count} distinct values"
    return best, because


def _same(column: Column, target: Column) -> bool:
    """Return whether two columns are the same values under other names: each value of one goes with one of the other."""
    (left, k), (right, m) = _codes(column), _codes(target)
    known = (left >= 0) & (right >= 0)
    if k != m or k < 2 or known.sum() < 0.9 * len(left):
        return False
    pairs = len(np.unique(left[known] * (m + 1) + right[known]))
    return bool(pairs == k)


def _id(name: str, column: Column, n: int, decimal: str) -> str:
    count = _distinct(column)
    if n < 50:
        return ""
    if column.kind == "coded" and len(column.levels) and not np.isnan(numbers_of(column.levels, decimal)).any():
        values = numbers_of(column.levels, decimal)
    elif column.kind == "number":
        values = np.unique(column.values[~np.isnan(column.values)])
    else:
        long_text = np.mean([len(level.split()) for level in column.levels[:200]]) >= 4 if column.levels else False
        return f"{count} distinct texts in {n} rows" if column.kind == "coded" and count > ID_SHARE * n and not long_text else ""
    if not np.all(values == np.round(values)):
        return ""
    if count == n and len(np.unique(np.diff(np.sort(values)))) == 1:
        return "counts the rows"
    if re.search(r"(^|[^a-z])(id|key|number|nr|uuid)$", name.lower()) and count > 0.8 * n:
        return f"its name, and {count} distinct values in {n} rows"
    return ""


def _group(name: str, column: Column, n: int) -> bool:
    count = _distinct(column)
    return bool(re.search(r"(^|[^a-z])(id|key)$", name.lower()) and 0.02 * n < count <= 0.8 * n)

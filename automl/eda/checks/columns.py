"""Checks of what single columns are: ids, constants, copies of other columns, too many levels."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.structure import numbers_the_rows
from automl.eda.checks.values import mostly_numbers
from automl.eda.finding import Change
from automl.eda.look import Draft, Look
from automl.eda.probe import Piece
from automl.inference.table import Column
from automl.vocabulary import Mode

NEARLY = 0.999  # share of one value, and correlation, from which two things are taken for the same
MANY_LEVELS, LEVEL_SHARE = 50, 0.01
ORDER_TELLS = 0.7  # ROC AUC from which a counter of rows tells the target
PAIRED = 60  # columns that are compared pair by pair; beyond, only by the hash of their values
COPY_SAMPLE = 4000
MOST_LINES = 2000


def constant(look: Look) -> Iterator[Draft]:
    """Find columns with one value, or one value in nearly every row."""
    for c in look.columns.values():
        name = c["name"]
        if c["distinct"] == 0 or (c["distinct"] == 1 and not c["missing"]):
            words = "no value at all" if not c["distinct"] else "one value in every row"
            yield Draft((name,), words, "left out", change=Change(drop=(name,)), evidence={"distinct": c["distinct"]})
        elif (share := _top_share(look, c)) >= NEARLY:
            yield Draft((name,), f"one value in {share:.2%} of the rows", "left out", own=Mode.WARN, change=Change(drop=(name,)),
                        evidence={"share": share}, measure=lambda look, name=name: look.without([name]))  # fmt: skip


def _top_share(look: Look, c: dict[str, Any]) -> float:
    """Return the share of the most frequent value, 0 where it is far from all rows."""
    n = len(look.split.train)
    if c["kind"] == "category":
        return max((count for _, count in c.get("top", [])), default=0) / max(1, n)
    if c["kind"] == "text" or c.get("q01") != c.get("q99"):  # a value in nearly every row fills the middle
        return 0.0
    values = look.train(c["name"]).values
    known = values[np.isfinite(values)]
    return float((known == np.median(known)).sum() / len(values)) if len(known) else 0.0


def id_like(look: Look) -> Iterator[Draft]:
    """Find columns that only number the rows."""
    for name, field in look.fields.items():
        why = numbers_the_rows(look.dataset.table.columns[name], field.kind, look.split.train)
        if not why or (field.kind == "category" and mostly_numbers(look, name)):
            continue  # numbers with some words among them are distinct as quantities are
        message = f"numbers the rows: {why}"
        alone = _alone(look, name) if field.kind == "number" else None
        if alone is not None and alone >= ORDER_TELLS:
            message += f"; the order of the rows alone tells the target (ROC AUC {alone:.2f})"
        yield Draft((name,), message, "left out: a new row has a number the model never saw", change=Change(drop=(name,)),
                    evidence={"roc_auc_alone": alone}, measure=lambda look, name=name: look.without([name]), keeps_promise=True)  # fmt: skip


def _alone(look: Look, name: str) -> float | None:
    if not look.has_target or name not in look.told:
        return None
    found = [s for s in look.probe.scores([name]) if s == s]
    return float(np.mean(found)) if found else None


def duplicate_columns(look: Look) -> Iterator[Draft]:
    """Find columns that say the same as another: equal, in a straight line with it, or its levels under other names.

    Of a number and a category that are recodings of each other both stay for trees, which split the one by its order and
    the other by its levels; linear models and networks get the levels alone.
    """
    gone: set[str] = set()
    for first, second, how in _same(look):
        if first in gone or second in gone:
            continue
        keep, drop = (first, second) if look.columns[first]["missing"] <= look.columns[second]["missing"] else (second, first)
        if look.fields[keep].kind != look.fields[drop].kind:
            keep, drop = (keep, drop) if look.fields[drop].kind == "number" else (drop, keep)
            gone.add(drop)
            yield Draft((drop,), f"says the same as `{keep}`: {how}", f"linear models and networks see `{keep}` alone; trees see both",
                        change=Change(recipe={drop: {"linear": False}}), evidence={"same_as": keep, "how": how},
                        measure=lambda look, drop=drop: look.without_lines([drop]))  # fmt: skip
            continue
        gone.add(drop)
        yield Draft((drop,), f"says the same as `{keep}`: {how}", f"left out; `{keep}` stays", change=Change(drop=(drop,)),
                    evidence={"same_as": keep, "how": how}, measure=lambda look, drop=drop: look.without([drop]))  # fmt: skip


RECODED = "each value of one goes with one of the other"


def _same(look: Look) -> Iterator[tuple[str, str, str]]:
    names = [n for n, f in look.fields.items() if look.columns[n]["distinct"] > 1 and f.kind != "text"]
    rows = np.random.default_rng(look.seed).permutation(len(look.split.train))[:COPY_SAMPLE]
    numbers = [n for n in names if look.fields[n].kind != "category"]
    if len(numbers) > MOST_LINES:  # pairs grow with the square
        look.clock.sampled("lines between columns", MOST_LINES, len(numbers), "the columns that tell most about the target, and equal ones among all")
        yield from _equal(look, numbers, rows)
        numbers = sorted(numbers, key=lambda n: -look.association.get(n, 0.0))[:MOST_LINES]
    yield from _in_line(look, numbers, rows)
    # a column whose values hardly repeat is a recoding of every other such column
    levels = [n for n in names if 2 * look.columns[n]["distinct"] <= len(look.split.train)]
    codes = {n: _codes(look.at(n, rows)) for n in levels}
    if len(levels) > PAIRED:
        seen: dict[bytes, str] = {}
        for name in levels:
            first = seen.setdefault(codes[name].tobytes(), name)
            if first != name and _recoded(_codes(look.train(first)), _codes(look.train(name))):
                yield first, name, RECODED
        return
    for i, first in enumerate(levels):
        for second in levels[i + 1 :]:
            if _recoded(codes[first], codes[second]) and _recoded(_codes(look.train(first)), _codes(look.train(second))):
                yield first, second, RECODED


def _codes(column: Column) -> NDArray[np.int64]:
    """Return (n_rows,) codes in the order of first appearance, -1 where missing: equal for columns that are recodings."""
    values = column.values
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    out = rank[inverse]
    out[column.missing()] = -1
    return np.asarray(out, np.int64)


def _recoded(left: NDArray[np.int64], right: NDArray[np.int64]) -> bool:
    """Return whether each value of one goes with one of the other, on the rows where both are known (at least half)."""
    known = (left >= 0) & (right >= 0)
    if known.sum() < max(2, 0.5 * len(left)):
        return False
    a, b = left[known], right[known]
    k, m = len(np.unique(a)), len(np.unique(b))
    if k != m or k < 2:
        return False
    return len(np.unique(a * (int(b.max()) + 1) + b)) == k


def _equal(look: Look, names: list[str], rows: NDArray[np.int64]) -> Iterator[tuple[str, str, str]]:
    """Yield pairs of numbers that are equal in every row."""
    seen: dict[bytes, str] = {}
    for name in names:
        first = seen.setdefault(look.at(name, rows).values.tobytes(), name)
        if first != name and np.array_equal(look.train(first).values, look.train(name).values, equal_nan=True):
            yield first, name, "equal in every row"


def _in_line(look: Look, names: list[str], rows: NDArray[np.int64]) -> Iterator[tuple[str, str, str]]:
    """Yield pairs of numbers whose correlation is beyond 0.999, first on a sample, then on all rows."""
    if len(names) < 2:
        return
    x = np.column_stack([look.at(n, rows).values for n in names])
    known = np.isfinite(x)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        centre = np.nan_to_num(np.where(known, x, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
        z = np.where(known, x - centre, 0.0)
        z /= np.maximum(np.abs(z).max(axis=0), 1e-300)
        own = (z**2).T @ known if not known.all() else np.broadcast_to((z**2).sum(axis=0)[:, None], (len(names), len(names)))
        near = np.abs(np.nan_to_num((z.T @ z) / np.sqrt(own * own.T))) > 0.99  # over the rows where both are known
    for i, j in zip(*np.nonzero(np.triu(near, 1)), strict=True):
        a, b = look.train(names[i]).values, look.train(names[j]).values
        both = np.isfinite(a) & np.isfinite(b)
        if both.sum() < max(3, 0.5 * len(a)) or a[both].std() == 0 or b[both].std() == 0:
            continue
        rho = float(np.corrcoef(a[both], b[both])[0, 1])
        if abs(rho) > NEARLY:
            yield names[i], names[j], f"correlation {rho:.4f}"


def high_cardinality(look: Look) -> Iterator[Draft]:
    """Find categories with more than fifty levels that are more than a hundredth of the rows."""
    n = len(look.split.train)
    for name, field in look.fields.items():
        levels = look.columns[name]["distinct"]
        if field.kind != "category" or levels <= MANY_LEVELS or levels <= LEVEL_SHARE * n:
            continue
        yield Draft(
            (name,), f"{levels} levels in {n} rows", "each level becomes the class shares of its rows, learned inside folds",
            "a column per frequent level", change=Change(recipe={name: {"encode": "target"}}), evidence={"levels": levels},
            measure=lambda look, name=name: look.replaced({name: Piece(look.column(name), "shares")}),
        )  # fmt: skip

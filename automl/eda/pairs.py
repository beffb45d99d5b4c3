"""How columns go together: rank correlation, correlation ratio and Cramér's V, and the groups of what says the same."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.eda.clock import Clock
from automl.eda.ranks import midranks
from automl.inference.table import Column

MOST_RELATED = 100  # columns whose pairs are looked at
LEVELS = 30
SHOWN_PAIRS = 40
SHOWN_MATRIX = 30
GROUPED = 0.9

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def pairs(dataset: Dataset, rows: NDArray[np.int64], related: list[str], clock: Clock) -> dict[str, Any]:
    """Return `pairs`, the strongest first, the `matrix` of the first columns, and `groups` of numbers and dates that go together.

    `related` are the columns by what they tell of the target, the most first; of those 100 are looked at. Without any, numbers
    whose ranks vary most come first.
    """
    numbers: dict[str, Floats] = {}
    categories: dict[str, Codes] = {}
    kinds = {f.name: f.kind for f in dataset.fields if f.kind != "text"}
    for name in related or _by_spread(dataset, rows, kinds, clock):
        column = dataset.table.columns[name]
        ranks, codes = (None, coded(column, rows)) if kinds[name] == "category" else (ranked(column, rows), None)
        if ranks is not None:
            numbers[name] = ranks
        if codes is not None:
            categories[name] = codes
        if len(numbers) + len(categories) == MOST_RELATED:
            break
    names = [n for n in related if n in numbers or n in categories] or [*numbers, *categories]
    value, measure, skipped = associations(names, numbers, categories, clock)
    numeric = list(numbers)
    at = {name: place for place, name in enumerate(names)}
    i = [at[n] for n in numeric]
    out = {
        "rows": len(rows), "columns": len(names), "of": len(kinds), "pairs": _strongest(names, value, measure),
        "matrix": _matrix(names, value), "groups": groups_of(numeric, value[np.ix_(i, i)]),
    }  # fmt: skip
    return out | ({"pairs_skipped": skipped} if skipped else {})


def associations(names: list[str], numbers: dict[str, Floats], categories: dict[str, Codes], clock: Clock) -> tuple[Floats, NDArray[Any], str]:
    """Return (m, m) how each two of the columns go together, NaN where that is not known, what measure that is, and what was skipped.

    `numbers` are ranks as from `ranked`, `categories` codes as from `coded`, of the same rows; `names` (m,) all of these columns.
    """
    at = {name: place for place, name in enumerate(names)}
    value, measure = np.full((len(names), len(names)), np.nan), np.full((len(names), len(names)), "", dtype=object)

    def keep(left: list[str], right: list[str], found: Floats, word: str) -> None:
        i, j = [at[n] for n in left], [at[n] for n in right]
        value[np.ix_(i, j)], measure[np.ix_(i, j)] = found, word
        value[np.ix_(j, i)], measure[np.ix_(j, i)] = found.T, word

    numeric, labelled = list(numbers), list(categories)
    n_rows = len(next(iter((*numbers.values(), *categories.values())), ()))
    together = np.stack(list(numbers.values()), axis=1) if numbers else np.zeros((n_rows, 0))
    if numeric:
        keep(numeric, numeric, spearman(together), "spearman")
    for place, name in enumerate(labelled):
        if clock.left() <= 0:
            return value, measure, f"the time ran out after {place} of {len(labelled)} categories"
        if numeric:
            keep([name], numeric, correlation_ratio(categories[name], together)[None], "correlation_ratio")
        if rest := labelled[place + 1 :]:
            keep([name], rest, np.array([[cramers_v(categories[name], categories[other]) for other in rest]]), "cramers_v")
    return value, measure, ""


def _by_spread(dataset: Dataset, rows: NDArray[np.int64], kinds: dict[str, str], clock: Clock) -> list[str]:
    """Return the columns of a table without a target: numbers by the variance of their ranks, many ties last, then categories."""
    spread: dict[str, float] = {}
    for name, kind in kinds.items():
        if kind != "category":
            ranks = ranked(dataset.table.columns[name], rows) if clock.left() > 0 else None
            spread[name] = float(np.nanvar(ranks)) if ranks is not None else 0.0
    return [*sorted(spread, key=lambda n: -spread[n]), *(n for n in kinds if n not in spread)]


def ranked(column: Column, rows: NDArray[np.int64]) -> Floats | None:
    """Return ranks scaled to 0 to 1, NaN where missing; None for a column of one value."""
    values = column.values[rows]
    known = np.isfinite(values)
    present = values[known]
    if len(present) < 3 or present.min() == present.max():
        return None
    ranks = np.full(len(values), np.nan)
    ranks[known] = midranks(present) / len(present)
    return ranks


def coded(column: Column, rows: NDArray[np.int64]) -> Codes | None:
    """Return codes of at most `LEVELS` levels, the rarer ones sharing the last; -1 where missing.

    None for a single level, and for a category whose rows mostly differ: it names rows.
    """
    codes = column.values[rows].astype(np.int64)
    counts = np.bincount(codes[codes >= 0], minlength=1)
    distinct = int(np.count_nonzero(counts))
    if distinct < 2 or distinct > 0.5 * counts.sum():
        return None
    place = np.full(len(counts) + 1, LEVELS - 1)
    order = np.argsort(-counts, kind="stable")[: LEVELS if distinct <= LEVELS else LEVELS - 1]
    place[order], place[-1] = np.arange(len(order)), -1
    return place[codes]


def spearman(ranks: Floats) -> Floats:
    """Return (m, m) correlations of ranks (n, m), each over the rows where both are known (NaN is missing).

    Ranks are those within all known rows of a column; only with missing values this differs, by little, from ranks taken
    anew for every pair.
    """
    known = (~np.isnan(ranks)).astype(np.float64)
    off = np.nan_to_num(ranks - np.nanmean(ranks, axis=0))
    count = known.T @ known
    sums, squares = off.T @ known, (off * off).T @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = off.T @ off - sums * sums.T / count
        variance = squares - sums * sums / count
        found = covariance / np.sqrt(variance * variance.T)
    found[~(np.minimum(variance, variance.T) > 1e-12 * count)] = np.nan
    bounded: Floats = np.clip(found, -1, 1)
    return bounded


def correlation_ratio(codes: Codes, ranks: Floats) -> Floats:
    """Return (m,) the correlation ratio of ranks (n, m) within levels (n,), corrected for chance (Kelley 1935, epsilon).

    The root of the share of the variance between levels, without what it would be for levels drawn at random; 0 to 1.
    """
    inside = np.zeros((len(codes), LEVELS))
    rows = np.flatnonzero(codes >= 0)
    inside[rows, codes[rows]] = 1.0
    known = (~np.isnan(ranks)).astype(np.float64)
    off = np.nan_to_num(ranks - np.nanmean(ranks, axis=0))
    count, sums = inside.T @ known, inside.T @ off
    n, levels = count.sum(axis=0), (count > 0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums.sum(axis=0) / n
        total = (codes >= 0).astype(np.float64) @ (off * off) - n * mean**2
        between = np.where(count > 0, sums**2 / np.where(count > 0, count, 1), 0.0).sum(axis=0) - n * mean**2
        share = between / total
        share -= (1 - share) * (levels - 1) / (n - levels)
    share[~((total > 1e-12 * n) & (levels > 1) & (n > levels))] = np.nan
    ratio: Floats = np.sqrt(np.clip(share, 0, 1))
    return ratio


def cramers_v(left: Codes, right: Codes) -> float:
    """Return the association of two codings, 0 to 1, corrected for chance (Bergsma 2013, eq. 8); -1 is missing."""
    known = (left >= 0) & (right >= 0)
    n = int(np.count_nonzero(known))
    if n < 2:
        return float("nan")
    table = np.bincount(left[known] * LEVELS + right[known], minlength=LEVELS * LEVELS).reshape(LEVELS, LEVELS)
    return table_v(table)


def table_v(table: NDArray[np.int64]) -> float:
    """Return Cramér's V of a table of counts, corrected for chance (Bergsma 2013); NaN where it has one row or column."""
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    (r, c), n = table.shape, int(table.sum())
    if min(r, c) < 2 or n < 2:
        return float("nan")
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi = max(0.0, float(((table - expected) ** 2 / expected).sum()) / n - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return min(1.0, float(np.sqrt(phi / least))) if least > 0 else float("nan")


def _strongest(names: list[str], value: Floats, measure: NDArray[Any]) -> list[dict[str, Any]]:
    i, j = np.triu_indices(len(names), 1)
    found = value[i, j]
    kept = np.flatnonzero(~np.isnan(found))
    best = kept[np.argsort(-np.abs(found[kept]), kind="stable")[:SHOWN_PAIRS]]
    return [{"a": names[i[k]], "b": names[j[k]], "measure": str(measure[i[k], j[k]]), "value": round(float(found[k]), 4)} for k in best]


def _matrix(names: list[str], value: Floats) -> dict[str, Any]:
    shown = names[:SHOWN_MATRIX]
    part = value[: len(shown), : len(shown)].copy()
    np.fill_diagonal(part, 1.0)
    return {"columns": shown, "values": [[None if np.isnan(v) else round(float(v), 3) for v in row] for row in part]}


def groups_of(names: list[str], value: Floats, least: float = GROUPED) -> list[dict[str, Any]]:
    """Return groups of columns in which every two have |rho| above `least`, large groups first.

    Complete linkage (Defays 1977), so that any one of a group can stand for all: chains, where the first and the last have
    little in common, are cut.
    """
    if len(names) < 2:
        return []
    alike = np.nan_to_num(np.abs(value))
    np.fill_diagonal(alike, 0.0)
    members: list[list[int]] = [[k] for k in range(len(names))]
    while True:
        i, j = divmod(int(alike.argmax()), len(names))
        if alike[i, j] <= least:
            break
        members[i] += members[j]
        members[j] = []
        alike[i] = alike[:, i] = np.minimum(alike[i], alike[j])
        alike[j] = alike[:, j] = 0.0
        alike[i, i] = 0.0
    whole = np.abs(value)
    groups = sorted((sorted(m) for m in members if len(m) > 1), key=lambda m: (-len(m), m))
    return [{"columns": [names[k] for k in m], "least": round(float(whole[np.ix_(m, m)][np.triu_indices(len(m), 1)].min()), 4)} for m in groups]

"""Rows that stand on both sides of a split, equal or nearly so, against how many chance alone would put there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.split import Split
from automl.data.structure import ID_SHARE, mix
from automl.eda.clock import Clock
from automl.inference.features import tokens
from automl.inference.table import Column, Field

KEPT_BITS = 10  # of the fraction of a number: steps of a thousandth, three significant digits

Hashes = NDArray[np.uint64]


def overlap(dataset: Dataset, split: Split, clock: Clock) -> dict[str, Any]:
    """Return how many held-out rows have a training row with the same inputs, `exact` and `near`, and how many by chance.

    Near: numbers rounded to three significant digits (ten bits), dates to days, texts by their words alone. Columns that
    number the rows are left out. By chance: the share of training rows that have such a twin among the training rows, times
    the held-out rows. `repeats` are the training rows with a twin.
    """
    rows = np.concatenate([split.train, split.holdout])
    kept = [f for f in dataset.fields if not _names_rows(dataset.table.columns[f.name], f.kind, split.train)]
    out: dict[str, Any] = {"holdout_rows": len(split.holdout), "training_rows": len(split.train), "columns": len(kept)}
    alive: NDArray[np.int64] | None = np.arange(len(rows))
    for word in ("near", "exact"):  # what is equal is nearly equal: the second looks at what the first left
        found = _twins(dataset, kept, rows, alive, word == "near", clock) if kept and alive is not None else None
        if found is None:
            alive, out[word] = None, {"skipped": "the time ran out" if kept else "every column numbers the rows"}
            continue
        alive, hashes = found
        train = np.sort(hashes[alive < len(split.train)])
        held = hashes[alive >= len(split.train)]
        across = int(np.isin(held, train).sum())
        repeats = int(np.count_nonzero(_not_alone(train)))
        out[word] = {"rows": across, "by_chance": round(repeats / len(split.train) * len(split.holdout), 2), "repeats": repeats}
    return out


def _names_rows(column: Column, kind: str, rows: NDArray[np.int64]) -> bool:
    """Return whether a category or a whole number has nearly a level per row: two rows can then not be equal."""
    values = column.values[rows]
    if kind == "category":
        counts = np.bincount(values[values >= 0], minlength=1)
        return bool(np.count_nonzero(counts) > ID_SHARE * counts.sum() > 0)
    if kind != "number" or (values[:1000] != np.floor(values[:1000])).any():
        return False
    ordered = np.sort(values)
    return bool((ordered == np.floor(ordered)).all() and (ordered[1:] != ordered[:-1]).all())


def _twins(
    dataset: Dataset, fields: list[Field], rows: NDArray[np.int64], alive: NDArray[np.int64], near: bool, clock: Clock
) -> tuple[NDArray[np.int64], Hashes] | None:
    """Return positions into `rows`, among those in `alive`, of rows that have a twin there, and their hashes (equal for twins);
    None when out of time.

    Row hashes take in one column after another, those with many values first, and rows that are already alone are dropped:
    after a few columns hardly any are left, so a wide table costs little more than a narrow one. Words of texts come last,
    as reading them is dear. The hashes are those of `row_groups`.
    """
    hashes = np.zeros(len(alive), dtype=np.uint64)
    few = rows[:: max(1, len(rows) // 1000)]
    for field in sorted(fields, key=lambda f: (near and f.kind == "text", -len(np.unique(dataset.table.columns[f.name].values[few])))):
        if clock.left() <= 0:
            return None
        if not len(alive):
            break
        hashes = mix(hashes, _bits(dataset.table.columns[field.name], field.kind, rows[alive], near))
        twin = _not_alone(hashes)
        if not twin.all():
            alive, hashes = alive[twin], hashes[twin]
    return alive, hashes


def _bits(column: Column, kind: str, rows: NDArray[np.int64], near: bool) -> Hashes:
    """Return (n,) words that are equal where two cells count as equal."""
    values = column.values[rows]
    if column.kind != "coded":
        if near and kind == "date":
            values = np.floor(values / 86400)
        bits = np.where(np.isnan(values), np.float64(1.5e308), values + 0.0).view(np.uint64)
        if near and kind == "number":
            dropped = np.uint64(52 - KEPT_BITS)
            bits = (bits + (np.uint64(1) << (dropped - np.uint64(1)))) >> dropped
        return bits
    if near and kind == "text":
        used, place = np.unique(values, return_inverse=True)
        words = {code: hash(tuple(tokens(column.levels[code], (1, 1)))) if code >= 0 else -1 for code in used.tolist()}
        return np.array([words[code] for code in used.tolist()], dtype=np.int64).view(np.uint64)[place]
    return values.astype(np.int64).view(np.uint64)


def _not_alone(hashes: Hashes) -> NDArray[np.bool_]:
    """Return (n,) whether a hash occurs again."""
    ordered = np.sort(hashes)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if 10 * len(again) < len(hashes):  # few: cheaper to look them up than to keep every place
        return np.isin(hashes, again)
    order = np.argsort(hashes)
    equal = hashes[order[1:]] == hashes[order[:-1]]
    out = np.zeros(len(hashes), dtype=bool)
    out[order[1:][equal]] = True
    out[order[:-1][equal]] = True
    return out

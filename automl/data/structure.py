"""What ties rows together: groups of rows whose inputs are equal, which must not stand on both sides of a split."""

import numpy as np
from numpy.typing import NDArray

from automl.inference.table import Column, Table

ID_SHARE = 0.95
LEAST_ROWS = 50  # below, distinct values and equal rows say little
AGREEMENT = 0.95
GIANT = 0.05
GAPS = 0.01  # share of rows in which a counter may be missing
MOST_STEPS = 20  # per row that a counter with gaps takes on average; a moment in seconds takes far more


def row_groups(table: Table) -> NDArray[np.int64]:
    """Return (n_rows,) group numbers; rows share one exactly when all their input cells are equal.

    Equality is of a 64-bit mix of the cells (splitmix64 finalizer, Steele et al. 2014); among a million rows two unequal
    ones meet with a probability below 3e-8.
    """
    mixed = np.zeros(table.n_rows, dtype=np.uint64)
    for column in table.columns.values():
        values = column.values
        if column.kind == "coded":
            bits = values.astype(np.int64).view(np.uint64)
        else:
            bits = np.where(np.isnan(values), np.float64(1.5e308), values + 0.0).view(np.uint64)
        mixed = mix(mixed, bits)
    return np.unique(mixed, return_inverse=True)[1].astype(np.int64)


def mix(hashes: NDArray[np.uint64], bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return (n,) hashes that take in one more word of each row."""
    z = hashes * np.uint64(0x9E3779B97F4A7C15) + bits
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def numbers_the_rows(column: Column, kind: str, rows: NDArray[np.int64]) -> str:
    """Return why a column only numbers the rows, or an empty string; judged on the given rows, no target involved."""
    values = column.values[rows]
    if len(values) < LEAST_ROWS:
        return ""
    if kind == "category" and column.kind == "coded":
        present = values[values >= 0]
        distinct = int(np.count_nonzero(np.bincount(present, minlength=1)))
        return f"{distinct} distinct texts in {len(values)} rows" if distinct > ID_SHARE * len(present) > 0 else ""
    if kind == "number" and column.kind != "coded":
        known = values[np.isfinite(values)]
        if len(known) < (1 - GAPS) * len(values) or not len(known) or (known != np.round(known)).any():
            return ""
        if (known[1:] > known[:-1]).all() and known[-1] - known[0] < MOST_STEPS * len(known):
            return "whole numbers that rise from row to row"
        ordered = np.sort(known)
        every = np.sort(column.values[np.isfinite(column.values)])  # a counter has equal steps only when all rows are seen
        if (ordered[1:] > ordered[:-1]).all() and (every == np.round(every)).all() and len(np.unique(np.diff(every))) == 1:
            return "whole numbers in constant steps, one per row"
    return ""


def copies(table: Table, y: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Return (n_rows,) group numbers that a split must keep whole, and how many rows repeat an earlier one.

    Rows with equal inputs are taken for copies of each other when most rows are distinct, or when equal rows agree in
    their class as copies do. A few distinct rows that occur again and again (three yes-or-no columns) are no copies; nor
    is a single row that fills more than a twentieth of the table (all cells missing, say): it is left out of the grouping.
    """
    groups = row_groups(table)
    sizes = np.bincount(groups)
    repeats = len(groups) - len(sizes)
    if not repeats:
        return np.arange(len(groups)), 0
    first_class = np.zeros(len(sizes), dtype=np.int64)
    first_class[groups[::-1]] = y[::-1]
    repeated = sizes[groups] > 1
    agree = float((y == first_class[groups])[repeated].mean())
    if len(sizes) < 0.5 * len(groups) and (agree < AGREEMENT or len(sizes) < LEAST_ROWS):
        return np.arange(len(groups)), repeats
    giant = sizes[groups] > GIANT * len(groups)
    return np.where(giant, len(sizes) + np.arange(len(groups)), groups), repeats

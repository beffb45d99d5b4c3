"""What ties rows together: groups of rows whose inputs are equal, which must not stand on both sides of a split."""

import numpy as np
from numpy.typing import NDArray

from automl.inference.table import Table


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
        mixed = _mix(mixed * np.uint64(0x9E3779B97F4A7C15) + bits)
    return np.unique(mixed, return_inverse=True)[1].astype(np.int64)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def worth_grouping(groups: NDArray[np.int64]) -> bool:
    """Return whether equal rows look like copies rather than like a table with few distinct rows."""
    sizes = np.bincount(groups)
    return bool(len(sizes) < len(groups) and len(sizes) >= 0.5 * len(groups) and sizes.max() <= 0.05 * len(groups))

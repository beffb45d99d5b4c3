"""Sets of categories that splits of trees ask about: whether a row's code is in a set, as columns of 0 and 1 beside the features.

A split on a set goes right where its column is 1, so that whatever walks thresholds walks sets as well: the set is looked up once
for a row, and the split is `column >= SURE`. Columns of sets are numbered after the features, from config `sets_from` on.

Form. `set_columns` (n,) the features that there are sets of, ascending; of each of them `set_codes` (n,), how many codes its sets tell apart, and
`set_counts` (n,), how many sets there are; `sets`, packed bits, feature after feature and set after set: a bit per code, one for every other value and one
for a missing value. A code is a value's whole part. A value is another one where it is below 0 or has no bit.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays, Form

SURE = 0.5
"""Threshold of splits on columns of sets."""
OTHER, MISSING = -2, -1
"""Places of the last two bits of a set."""
BYTE_CODES = 254
"""Codes that fit into a byte, with one value for all other codes and one for missing ones."""


@dataclass(frozen=True)
class Sets:
    """`columns` (n,) of the features; per feature a table (n_sets, n_codes + 2) of what goes right; `first` is the number of the first set's column."""

    columns: NDArray[np.int64]
    tables: tuple[NDArray[np.bool_], ...]
    first: int

    @property
    def n_sets(self) -> int:
        """Return how many sets there are."""
        return sum(len(table) for table in self.tables)

    @property
    def n_columns(self) -> int:
        """Return how many columns rows must have for their sets to be looked up."""
        return int(self.columns.max(initial=-1)) + 1

    def widened(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n_rows, first + n_sets): the features that splits on thresholds ask about, and the columns of the sets."""
        out = np.empty((len(x), self.first + self.n_sets), dtype=np.float32)
        out[:, : self.first] = x[:, : self.first]
        at = self.first
        for column, table in zip(self.columns.tolist(), self.tables, strict=True):
            out[:, at : at + len(table)] = table.T[places(x[:, column], table.shape[1] - 2)]
            at += len(table)
        return out

    def feature_of(self) -> NDArray[np.int64]:
        """Return (n_sets,) which of `columns` each set is of."""
        return np.repeat(np.arange(len(self.columns)), [len(table) for table in self.tables])

    def byte_tables(self) -> NDArray[np.uint8] | None:
        """Return (n_sets, 32) bits of a byte's 256 values, the lowest bit first: codes, 254 for others, 255 for missing values; None where they do not fit."""
        if any(table.shape[1] > BYTE_CODES + 2 for table in self.tables):
            return None
        bits = np.empty((self.n_sets, 256), dtype=bool)
        at = 0
        for table in self.tables:
            own = bits[at : at + len(table)]
            own[:] = table[:, OTHER, None]
            own[:, : table.shape[1] - 2] = table[:, :OTHER]
            own[:, MISSING] = table[:, MISSING]
            at += len(table)
        return np.packbits(bits, axis=1, bitorder="little")


def places(values: NDArray[np.floating], n_codes: int) -> NDArray[np.int64]:
    """Return (n_rows,) places of values in a set's bits: their whole parts, n_codes for other values, n_codes + 1 for missing ones."""
    known = (values >= 0) & (values < n_codes)
    out = np.where(np.isnan(values), n_codes + 1, n_codes)
    out[known] = values[known].astype(np.int64)
    return out


def sets_of(form: Form) -> Sets | None:
    """Return the sets of a form of trees; None where it has none. Raises ValueError where its arrays do not fit together, KeyError where one is missing."""
    arrays = form.arrays
    if "sets" not in arrays:
        return None
    columns, codes, counts = (arrays[name].astype(np.int64) for name in ("set_columns", "set_codes", "set_counts"))
    if columns.ndim != 1 or codes.shape != columns.shape or counts.shape != columns.shape:
        raise ValueError("features, codes and numbers of sets differ in number")
    if len(columns) and (columns.min() < 0 or codes.min() < 0 or counts.min() < 1 or (np.diff(columns) <= 0).any()):
        raise ValueError("the features of sets cannot be")
    # of Python's whole numbers: a product of what a file says could go beyond 64 bits
    sizes = [(count, code + 2) for count, code in zip(counts.tolist(), codes.tolist(), strict=True)]
    whole = sum(count * width for count, width in sizes)
    if arrays["sets"].dtype != np.uint8 or arrays["sets"].shape != (-(-whole // 8),):
        raise ValueError("there are not as many bits of sets as are said to be")
    bits = np.unpackbits(arrays["sets"], count=whole).astype(bool)
    tables, at = [], 0
    for count, width in sizes:
        tables.append(bits[at : at + count * width].reshape(count, width))
        at += count * width
    return Sets(columns, tuple(tables), int(form.config["sets_from"]))


def set_arrays(features: NDArray[np.int64], sets: list[NDArray[np.bool_]]) -> tuple[Arrays, NDArray[np.int64]]:
    """Return the arrays of sets, equal ones once, and the number of each: `features` (n,) and of each a set's bits, the last two for others and missing."""
    arrays: dict[str, list[Any]] = {"set_columns": [], "set_codes": [], "set_counts": []}
    number, bits, first = np.zeros(len(sets), dtype=np.int64), [], 0
    for feature in np.unique(features).tolist():
        mine = np.flatnonzero(features == feature)
        width = max(len(sets[i]) for i in mine.tolist())
        table = np.stack([_wider(sets[i], width) for i in mine.tolist()])
        packed, place = np.unique(np.packbits(table, axis=1), axis=0, return_inverse=True)
        number[mine] = first + place.ravel()
        first += len(packed)
        bits.append(np.unpackbits(packed, axis=1, count=width).ravel())
        for name, value in zip(arrays, (feature, width - 2, len(packed)), strict=True):
            arrays[name].append(value)
    made: Arrays = {name: np.array(values, dtype=np.min_scalar_type(max(values))) for name, values in arrays.items()}
    return {**made, "sets": np.packbits(np.concatenate(bits))}, number


def _wider(bits: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Return a set's bits with as many codes as `width` says; codes that had no bit go where others go."""
    more = np.full(width - len(bits), bits[OTHER])
    return np.concatenate([bits[:OTHER], more, bits[OTHER:]])

"""What reading gives: columns as they stand in the source, where they came from, and remarks on the reading."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.table import Table

# what pandas takes for missing, so that a table reads the same through either
MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a",
    "nan", "null",
)  # fmt: skip


@dataclass(frozen=True)
class Raw:
    """What was read: columns, where from, the sha256 of the bytes, and remarks on how.

    `repeated` are column names that occurred more than once in the source. `rows` (n_rows,) are the data rows of the
    source, counted from 1, where only a sample of them is in memory, and `whole` then holds the exact counts of all rows:
    `{"rows": n, "columns": {name: {"missing", "min", "max", "mean"}}}`, the last three for numbers only.
    """

    table: Table
    name: str
    sha256: str
    notes: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    rows: NDArray[np.int64] | None = None
    whole: dict[str, Any] | None = None

    @property
    def n_rows(self) -> int:
        """Return how many rows the source has, in memory or not."""
        return int(self.whole["rows"]) if self.whole is not None else self.table.n_rows

    @property
    def row_numbers(self) -> NDArray[np.int64]:
        """Return (n_rows,) the data row of the source that each row is, counted from 1."""
        return self.rows if self.rows is not None else np.arange(1, self.table.n_rows + 1)

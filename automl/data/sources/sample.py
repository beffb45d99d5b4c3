"""A uniform sample of rows that are seen once, and exact counts of all of them, in memory of a fixed size."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.sources.stack import stack
from automl.inference.table import Table

Rows = NDArray[np.int64]
KEPT_WITH_A_ROW = 16  # bytes: its key and its position


class Reservoir:
    """Keeps the rows whose random keys are below a bound, which is halved whenever they need more than `room` bytes.

    Every row has the same chance to stay, whenever it came (bottom-k sampling: Cohen and Kaplan, "Summarizing data using
    bottom-k sketches", PODC 2007, section 2); the order of the rows is kept.
    """

    def __init__(self, room: int, seed: int) -> None:
        self.room, self.rng = room, np.random.default_rng(seed)
        self.bound, self.seen, self.weight = 1.0, 0, 0
        self.parts: list[Table] = []
        self.keys: list[NDArray[np.float64]] = []
        self.rows: list[Rows] = []

    def offer(self, n: int, take: Callable[[Rows], Table]) -> None:
        """See the next `n` rows; `take` gives those at some positions of them as a table."""
        keys = self.rng.random(n)
        chosen = np.flatnonzero(keys < self.bound)
        if len(chosen):
            part = take(chosen)
            self.parts.append(part)
            self.keys.append(keys[chosen])
            self.rows.append(self.seen + chosen)
            self.weight += weight(part) + KEPT_WITH_A_ROW * len(chosen)
        self.seen += n
        while self.weight > self.room and sum(map(len, self.keys)) > 1:
            self._halve()

    def _halve(self) -> None:
        keys = np.concatenate(self.keys)
        self.bound = float(np.median(keys))
        kept = np.flatnonzero(keys < self.bound)
        table = stack(self.parts).take(kept)
        self.parts, self.keys, self.rows = [table], [keys[kept]], [np.concatenate(self.rows)[kept]]
        self.weight = weight(table) + KEPT_WITH_A_ROW * len(kept)

    def table(self) -> tuple[Table, Rows]:
        """Return the sample, and (n_rows,) the position of each of its rows among all that were seen, from 0."""
        return stack(self.parts), np.concatenate(self.rows)


def weight(table: Table) -> int:
    """Return roughly the bytes a table takes in memory: a text costs its letters and some 60 bytes around them."""
    total = 0
    for column in table.columns.values():
        total += column.values.nbytes + sum(map(len, column.levels)) + 60 * len(column.levels)
    return total


class Counts:
    """Rows, and per column how many values are missing and the least, largest and mean number, over everything seen.

    Texts count as numbers as long as every one of a column reads as one. Numbers that are not finite count as missing.
    """

    def __init__(self, decimal: str = ".") -> None:
        self.decimal = decimal
        self.rows = 0
        self.known: dict[str, int] = {}
        self.numbers: dict[str, tuple[float, float, float] | None] = {}

    def add(self, table: Any, missing: tuple[str, ...] = ()) -> None:
        """Take in an Arrow table, columns by name; `missing` are the texts that stand for no value."""
        self.rows += table.num_rows
        for name, column in zip(table.column_names, table.columns, strict=True):
            known, values = self._values(column, missing, self.numbers.get(name, ()) is not None)
            self.known[name] = self.known.get(name, 0) + known
            self._number(name, values)

    def add_table(self, table: Table) -> None:
        """Take in a table of raw columns, some of which may be seen for the first time."""
        self.rows += table.n_rows
        for name, column in table.columns.items():
            values = column.values[column.values >= 0] if column.kind == "coded" else column.values[np.isfinite(column.values)]
            self.known[name] = self.known.get(name, 0) + len(values)
            self._number(name, values if column.kind == "number" else None if column.levels or column.kind == "date" else values[:0])

    def _number(self, name: str, values: NDArray[np.float64] | None) -> None:
        """Take in the numbers of a column; None ends it as a column of numbers."""
        if values is None or self.numbers.get(name, ()) is None:
            self.numbers[name] = None
            return
        low, high, total = self.numbers.get(name) or (np.inf, -np.inf, 0.0)
        if len(values):
            low, high, total = min(low, float(values.min())), max(high, float(values.max())), total + float(values.sum())
        self.numbers[name] = (low, high, total)

    def _values(self, column: Any, missing: tuple[str, ...], try_numbers: bool) -> tuple[int, NDArray[np.float64] | None]:
        """Return how many values are there, and the numbers they are, None where some are none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            if missing:
                column = pc.if_else(pc.is_in(column, value_set=pa.array(missing, kind)), pa.scalar(None, kind), column)
            column = column.drop_null()
            if not try_numbers:
                return len(column), None
            texts = pc.utf8_trim_whitespace(column)
            texts = pc.replace_substring(texts, ",", ".") if self.decimal == "," else texts
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            texts = column.drop_null()
        else:
            return len(column) - column.null_count, None
        try:
            values = np.asarray(texts.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
        except pa.ArrowException:
            return len(column), None
        finite = values[np.isfinite(values)]
        return len(finite), finite

    def record(self) -> dict[str, Any]:
        """Return `{"rows", "columns": {name: {"missing", "min", "max", "mean"}}}` as JSON values."""
        columns: dict[str, Any] = {}
        for name, known in self.known.items():
            columns[name] = {"missing": self.rows - known}
            found = self.numbers[name]
            if found is not None and known:
                columns[name] |= {"min": found[0], "max": found[1], "mean": found[2] / known}
        return {"rows": self.rows, "columns": columns}

"""Answers to the rows of a file, written in their order: of a table that fits into memory at once, of a larger one block by block."""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

from automl.artifact.load import Predictor
from automl.data.sources.large import read_blocks
from automl.data.sources.read import read_file
from automl.errors import DataError, NoRowsError
from automl.evaluate.given import score_of, unusual
from automl.hardware import cores
from automl.inference.compiled import settle
from automl.inference.table import Table, column_of
from automl.rundir import refused, replacing
from automl.spec.sections.data import Csv

MANY_ROWS = 40_000  # that are answered on all cores
MANY_BYTES = 4 << 20  # of a file that hardly holds fewer
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would work out
ROW = re.compile(r"data row (\d+)")


@dataclass(frozen=True)
class Told:
    """What is known once all rows are answered: how many, how many further columns there were, what was remarked or unusual, and the score."""

    rows: int
    further: int
    notes: tuple[str, ...]
    unusual: dict[str, Any]
    score: dict[str, Any] | None


def answer_whole(predictor: Predictor, path: Path, out: Path, reading: Csv, excel_safe: bool) -> Told:
    """Answer a file that is read whole. Raises DataError; EnvironmentFault where the answers cannot be written."""
    loading = Thread(target=settle)
    if is_large(path):
        loading.start()  # compiled code is loaded while the file is read
    try:
        raw = read_file(path, reading)
        table, notes = raw.table, tuple(raw.notes)
    except NoRowsError:  # no rows in, no rows out
        table, notes = Table({field.name: column_of([]) for field in predictor.fields}, 0), ()
    if loading.is_alive():
        loading.join()
    if table.n_rows >= MANY_ROWS:
        _on_all_cores(predictor)
    columns = predictor.answers(table)
    score = score_of(predictor, table, np.stack(list(columns.values())[1:], axis=1)) if predictor.classes_ else None
    with _written(out) as write:
        write(_harmless(columns) if excel_safe else columns)
    return Told(table.n_rows, _further(predictor, table), notes, unusual(predictor, table), score)


def answer_blocks(predictor: Predictor, path: Path, out: Path, reading: Csv, excel_safe: bool, limit: int) -> Told:
    """Answer a file of any size in memory of about `limit` bytes; what is answered is not scored. Raises as `answer_whole` does."""
    _on_all_cores(predictor)
    unknown: Counter[str] = Counter()
    rows = empty = further = 0
    without: set[str] = {field.name for field in predictor.fields}
    with _written(out) as write:

        def each(table: Table) -> None:
            nonlocal rows, empty, further, without
            try:
                columns = predictor.answers(table)
            except DataError as fault:
                where = ROW.sub(lambda found: f"data row {int(found[1]) + rows:d}", fault.where)  # blocks begin to count anew
                raise DataError(fault.problem, where, fault.fix) from None
            write(_harmless(columns) if excel_safe else columns)
            odd = unusual(predictor, table)
            unknown.update(odd["unknown"])
            without &= set(odd["columns_empty"])
            rows, empty, further = rows + table.n_rows, empty + odd["empty"], _further(predictor, table)

        notes = read_blocks(path, reading, limit, each)
    found = {"unknown": dict(unknown), "empty": empty, "columns_empty": [f.name for f in predictor.fields if f.name in without]}
    return Told(rows, further, (*notes, "the table is larger than memory: it was answered in blocks, and not scored"), found, None)


def is_large(data: Path) -> bool:
    """Return whether a file most likely holds MANY_ROWS rows; False for what is no file."""
    try:
        return data.stat().st_size >= MANY_BYTES
    except OSError:  # whoever reads it says what is wrong
        return False


def _on_all_cores(predictor: Predictor) -> None:
    settle()  # before threads ask for it, each by itself
    predictor.threads = cores()


def _further(predictor: Predictor, table: Table) -> int:
    return len(set(table.columns) - {field.name for field in predictor.fields})


def _harmless(columns: dict[str, Any]) -> dict[str, Any]:
    """Return columns whose names and texts no spreadsheet takes for a formula (OWASP, CSV injection): those that begin as one get a quote."""

    def plain(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value

    return {plain(name): [plain(v) for v in values.tolist()] if values.dtype.kind in "OUT" else values for name, values in columns.items()}


def _closed(writers: list[Any]) -> None:
    for writer in writers:
        with contextlib.suppress(Exception):
            writer.close()


@contextlib.contextmanager
def _written(out: Path) -> Iterator[Any]:
    """Give what takes the next columns of a csv or parquet file; it stands under its name once all of it is there, and not at all after an error."""
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    with replacing(out) as file:
        writers: list[Any] = []

        def write(columns: dict[str, Any]) -> None:
            table = pa.table(columns)
            with refused(out, table.nbytes):
                if not writers:
                    writers.append((pq.ParquetWriter if out.suffix == ".parquet" else pa_csv.CSVWriter)(file, table.schema))
                writers[0].write_table(table.cast(writers[0].schema) if out.suffix == ".parquet" else table)

        try:
            yield write
            with refused(out):
                for writer in writers:
                    writer.close()
        finally:
            _closed(writers)  # one that is left open would write once its file is closed

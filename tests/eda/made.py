"""Datasets of the tests of this room: any column kind, with or without a target, and a clock that tests move by hand."""

from dataclasses import replace

import numpy as np

from automl.data.dataset import Dataset
from automl.inference.table import Column, Field, Table, column_of
from tests.builders import dataset_of


def made(y=None, *, dates=None, texts=None, n=None, **columns) -> Dataset:
    """Return a dataset: floats as numbers, (codes, levels) or lists of words as categories; `dates` in seconds, `texts` as lists.

    Without `y`, a table of n rows that has no target.
    """
    coded = {name: (column_of(v).values, column_of(v).levels) if isinstance(v, list) else v for name, v in columns.items()}
    dataset = dataset_of(np.zeros(n, int) if y is None else y, **coded)
    table, fields = dict(dataset.table.columns), list(dataset.fields)
    for name, values in (dates or {}).items():
        table[name] = Column("date", np.asarray(values, np.float64))
        fields.append(Field(name, "date"))
    for name, values in (texts or {}).items():
        column = column_of(list(values))
        table[name] = Column("coded", column.values if column.kind == "coded" else np.full(len(values), -1, np.int32), column.levels)
        fields.append(Field(name, "text"))
    dataset = replace(dataset, table=Table(table, dataset.table.n_rows), fields=tuple(fields))
    return replace(dataset, target="", classes=()) if y is None else dataset


def rows_of(dataset: Dataset) -> np.ndarray:
    return np.arange(dataset.table.n_rows)


class Hand:
    """A clock's `now` that moves by `step` at every look, so that tests run out of time where they want to."""

    def __init__(self, step: float = 0.0) -> None:
        self.at, self.step = 0.0, step

    def __call__(self) -> float:
        self.at += self.step
        return self.at

"""What ties rows together: groups that were named, and copies of rows; the units that no split may part."""

import numpy as np

from automl.data.dataset import Dataset
from automl.data.structure import copies, numbers_the_rows
from automl.data.units import Rows
from automl.inference.table import Table


def learnable(dataset: Dataset) -> Table:
    """Return the columns that can make two rows different to a model: a counter of rows cannot."""
    everything = np.arange(len(dataset.y)) if dataset.tested is None else np.flatnonzero(~dataset.tested)  # a test file may count anew
    kept = {f.name: dataset.table.columns[f.name] for f in dataset.fields if not numbers_the_rows(dataset.table.columns[f.name], f.kind, everything)}
    return Table(kept, dataset.table.n_rows)


def copies_of(dataset: Dataset, mode: str) -> Rows | None:
    """Return (n_rows,) labels of equal rows, None where there are none to keep together or the check `duplicate_rows` says not to."""
    if mode not in ("auto", "fix", "fail"):
        return None
    labels, repeats = copies(learnable(dataset), dataset.y)
    return labels if repeats and len(np.unique(labels)) < len(labels) else None

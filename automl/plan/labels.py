"""A label that methods of a task without a target may learn from: its classes, and the code of every row."""

import numpy as np
from numpy.typing import NDArray

from automl.data.columns import fail
from automl.data.dataset import Dataset
from automl.inference.table import Field, conform
from automl.inference.table import Table as Cells
from automl.spec.files import clipped
from automl.spec.model import Spec

MOST_CLASSES = 1000
LEAST_ROWS = 20  # with a known label


def label_codes(spec: Spec, dataset: Dataset, name: str) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the classes of a column that is looked at apart, and (n_rows,) codes into them, -1 where a row has none.

    Raises DataError, pointing into the spec, for one class, too few rows, or so many classes that it is no label.
    """
    column = conform(Cells({name: dataset.afterwards[name]}, len(dataset.y)), [Field(name, "label")]).columns[name]
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.levels))
    known, present = int(counts.sum()), np.flatnonzero(counts)
    path, shown = ("task", "target"), clipped(name)
    if len(present) < 2:
        what = "no value" if not len(present) else f"the one class `{clipped(column.levels[present[0]])}`"
        raise fail(spec, "D315", path, f"the label `{shown}` has {what}; two classes are needed", "leave it out, or name another column")
    if known < LEAST_ROWS:
        raise fail(spec, "D315", path, f"{known} rows have a label `{shown}`; at least {LEAST_ROWS} are needed", "leave it out, or name another column")
    if len(present) > min(MOST_CLASSES, max(50, known // 10), known // 2):
        raise fail(spec, "D315", path, f"the label `{shown}` has {len(present):,} classes in {known:,} rows", "is it a class at all?")
    place = np.full(len(column.levels) + 1, -1, dtype=np.int64)
    place[present] = np.arange(len(present))
    return tuple(column.levels[i] for i in present.tolist()), place[column.values]

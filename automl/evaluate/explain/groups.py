"""Columns that go together: any one of them may tell what another does, so that alone none seems to matter."""

from collections.abc import Sequence

import numpy as np

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.eda.pairs import associations, coded, groups_of, ranked
from automl.evaluate.explain.scored import Rows

ASSOCIATED = 0.7  # of a rank correlation: about half of one column's variance is that of the other
LOOKED_AT = 3000  # rows; the standard error of a correlation is then at most 0.02
LEAST = 20


def together(dataset: Dataset, rows: Rows, names: Sequence[str], seconds: float) -> list[tuple[tuple[str, ...], float]]:
    """Return groups in which every two columns go together, each with its least association, in the order of `names`.

    Numbers and dates by rank correlation, categories by Cramér's V, one of each by the correlation ratio, all corrected for
    chance; groups by complete linkage. Texts go with nothing. Nothing is missed by time but pairs of categories.
    """
    few = sample(rows, LOOKED_AT)
    if len(few) < LEAST or seconds <= 0:
        return []
    numbers, categories = {}, {}
    kinds = {f.name: f.kind for f in dataset.fields}
    for name in names:
        column = dataset.table.columns[name]
        if kinds[name] in ("number", "date") and (ranks := ranked(column, few)) is not None:
            numbers[name] = ranks
        elif kinds[name] == "category" and (codes := coded(column, few)) is not None:
            categories[name] = codes
    known = [n for n in names if n in numbers or n in categories]
    if len(known) < 2:
        return []
    with np.errstate(invalid="ignore", divide="ignore"):
        value, _, _ = associations(known, numbers, categories, Clock(seconds))
    return [(tuple(g["columns"]), float(g["least"])) for g in groups_of(known, value, ASSOCIATED)]

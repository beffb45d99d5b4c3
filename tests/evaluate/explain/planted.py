"""Tables whose truth is known, with models that are plain functions of their columns."""

from collections.abc import Callable, Sequence

import numpy as np

from automl.evaluate.explain.scored import HOLDOUT, Scored
from automl.inference.table import Table
from tests.builders import dataset_of


def logistic(margin: np.ndarray) -> np.ndarray:
    """Return (n, 2) probabilities of a margin of the class 1."""
    p = 1 / (1 + np.exp(-margin))
    return np.stack([1 - p, p], axis=1)


def scored_of(columns: dict, model: Callable[[Table], np.ndarray], y: np.ndarray | None = None, units: np.ndarray | None = None, seed: int = 0) -> Scored:
    """Return rows of the columns (arrays, or codes and levels); without `y` the classes are drawn as the model says."""
    n = len(next(iter(v[0] if isinstance(v, tuple) else v for v in columns.values())))
    made = dataset_of(np.arange(n) % 2, **columns)
    proba = np.asarray(model(made.table), dtype=np.float64)
    if y is None:
        y = (np.random.default_rng(seed).random(n)[:, None] > proba.cumsum(axis=1)).sum(axis=1)
    rows = np.arange(n)
    return Scored(
        made.table, made.fields, np.minimum(y, proba.shape[1] - 1), rows if units is None else units, rows + 1, proba, np.zeros(n, np.int64), (model,), HOLDOUT
    )


def values(table: Table, name: str) -> np.ndarray:
    return table.columns[name].values


def names(scored: Scored) -> Sequence[str]:
    return [f.name for f in scored.fields]

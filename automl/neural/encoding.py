"""Fits what networks make of their features first: the middle and the spread of each number, and the parts of its range."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_ROWS = 50_000  # that quantiles are taken of
LEAST_PER_BIN = 30  # learning rows that a part of a range stands for
FEW = 3  # distinct values, with which a column is no number to be bent: indicators and categories


def fit_encoding(x: NDArray[np.float32], bins: int = 0) -> dict[str, NDArray[Any]]:
    """Return the arrays `encode.*` of automl.inference.encoding for learning rows x (n_rows, n_features), with at most so many parts each.

    The middle is the median and the spread the distance of the quartiles, or half the range where these are equal
    (Holzmueller, Grinsztajn and Steinwart 2024, arXiv 2407.04491, section 3); a column without spread is left alone. Parts end at quantiles.
    """
    some = x[:: max(1, -(-len(x) // MOST_ROWS))]
    low, high = (some.min(axis=0), some.max(axis=0)) if len(some) else (np.zeros(x.shape[1]), np.zeros(x.shape[1]))
    between = [j for j in np.flatnonzero(high > low) if ((some[:, j] != low[j]) & (some[:, j] != high[j])).any()]
    numbers = np.array(between, dtype=np.int32)
    values = some[:, numbers]
    quarters = np.percentile(values, [25, 50, 75], axis=0) if len(numbers) else np.zeros((3, 0))
    spread = quarters[2] - quarters[0]
    half = (high[numbers] - low[numbers]) / 2
    columns, starts, slopes = _parts(values, numbers, min(bins, len(some) // LEAST_PER_BIN))
    return {
        "encode.numbers": numbers, "encode.centre": quarters[1].astype(np.float32),
        "encode.scale": np.where(spread > 1e-6 * half, spread, half).astype(np.float32),
        "encode.columns": columns, "encode.low": starts, "encode.slope": slopes,
    }  # fmt: skip


def _parts(values: NDArray[np.float32], numbers: NDArray[np.int32], bins: int) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Return per part its column, where it begins, and one over its width."""
    columns, starts, widths = [], [], []
    if bins >= 2:
        for column, edges in zip(numbers, np.quantile(values, np.linspace(0, 1, bins + 1), axis=0).T, strict=True):
            edges = np.unique(edges.astype(np.float32))
            if len(edges) > FEW:
                columns += [column] * (len(edges) - 1)
                starts += edges[:-1].tolist()
                widths += np.diff(edges).tolist()
    return np.array(columns, dtype=np.int32), np.array(starts, dtype=np.float32), (1 / np.maximum(np.array(widths), 1e-6)).astype(np.float32)

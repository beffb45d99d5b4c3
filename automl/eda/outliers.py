"""Rows far from their neighbours (Local Outlier Factor) and values far from the middle of their column (robust z)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.eda.columns import known_numbers, quantile
from automl.inference.features import FLOAT_MAX

NEIGHBOURS = 20  # Breunig et al. 2000, section 7: from 10 up, and below the size of a cluster
FACTOR = 1.5
LOF_ROWS = 5000
LOF_COLUMNS = 50
Z_ROWS = 50_000
FAR = 3.5  # Iglewicz & Hoaglin 1993, page 11
CLIP = 10.0  # in scales; beyond, one value alone would set every distance
SHOWN = 10
CHUNK = 200

Floats = NDArray[np.float64]


def outliers(dataset: Dataset, rows: NDArray[np.int64], clock: Clock) -> dict[str, Any]:
    """Return `columns`, numbers with the share of values whose robust z is beyond 3.5; `lof`, the share of rows with a Local
    Outlier Factor above 1.5 and the most outlying rows, as row numbers of the source with the columns in which they lie
    farthest out. No value is told.
    """
    chosen = sample(rows, Z_ROWS)
    clock.sampled("robust z", len(chosen), len(rows), "shares change little with more rows")
    names = [f.name for f in dataset.fields if f.kind == "number"]
    far, spread = [], []
    for done, name in enumerate(names):
        if clock.left() <= 0:
            return {"skipped": f"the time ran out after {done} of {len(names)} columns"}
        values = dataset.table.columns[name].values[chosen]
        z = robust_z(known_numbers(values))
        if z is not None:
            spread.append(name)
            far.append({"column": name, "rows": int(np.count_nonzero(np.abs(z) > FAR)), "share": float(np.mean(np.abs(z) > FAR))})
    far.sort(key=lambda c: -c["share"])  # type: ignore[operator]
    return {"columns": far, "rows": len(chosen), "lof": _lof(dataset, rows, spread, clock)}


def robust_z(values: Floats) -> Floats | None:
    """Return (n,) 0.6745 (x - median) / MAD, by the mean deviation where the MAD is zero; None where nothing differs.

    Iglewicz & Hoaglin 1993, page 11; the mean deviation (divided by 1.2533) as in common statistics packages.
    """
    if not len(values):
        return None
    off = values - quantile(np.sort(values), 0.5)  # sorting is several times as fast as numpy's median
    scale = quantile(np.sort(np.abs(off)), 0.5) / 0.6745
    if scale == 0:
        scale = float(np.mean(np.abs(off))) * 1.2533
    if not 0 < scale < np.inf:
        return None
    z: Floats = off / scale
    return z


def _lof(dataset: Dataset, rows: NDArray[np.int64], names: list[str], clock: Clock) -> dict[str, Any]:
    if not names or len(rows) < 3 * NEIGHBOURS:
        return {"skipped": "there are no numbers that differ" if not names else f"fewer than {3 * NEIGHBOURS} rows"}
    chosen = sample(rows, LOF_ROWS)
    clock.sampled("local outlier factor", len(chosen), len(rows), "neighbours are searched among all pairs of rows")
    if len(names) > LOF_COLUMNS:
        names = [names[k] for k in np.sort(np.random.default_rng(0).choice(len(names), LOF_COLUMNS, replace=False))]
    points = scaled(np.stack([dataset.table.columns[n].values[chosen] for n in names], axis=1))
    if clock.left() <= 0:
        return {"skipped": "the time ran out"}
    factors = local_outlier_factor(points, NEIGHBOURS, clock)
    if factors is None:
        return {"skipped": "the time ran out"}
    worst = [i for i in np.argsort(-factors, kind="stable")[:SHOWN] if factors[i] > FACTOR]
    top = [{"row": int(dataset.row_numbers[chosen[i]]), "factor": round(float(factors[i]), 2), "columns": _extremes(points[i], names)} for i in worst]
    return {"share": float(np.mean(factors > FACTOR)), "factor": FACTOR, "rows": len(chosen), "columns": len(names), "top": top}


def scaled(values: Floats, clip: float = CLIP) -> Floats:
    """Return (n, m) columns less their median over 0.7413 times the width of their middle half, clipped; missing becomes 0.

    Where half of a column is one value, its standard deviation is the scale; a column without any stays 0.
    """
    clipped = np.where(np.isfinite(values), np.clip(values, -FLOAT_MAX, FLOAT_MAX), np.nan)
    empty = np.isnan(clipped).all(axis=0)
    clipped[:, empty] = 0.0
    quarter, median, three_quarters = np.nanquantile(clipped, (0.25, 0.5, 0.75), axis=0)
    scale = 0.7413 * (three_quarters - quarter)
    scale = np.where(scale > 0, scale, np.nanstd(clipped, axis=0))
    out = (clipped - median) / np.where(scale > 0, scale, 1.0)
    known: Floats = np.nan_to_num(np.clip(out, -clip, clip))
    return known


def _extremes(point: Floats, names: list[str]) -> list[str]:
    order = np.argsort(-np.abs(point), kind="stable")[:3]
    return [names[k] for k in order if abs(point[k]) > 2]


def nearest(points: Floats, k: int, clock: Clock) -> tuple[Floats, NDArray[np.int64]] | None:
    """Return (n, k) distances to the nearest other points, the nearest first, and their positions; None when out of time.

    All pairs in blocks of rows: with thousands of points in tens of columns no tree is faster (Beyer et al. 1999).
    """
    n = len(points)
    squares = (points * points).sum(axis=1)
    distance, place = np.empty((n, k)), np.empty((n, k), dtype=np.int64)
    for start in range(0, n, CHUNK):
        if clock.left() <= 0:
            return None
        stop = min(start + CHUNK, n)
        block = squares[start:stop, None] + squares - 2 * (points[start:stop] @ points.T)
        np.fill_diagonal(block[:, start:stop], np.inf)
        closest = np.argpartition(block, k - 1, axis=1)[:, :k]
        found = np.take_along_axis(block, closest, axis=1)
        order = np.argsort(found, axis=1, kind="stable")
        place[start:stop] = np.take_along_axis(closest, order, axis=1)
        distance[start:stop] = np.sqrt(np.maximum(np.take_along_axis(found, order, axis=1), 0.0))
    return distance, place


def local_outlier_factor(points: Floats, k: int, clock: Clock) -> Floats | None:
    """Return (n,) factors of points (n, m): how much sparser a row's place is than those of its k neighbours.

    Breunig, Kriegel, Ng & Sander 2000, definitions 5 to 7; about 1 inside a cluster. None when out of time.
    """
    found = nearest(points, k, clock)
    if found is None:
        return None
    distance, place = found
    reach = np.maximum(distance[place, -1], distance)
    density = 1.0 / (reach.mean(axis=1) + 1e-10)  # equal rows have no distance
    factors: Floats = density[place].mean(axis=1) / density
    return factors

"""The shape of a table without its target: scales, redundancy, how many dimensions, and whether rows fall into groups."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.data.dataset import Dataset
from automl.data.fewer import sample
from automl.eda.clock import Clock
from automl.eda.dip import dip, dip_p
from automl.eda.outliers import nearest, scaled
from automl.inference.features import FLOAT_MAX

ROWS = 2000
LEAST_ROWS = 50
MOST_NUMBERS = 300
LEVELS = 10  # of a category that counts as columns of its own
SHOWN = 20
DIP_COMPONENTS = 5
VIEWERS = 10
SURE = 0.01  # of the dip tests together
HOPKINS_DRAWS, HOPKINS_SHARE = 20, 0.1
LONG_TAIL = 5.0  # in scales
MOST_DIMENSIONS = 50  # for distances: beyond, all are about the same

Floats = NDArray[np.float64]


def structure(dataset: Dataset, rows: NDArray[np.int64], clock: Clock) -> dict[str, Any]:
    """Return `scale`, `pca`, `intrinsic_dimension` and `clusterability` of a sample of rows; the target is not looked at.

    The principal components are of numbers and of categories with few levels; distances are between numbers alone.
    """
    chosen = sample(rows, ROWS)
    names = [f.name for f in dataset.fields if f.kind == "number"]
    if len(names) > MOST_NUMBERS:
        names = [names[k] for k in np.sort(np.random.default_rng(0).choice(len(names), MOST_NUMBERS, replace=False))]
    raw = np.stack([dataset.table.columns[n].values[chosen] for n in names], axis=1) if names else np.zeros((len(chosen), 0))
    standing = scaled(raw) if names else raw
    differ = standing.std(axis=0) > 1e-12 if names else np.zeros(0, dtype=bool)
    names, raw, standing = [n for n, d in zip(names, differ, strict=True) if d], raw[:, differ], standing[:, differ]
    levels = _indicators(dataset, chosen)
    if len(chosen) < LEAST_ROWS or standing.shape[1] + levels.shape[1] < 1:
        return {"skipped": f"fewer than {LEAST_ROWS} rows" if len(chosen) < LEAST_ROWS else "no number and no category with few levels"}
    clock.sampled("structure", len(chosen), len(rows), "distances of all pairs of rows")
    out: dict[str, Any] = {"rows": len(chosen), "numbers": len(names), "scale": _scale(names, raw)}
    out["pca"] = principal_components(np.concatenate([standing / standing.std(axis=0), levels], axis=1))
    if clock.left() <= 0 or not names:
        reason = "the time ran out" if names else "there are no numbers that differ"
        return out | {"intrinsic_dimension": {"skipped": reason}, "clusterability": {"skipped": reason}}
    whole = scaled(raw[:, :MOST_DIMENSIONS], clip=np.inf)
    points = smooth(whole)
    out["intrinsic_dimension"] = intrinsic_dimension(points, clock)
    alone = [name if _mostly_distinct(values) else "" for name, values in zip(names, whole.T, strict=False)]
    out["clusterability"] = clusterability(points, alone, clock)
    return out


def _mostly_distinct(values: Floats) -> bool:
    """Return whether most of (n,) values occur once: in counts and rounded numbers a peak is often a habit of rounding."""
    return int((np.unique(values, return_counts=True)[1] == 1).sum()) > 0.5 * len(values)


def _scale(names: list[str], raw: Floats) -> dict[str, Any]:
    """Return the largest over the smallest standard deviation of the numbers."""
    if len(names) < 2:
        return {"ratio": 1.0}
    spread = np.nanstd(np.where(np.isfinite(raw), np.clip(raw, -FLOAT_MAX, FLOAT_MAX), np.nan), axis=0)
    least, most = int(np.where(spread > 0, spread, np.inf).argmin()), int(spread.argmax())
    ratio = float(spread[most] / spread[least]) if spread[least] > 0 else 1.0
    return {"ratio": ratio, "largest": {"column": names[most], "std": float(spread[most])}, "smallest": {"column": names[least], "std": float(spread[least])}}


def _indicators(dataset: Dataset, rows: NDArray[np.int64]) -> Floats:
    """Return (n, k) yes-or-no columns of the levels of small categories, each less its share p and over the root of p, so that
    rare levels weigh as in a correspondence analysis (Pagès 2004).
    """
    out = []
    for field in dataset.fields:
        column = dataset.table.columns[field.name]
        if field.kind != "category" or column.kind != "coded":
            continue
        codes = column.values[rows]
        used, counts = np.unique(codes[codes >= 0], return_counts=True)
        if 2 <= len(used) <= LEVELS:
            out += [((codes == level) - n / len(rows)) / np.sqrt(n / len(rows)) for level, n in zip(used, counts, strict=True)]
    return np.stack(out, axis=1) if out else np.zeros((len(rows), 0))


def principal_components(columns: Floats) -> dict[str, Any]:
    """Return the shares of the variance along principal components of (n, m) columns, and how many hold 90 and 95 %.

    `effective` is (sum of variances)^2 over the sum of their squares: the number of directions, were they alike.
    """
    centred = columns - columns.mean(axis=0)
    n, m = centred.shape
    variances = np.linalg.eigvalsh(centred.T @ centred if m <= n else centred @ centred.T)[::-1]
    variances = np.maximum(variances, 0)
    shares = variances / variances.sum()
    reached = np.cumsum(shares)
    for_90, for_95 = (int(np.searchsorted(reached, level - 1e-9)) + 1 for level in (0.9, 0.95))
    return {
        "columns": m, "shares": [round(float(s), 4) for s in shares[:SHOWN]], "for_90": for_90, "for_95": for_95,
        "effective": round(float(1 / (shares**2).sum()), 2),
    }  # fmt: skip


def smooth(points: Floats) -> Floats:
    """Return (n, m) points of unit variance without what looks like groups and is none: long tails are drawn in (asinh), and
    values that rows share, as counts and rounded numbers do, are spread over the gap to their neighbours.
    """
    rng = np.random.default_rng(0)
    out = np.where(np.abs(points).max(axis=0) > LONG_TAIL, np.arcsinh(points), points)
    for k in range(out.shape[1]):
        values, place, counts = np.unique(out[:, k], return_inverse=True, return_counts=True)
        if len(values) == len(out):
            continue
        middle = (values[1:] + values[:-1]) / 2
        left, right = np.append(2 * values[0] - middle[0], middle), np.append(middle, 2 * values[-1] - middle[-1])
        spread = left[place] + (right - left)[place] * rng.random(len(out))
        out[:, k] = np.where(counts[place] > 1, spread, out[:, k])
    unit: Floats = out / out.std(axis=0)
    return unit


def intrinsic_dimension(points: Floats, clock: Clock) -> dict[str, Any]:
    """Return the number of dimensions in which points (n, m) lie, from the ratio of the distances to the two nearest others.

    TwoNN: the slope through the origin of -log(1 - F) against the log of the ratio, the greatest tenth left out (Facco,
    d'Errico, Rodriguez & Laio 2017).
    """
    found = nearest(points, 2, clock)
    if found is None:
        return {"skipped": "the time ran out"}
    distance = found[0][found[0][:, 0] > 0]
    if len(distance) < LEAST_ROWS:
        return {"skipped": "most rows have an equal one"}
    ratio = np.sort(np.log(distance[:, 1] / distance[:, 0]))
    n = len(ratio)
    kept = slice(0, int(0.9 * n))
    below = np.arange(1, n + 1) / n
    x, y = ratio[kept], -np.log(1 - below[kept])
    if not (x @ x) > 0:
        return {"skipped": "the nearest distances are all equal"}
    return {"two_nn": round(float((x @ y) / (x @ x)), 2), "columns": points.shape[1], "rows": n}


def clusterability(points: Floats, names: list[str], clock: Clock) -> dict[str, Any]:
    """Return whether points (n, m) fall into groups: `structure`, with the tests behind it. Columns with a name (m,) are
    tested alone, too.

    The verdict is the dip test's (Hartigan & Hartigan 1985): on the leading principal components, on the distances to some of
    the rows (Kalogeratos & Likas 2012) and on named columns, the least p times the number of tests (Bonferroni) below 0.01. Of
    the usual measures the dip rarely takes noise for groups (Adolfsson, Ackerman & Brownstein 2019). Hopkins' statistic tells
    how far from evenly the rows lie; one dense middle suffices for a high one, so it is told and does not decide.
    """
    rng = np.random.default_rng(0)
    n, m = points.shape
    views = [(f"column {name}", points[:, k]) for k, name in enumerate(names) if name]
    if m > 1 or not views:
        centred = points - points.mean(axis=0)
        _, directions = np.linalg.eigh(centred.T @ centred)
        components = centred @ directions[:, ::-1][:, :DIP_COMPONENTS]
        views += [(f"principal component {k + 1}", components[:, k]) for k in range(components.shape[1])]
    if m > 1:
        for viewer in rng.choice(n, VIEWERS, replace=False):
            views.append(("distances", np.sqrt(((np.delete(points, viewer, axis=0) - points[viewer]) ** 2).sum(axis=1))))
    dips = [dip(view) for _, view in views]
    chances = [dip_p(statistic, len(view)) for statistic, (_, view) in zip(dips, views, strict=True)]
    best = int(np.lexsort((-np.array(dips), np.array(chances)))[0])
    p = min(1.0, chances[best] * len(views))
    out: dict[str, Any] = {"structure": p < SURE, "dip": {"p": p, "statistic": round(dips[best], 4), "seen_in": views[best][0], "tests": len(views)}}
    return out | {"hopkins": hopkins(points, rng, clock)}


def hopkins(points: Floats, rng: np.random.Generator, clock: Clock) -> dict[str, Any]:
    """Return Hopkins' statistic of points (n, m): the mean of several draws and the interval that holds 95 % of them.

    Distances from even draws in the box of the data against those from rows, both to the nearest row, to the power m (Hopkins
    & Skellam 1954; the power as in Lawson & Jurs 1990): 0.5 for evenly spread rows, towards 1 for clumped ones.
    """
    found = nearest(points, 1, clock)
    if found is None:
        return {"skipped": "the time ran out"}
    n, m = points.shape
    draws = max(5, int(HOPKINS_SHARE * n))
    low, high = points.min(axis=0), points.max(axis=0)
    squares = (points * points).sum(axis=1)
    out: list[float] = []
    for _ in range(HOPKINS_DRAWS):
        if clock.left() <= 0 and out:
            break
        even = low + (high - low) * rng.random((draws, m))
        far = ((even * even).sum(axis=1)[:, None] + squares - 2 * even @ points.T).min(axis=1)
        near = found[0][rng.choice(n, draws, replace=False), 0] ** 2
        logs = m / 2 * np.log(np.maximum(np.stack([far, near]), 1e-300))
        sums = np.exp(logs - logs.max()).sum(axis=1)
        out.append(float(sums[0] / sums.sum()))
    low_h, high_h = np.quantile(out, (0.025, 0.975))
    return {"mean": round(float(np.mean(out)), 4), "low": round(float(low_h), 4), "high": round(float(high_h), 4), "draws": len(out), "points": draws}

"""Fits the steps on numbers: what stands in for a missing one, centre and scale, and ranks."""

from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.features.recipe import NumberOptions
from automl.inference.features import CLIP, FLOAT_MAX
from automl.inference.forms import Arrays
from automl.inference.steps.numbers import scaled
from automl.inference.table import Floats

Step = dict[str, Any]

PLACES = 256  # of the ranks that are stored: a step of 0.4 % of the rows
LEAST_ROWS = 5  # what is stored of the data stands for as many rows or more


def centre_and_scale(values: Floats) -> tuple[float, float, float]:
    """Return median, mean and standard deviation of the finite values; 0, 0, 1 where there are none or no spread."""
    known = np.clip(values[np.isfinite(values)], -FLOAT_MAX, FLOAT_MAX)
    if len(known) == 0:
        return 0.0, 0.0, 1.0
    spread = float(known.std())
    return float(np.median(known)), float(known.mean()), spread if spread > 1e-12 * max(1.0, abs(float(known.mean()))) else 1.0


def fit_number(name: str, values: Floats, options: NumberOptions, time: Floats | None, arrays: Arrays) -> tuple[Step, Floats | None]:
    """Return the step of a number for families with scaled numbers, and the matrix of the learning rows where it is another.

    `values` and `time` (n_rows,). With `forward` a learning row takes the last known value before it in time; a new row
    takes the mean of the last known values of the learning rows (of five, so that no single cell is stored), so that it
    depends on no other new row. Places of ranks go into `arrays`.
    """
    median, mean, spread = centre_and_scale(values)
    missing = ~np.isfinite(values)
    step: Step = {"kind": "number", "column": name, "fill": mean if options.impute == "mean" else median, "indicator": bool(missing.any())}
    carried = None
    if options.impute == "forward" and time is not None and step["indicator"] and not missing.all():
        carried, step["fill"] = _carried(values, time)
    places = _places(values[~missing]) if options.outliers == "rank" else None
    if places is not None:
        step |= {"kind": "rank", "array": f"rank.{len(arrays)}"}
        arrays[step["array"]] = places
        matrix = None if carried is None else np.interp(np.where(np.isfinite(carried), carried, step["fill"]), *places)
    else:
        step |= _centred(values[~missing], options, median, mean, spread)
        clip = step.get("clip", (-CLIP, CLIP))
        matrix = None if carried is None else scaled(carried, step["fill"], step["centre"], step["scale"], clip)
    return step, None if matrix is None else np.stack([matrix, missing.astype(np.float64)], axis=1)


def _centred(known: Floats, options: NumberOptions, median: float, mean: float, spread: float) -> dict[str, Any]:
    """Return centre, scale and, where it is not the usual one, clip."""
    out: dict[str, Any] = {"centre": mean, "scale": spread}
    if options.scale == "robust" and len(known):
        low, high = np.percentile(np.clip(known, -FLOAT_MAX, FLOAT_MAX), [25, 75])
        half = float(high - low) / 2
        out = {"centre": median, "scale": half if half > 1e-12 * max(1.0, abs(median)) else spread}
    if options.outliers == "keep":
        out["clip"] = [-FLOAT_MAX, FLOAT_MAX]
    if options.scale == "none":
        far = CLIP * spread
        out = {"centre": 0.0, "scale": 1.0, "clip": out.get("clip", [max(mean - far, -FLOAT_MAX), min(mean + far, FLOAT_MAX)])}
    return out


def _carried(values: Floats, time: Floats) -> tuple[Floats, float]:
    """Return the values with each missing one replaced by the last known before it in time, and the mean of the last five known.

    Rows of equal time keep their order; rows without a time come last; rows before the first known value stay missing.
    """
    order = np.argsort(time, kind="stable")
    known = np.isfinite(values[order])
    last = np.maximum.accumulate(np.where(known, np.arange(len(order)), -1))
    carried = np.full(len(values), np.nan)
    carried[order] = np.where(last >= 0, values[order][last], np.nan)
    return carried, float(np.clip(values[order][known][-LEAST_ROWS:], -FLOAT_MAX, FLOAT_MAX).mean())


def _places(known: Floats) -> NDArray[np.float64] | None:
    """Return (2, n_places): values in order, and the normal score of the share of rows below each; None for too few rows.

    Rank-based inverse normal scores make any distribution with few ties normal (Beasley, Erickson and Allison 2009, Rank-based
    inverse normal transformations are increasingly used, but are they merited?, Behavior Genetics 39: 580-595), which is
    what standardised weights and networks expect, and bound what lies far out; scikit-learn's QuantileTransformer does the
    same. A place is the mean of a run of sorted rows, five or more, so no single cell is stored.
    """
    n_places = min(PLACES, len(known) // LEAST_ROWS)
    if n_places < 2:
        return None
    ordered = np.sort(np.clip(known, -FLOAT_MAX, FLOAT_MAX))
    edges = np.linspace(0, len(ordered), n_places + 1).astype(np.int64)
    first, last = ordered[edges[:-1]], ordered[edges[1:] - 1]
    means = np.where(first == last, first, np.add.reduceat(ordered, edges[:-1]) / np.diff(edges))
    below = (edges[:-1] + edges[1:]) / 2 / len(ordered)
    places, place = np.unique(means, return_inverse=True)  # a value that fills several runs has one place, in their middle
    shares = np.bincount(place, below) / np.bincount(place)
    normal = NormalDist()
    return np.stack([places, [normal.inv_cdf(share) for share in shares.tolist()]])

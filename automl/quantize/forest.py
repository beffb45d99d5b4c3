"""Forests: cut points thinned to as many as a byte counts, and what leaves say as few different rows of whole numbers.

A forest has thousands of different thresholds per feature, most of them a hair apart. The kept ones are quantiles of all
thresholds, each counted as often as it is split at, so that where trees look closely the byte does too; every other
threshold moves to the nearest kept one by rank. Most leaves of a deep tree hold rows of one class, so shares rounded to whole numbers repeat.
"""

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Form
from automl.quantize.boosted_trees import binned

MOST = {"float16": 4096, "int8": 255}
"""Cut points per feature; 4096 lost nothing that could be measured."""
BITS = {"float16": 16, "int8": 8}


def store(form: Form, precision: str) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words."""
    if precision == "float32":
        return form, "float32 thresholds and leaves"
    most, bits = MOST[precision], BITS[precision]
    feature = form.arrays["feature"].astype(np.int64)
    arrays = {k: v for k, v in form.arrays.items() if k not in ("threshold", "leaf")}
    arrays |= binned(feature, thinned(feature, form.arrays["threshold"], most))
    rows, place = np.unique(whole_shares(form.arrays["leaf"], 2**bits - 1), axis=0, return_inverse=True)
    arrays |= {"leaf.rows": rows.astype(f"uint{bits}"), "leaf": place.ravel().astype(np.min_scalar_type(max(0, len(rows) - 1)))}
    return form.with_arrays(arrays), f"at most {most} cut points per feature, shares of leaves in {bits} bits, equal ones once"


def thinned(feature: NDArray[np.int64], threshold: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """Return (n_splits,) thresholds of which each feature has at most `most` different ones, all of them among its own."""
    out = threshold.copy()
    for f in np.unique(feature).tolist():
        at = np.flatnonzero(feature == f)
        mine = threshold[at]
        if len(np.unique(mine)) <= most:
            continue
        order = np.argsort(mine, kind="stable")
        rank = np.empty(len(mine), dtype=np.int64)
        rank[order] = np.arange(len(mine))
        middle = ((np.arange(most) + 0.5) * len(mine) / most).astype(np.int64)
        out[at] = mine[order][middle][rank * most // len(mine)]
    return out


def whole_shares(leaf: NDArray[np.float32], total: int) -> NDArray[np.int64]:
    """Return (n_leaves, n_classes) whole numbers that add up to `total` in each row, by largest remainders."""
    exact = leaf.astype(np.float64) / leaf.sum(axis=1, keepdims=True, dtype=np.float64) * total
    whole = np.floor(exact).astype(np.int64)
    missing = total - whole.sum(axis=1)
    by_rest = np.argsort(-(exact - whole), axis=1, kind="stable")
    more = np.arange(leaf.shape[1])[None, :] < missing[:, None]
    np.put_along_axis(whole, by_rest, np.take_along_axis(whole, by_rest, axis=1) + more, axis=1)
    return np.asarray(whole)

"""Ranks with ties, the area under the ROC curve from them, and how much codes tell of classes."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MOST_CLASSES = 20  # of the target, the most frequent ones, for figures of one class against the rest


def midranks(values: Floats) -> Floats:
    """Return (n,) ranks from 1, ties sharing their mean; no value may be missing."""
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(values) else np.zeros(0, np.int64)
    sizes = np.diff(np.append(first, len(values)))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(first + (sizes + 1) / 2, sizes)
    return ranks


def auc_by_class(ranks: Floats, y: Codes, n_classes: int) -> tuple[Floats, Codes]:
    """Return (n_classes,) areas of one class against the rest, NaN for a class with no row or all, and the rows of each.

    The area is the Mann-Whitney statistic over its greatest value (Hanley & McNeil 1982), from (n,) ranks of a score.
    """
    size = np.bincount(y, minlength=n_classes)
    sums = np.bincount(y, ranks, minlength=n_classes)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (sums - size * (size + 1) / 2) / (size * (len(y) - size))
    return np.where((size > 0) & (size < len(y)), area, np.nan), size


def macro_auc(areas: Floats, size: Codes, undirected: bool = True) -> float | None:
    """Return the mean area over the most frequent classes, None where there is none.

    An area below 0.5 tells as much as its mirror image when the score has no direction of its own; otherwise it is noise
    and counts as 0.5.
    """
    kept = areas[np.argsort(-size, kind="stable")[:MOST_CLASSES]]
    kept = kept[~np.isnan(kept)]
    if not len(kept):
        return None
    return float(np.mean(np.maximum(kept, 1 - kept) if undirected else np.maximum(kept, 0.5)))


def area_of_table(scores: Floats, of_class: Codes, rest: Codes) -> float:
    """Return the area of a score that takes few values: (k,) scores with the rows of the class and of the rest at each."""
    distinct, place = np.unique(scores, return_inverse=True)
    inside, outside = (np.bincount(place, counts, minlength=len(distinct)) for counts in (of_class, rest))
    if not inside.sum() or not outside.sum():
        return float("nan")
    below = np.cumsum(outside) - outside
    return float((inside * (below + outside / 2)).sum() / (inside.sum() * outside.sum()))


def mean_known(areas: list[float]) -> float:
    """Return the mean of the areas that are known, NaN where none is."""
    known = [area for area in areas if not np.isnan(area)]
    return float(np.mean(known)) if known else float("nan")


def told(codes: Codes, y: Codes) -> float:
    """Return the share of the target's entropy that codes tell, 0 to 1: mutual information over H(y).

    Both (n,), from 0. Mutual information of samples is too large; the bias (r - 1)(c - 1) / 2n is taken off (Miller 1955).
    """
    n = len(y)
    if not n:
        return 0.0
    wide = int(y.max()) + 1
    joint = np.bincount(codes * wide + y, minlength=(int(codes.max()) + 1) * wide).reshape(-1, wide)
    joint = joint[joint.any(axis=1)][:, joint.any(axis=0)]
    shares = joint / n
    of_codes, of_classes = shares.sum(axis=1), shares.sum(axis=0)
    entropy = -float((of_classes * np.log(of_classes)).sum())
    if entropy <= 0 or len(of_codes) < 2:
        return 0.0
    known = shares > 0
    mutual = float((shares[known] * np.log((shares / np.outer(of_codes, of_classes))[known])).sum())
    mutual -= (len(of_codes) - 1) * (len(of_classes) - 1) / (2 * n)
    return min(1.0, max(0.0, mutual / entropy))

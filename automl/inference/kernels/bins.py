"""Bins of many rows in compiled code: for each value, how many of its feature's cut points it reaches."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from automl.inference.kernels.find import PERMUTED, find5, find6, find7, find8, heap
from automl.inference.kernels.lanes import CHUNK, COUNTED, ROWS, any_missing, count_cuts, search5, search6, search7, search8
from automl.inference.kernels.turn import turn

FEW_CUTS = 16  # so many are counted one by one; more are searched
HIGHEST = np.uint8(255)
VALUES = CHUNK * COUNTED  # of a scratch for the values of some features
TURNED = 3  # features so near to each other that turning a square of the matrix is quicker than reading them one by one


def ready(bins: Any) -> NDArray[np.float32]:
    """Return the cut points of a `tree_units.Bins` in the order in which they are searched here."""
    if not PERMUTED:
        found: NDArray[np.float32] = bins.cuts
        return found
    out: NDArray[np.float32] = bins.cuts.copy()
    ends = np.append(bins.first[1:], len(out))
    for i in np.flatnonzero(bins.count > FEW_CUTS).tolist():
        out[bins.first[i] : ends[i]] = heap(bins.cuts[bins.first[i] : ends[i]])
    return out


def _bin(x, start, rows, used, cuts, first, count, low_plane, high_plane, values, spot, block):
    """Write the bins of a tile's rows: how many cut points a value reaches; missing values as 0, or as 255 for splits that send them right."""
    flat, width = x.reshape(-1), np.uint64(x.shape[1])
    for part in range(0, rows, COUNTED):
        some = np.uint64(min(COUNTED, rows - part))
        corner = np.uint64(start + part) * width
        i = 0
        while i < len(used):
            left, end = used[i], i + 1
            while end < len(used) and used[end] < left + CHUNK:
                end += 1
            if end - i >= TURNED and some == np.uint64(COUNTED) and x.shape[1] >= CHUNK:
                left = min(left, x.shape[1] - CHUNK)
                for r in range(0, COUNTED, CHUNK):
                    turn(flat, corner + np.uint64(r) * width + np.uint64(left), width, values, r)
            else:
                at, end = corner + np.uint64(left), i + 1
                for r in range(some):
                    values[np.uint64(r)] = flat[at]
                    at += width
            for k in range(i, end):
                here, low, high = (used[k] - left) * COUNTED, low_plane[k], high_plane[k]
                place = np.int64(low if low >= 0 else high) * ROWS + part + spot
                if count[k] <= FEW_CUTS:
                    count_cuts(values, here, cuts, first[k], count[k], block, place)
                else:
                    _search(values, here, cuts, first[k], count[k], block, place)
                if high < 0:
                    continue
                other = np.int64(high) * ROWS + part + spot
                if any_missing(values, here):
                    for r in range(COUNTED):
                        value = values[here + r]
                        block[other + r] = HIGHEST if value != value else block[place + r]
                elif low >= 0:
                    block[other : other + COUNTED] = block[place : place + COUNTED]
            i = end


def _by_halving(values, at, cuts, first, count, block, place):
    """Count by halving; cut points are padded with NaN up to one less than a power of two."""
    for r in range(0, COUNTED, CHUNK):
        if count > 127:
            search8(values, at + r, cuts, first, block, place + r)
        elif count > 63:
            search7(values, at + r, cuts, first, block, place + r)
        elif count > 31:
            search6(values, at + r, cuts, first, block, place + r)
        else:
            search5(values, at + r, cuts, first, block, place + r)


def _by_heap(values, at, cuts, first, count, block, place):
    """Count by going down a heap of the cut points."""
    if count > 127:
        find8(values, at, cuts, first, block, place)
    elif count > 63:
        find7(values, at, cuts, first, block, place)
    elif count > 31:
        find6(values, at, cuts, first, block, place)
    else:
        find5(values, at, cuts, first, block, place)


_search = njit(_by_heap if PERMUTED else _by_halving)
bin_rows = njit(_bin)

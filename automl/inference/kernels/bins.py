"""Bins of many rows in compiled code: for each value, how many of its feature's cut points it reaches."""

import numpy as np
from numba import njit

from automl.inference.kernels.lanes import CHUNK, COUNTED, ROWS, any_missing, count_cuts, search5, search6, search7, search8

FEW_CUTS = 16  # so many are counted one by one; more are searched
HIGHEST = np.uint8(255)


def _bin(x, start, rows, used, cuts, first, count, low_plane, high_plane, values, spot, block):
    """Write the bins of a tile's rows: how many cut points a value reaches; missing values as 0, or as 255 for splits that send them right."""
    flat, width = x.reshape(-1), np.uint64(x.shape[1])
    for part in range(0, rows, COUNTED):
        some = np.uint64(min(COUNTED, rows - part))
        corner = np.uint64(start + part) * width
        for i in range(len(used)):
            at = corner + np.uint64(used[i])
            for r in range(some):
                values[np.uint64(r)] = flat[at]
                at += width
            low, high = low_plane[i], high_plane[i]
            place = np.int64(low if low >= 0 else high) * ROWS + part + spot
            if count[i] <= FEW_CUTS:
                count_cuts(values, 0, cuts, first[i], count[i], block, place)
            else:
                _search(values, cuts, first[i], count[i], block, place)
            if high < 0:
                continue
            other = np.int64(high) * ROWS + part + spot
            if any_missing(values, 0):
                for r in range(COUNTED):
                    block[other + r] = HIGHEST if values[r] != values[r] else block[place + r]
            elif low >= 0:
                block[other : other + COUNTED] = block[place : place + COUNTED]


def _search(values, cuts, first, count, block, place):
    """Count by halving; cut points are padded with NaN up to one less than a power of two."""
    for r in range(0, COUNTED, CHUNK):
        if count > 127:
            search8(values, r, cuts, first, block, place + r)
        elif count > 63:
            search7(values, r, cuts, first, block, place + r)
        elif count > 31:
            search6(values, r, cuts, first, block, place + r)
        else:
            search5(values, r, cuts, first, block, place + r)


_search = njit(_search)
bin_rows = njit(_bin)

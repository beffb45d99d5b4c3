"""Numbers in fewer bits: halves where they fit, 8 bits with scales, and 8 bits that look at rows while they round."""

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import ROWS_PER_SCALE, Arrays

HALF_MOST = 65_504.0  # the largest half
HALF_LEAST = 1e-4  # scales below it would lose digits as halves, which are finer than what they scale down to about there
DAMP = 0.01  # of the mean square of the inputs: the value of Frantar et al. 2023, section 4
MOST_INPUTS = 2048  # beyond them a product of inputs with inputs takes longer than it is worth


def halves(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return an array as halves; as float32 where one of its numbers is too large for that."""
    fits = np.abs(values).max(initial=0.0) <= HALF_MOST
    return values.astype(np.float16 if fits else np.float32)


def scales(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return scales as halves where that costs less than they themselves do, else as float32."""
    fine = bool((values >= HALF_LEAST).all() and (values <= HALF_MOST).all())
    return values.astype(np.float16 if fine else np.float32)


def eight_bits(weights: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return (n_in, n_out) whole numbers within -127 and 127 and (n_out,) scales: symmetric, one scale per output."""
    scale = _symmetric(np.abs(weights).max(axis=0, initial=0.0))
    return _whole(weights, scale), scale


def eight_bits_in_blocks(weights: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return as `eight_bits`, with a scale per output and ROWS_PER_SCALE inputs: (n_blocks, n_out)."""
    starts = np.arange(0, max(1, len(weights)), ROWS_PER_SCALE)
    scale = np.stack([_symmetric(np.abs(weights[at : at + ROWS_PER_SCALE]).max(axis=0, initial=0.0)) for at in starts])
    return _whole(weights, np.repeat(scale, ROWS_PER_SCALE, axis=0)[: len(weights)]), scale


def looking_at(x: NDArray[np.floating], weights: NDArray[np.floating], scale: NDArray[np.floating]) -> NDArray[np.int8]:
    """Return (n_in, n_out) whole numbers at given scales, rounded so that products with the rows x (n_rows, n_in) change least.

    One input after the other is rounded, and what that changes is taken back by those still to come (Frantar et al. 2023,
    GPTQ, algorithm 1; here in one piece). `scale` as `eight_bits` or `eight_bits_in_blocks` gave it. Plain rounding where there
    are more than MOST_INPUTS inputs, or no rows.
    """
    n_in = len(weights)
    every = scale if scale.ndim == 1 else np.repeat(scale, ROWS_PER_SCALE, axis=0)[:n_in]
    if not 0 < n_in <= MOST_INPUTS or not len(x):
        return _whole(weights, every)
    rows = np.asarray(x, dtype=np.float64)
    square = rows.T @ rows
    square[np.diag_indices(n_in)] += DAMP * np.trace(square) / n_in + 1e-12
    try:
        upper = np.linalg.cholesky(np.linalg.inv(square)).T
    except np.linalg.LinAlgError:
        return _whole(weights, every)
    left, out = weights.astype(np.float64), np.empty(weights.shape, dtype=np.int8)
    every = np.broadcast_to(every, weights.shape)
    for i in range(n_in):
        out[i] = _whole(left[i], every[i])
        error = (left[i] - out[i] * every[i].astype(np.float64)) / upper[i, i]
        left[i + 1 :] -= np.outer(upper[i, i + 1 :], error)
    return out


def bytes_of_columns(rows: NDArray[np.floating]) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """Return (n_rows, n_columns) bytes with (n_columns,) scales and zeros: the least value of a column is 0, the largest 255.

    A column of two values, as columns of categories are, keeps them exactly.
    """
    low = rows.min(axis=0).astype(np.float32) if len(rows) else np.zeros(rows.shape[1], np.float32)
    high = rows.max(axis=0).astype(np.float32) if len(rows) else low
    step = ((high.astype(np.float64) - low) / 255.0).astype(np.float32)
    step = np.where((step > 0) & np.isfinite(step), step, np.float32(1.0))
    whole: NDArray[np.uint8] = np.clip(np.rint((rows - low) / step), 0, 255).astype(np.uint8)
    return whole, step, low


def stored_bytes(name: str, rows: NDArray[np.floating]) -> Arrays:
    """Return the arrays that hold rows as bytes, by the names that `widen` looks for."""
    whole, step, low = bytes_of_columns(rows)
    return {name: whole, f"{name}.scale": step, f"{name}.zero": low}


def _symmetric(top: NDArray[np.floating]) -> NDArray[np.float32]:
    scale = top / 127.0
    found: NDArray[np.float32] = np.where(scale > 0, scale, 1.0).astype(np.float32)
    return np.where(found > 0, found, np.float32(1.0))  # below single precision nothing is left to scale


def _whole(weights: NDArray[np.floating], scale: NDArray[np.floating]) -> NDArray[np.int8]:
    whole: NDArray[np.int8] = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    return whole

"""Boosted trees: thresholds as exact positions among a feature's own cut points, leaves as whole numbers with a scale per tree.

A boosted model splits a feature at no more than some hundred distinct values, so a byte says which; nothing is lost by
that. Only the leaves are rounded: to 16 bits, or to 8.
"""

import numpy as np
from numpy.typing import NDArray

from automl.inference.forms import Arrays, Form
from automl.inference.trees import pack_positions, roots_of


def store(form: Form, precision: str) -> tuple[Form, str]:
    """Return the form at a precision, and the scheme in words."""
    if precision == "float32":
        return form, "float32 thresholds and leaves"
    bits = 16 if precision == "float16" else 8
    arrays = {k: v for k, v in form.arrays.items() if k not in ("threshold", "leaf")}
    arrays |= binned(form.arrays["feature"].astype(np.int64), form.arrays["threshold"])
    arrays |= _leaves(form, bits)
    return form.with_arrays(arrays), f"exact thresholds by position, {bits}-bit leaves with a scale per tree"


def binned(feature: NDArray[np.int64], threshold: NDArray[np.float32]) -> Arrays:
    """Return positions and cut points; a feature whose cut points are all exact as halves stores them so."""
    n_features = int(feature.max(initial=-1)) + 1
    position = np.zeros(len(feature), dtype=np.int64)
    counts = np.zeros(n_features, dtype=np.uint16)
    narrow = np.zeros(n_features, dtype=bool)
    halves: list[NDArray[np.float32]] = []
    wholes: list[NDArray[np.float32]] = []
    for f in range(n_features):
        at = np.flatnonzero(feature == f)
        cuts, position[at] = np.unique(threshold[at], return_inverse=True)
        counts[f] = len(cuts)
        with np.errstate(over="ignore"):
            narrow[f] = bool((cuts.astype(np.float16).astype(np.float32) == cuts).all())
        (halves if narrow[f] else wholes).append(cuts)
    out: Arrays = {"bin": pack_positions(feature, position, counts), "cut_counts": counts, "cut_narrow": np.packbits(narrow)}
    if halves:
        out["cuts16"] = np.concatenate(halves).astype(np.float16)
    if wholes:
        out["cuts32"] = np.concatenate(wholes)
    return out


def _leaves(form: Form, bits: int) -> Arrays:
    most = 2 ** (bits - 1) - 1
    splits = np.unpackbits(form.arrays["splits"], count=form.config["n_nodes"]).astype(bool)
    roots = roots_of(splits)
    tree_of_leaf = np.repeat(np.arange(len(roots)), np.diff(np.append(roots, len(splits))))[~splits]
    leaf = form.arrays["leaf"]
    top = np.zeros(len(roots), dtype=np.float32)
    np.maximum.at(top, tree_of_leaf, np.abs(leaf).max(axis=1))
    scale = np.where(top > 0, top / most, 1.0).astype(np.float32)
    half = scale.astype(np.float16)
    if bits == 8 and (half > 1e-4).all():  # a half is finer than the leaves it scales; smaller ones would lose digits
        half = np.where(half.astype(np.float32) * most < top, np.nextafter(half, np.float16(np.inf)), half)
        scale = half.astype(np.float32)
        return {"leaf": _whole(leaf, scale[tree_of_leaf], most).astype(np.int8), "leaf.scale": half}
    return {"leaf": _whole(leaf, scale[tree_of_leaf], most).astype(np.int8 if bits == 8 else np.int16), "leaf.scale": scale}


def _whole(leaf: NDArray[np.float32], scale: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    rounded: NDArray[np.float32] = np.clip(np.rint(leaf / scale[:, None]), -most, most)
    return rounded

"""Trees of a library to the compact form of inference: preorder, float32 thresholds or sets of categories, values per leaf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.category_sets import SURE, set_arrays
from automl.inference.trees import right_children

if TYPE_CHECKING:
    from automl.inference.forms import Form

NEVER = -30.0  # margin of a class that a fit did not see: a probability of 1e-13, and not a number that JSON cannot hold


@dataclass(frozen=True)
class Tree:
    """One tree as parallel arrays over its nodes; `left` is -1 at a leaf. Going right means x >= threshold.

    `right_codes` has the splits on categories: of each node a bit per code, whether it goes right, then one for other values and one for
    missing values (inference.category_sets).
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    missing_right: NDArray[np.bool_]
    value: NDArray[np.float32]  # (n_nodes, width), read at leaves only
    right_codes: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)


def above(threshold: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return for each threshold the least float32 beyond it: x <= threshold for a float32 x is x < that."""
    with np.errstate(over="ignore"):
        below = threshold.astype(np.float32)
        below = np.where(below.astype(np.float64) > threshold, np.nextafter(below, np.float32(-np.inf)), below)
        return np.nextafter(below, np.float32(np.inf))


def lone_leaf() -> Tree:
    """Return a tree without a split, whose leaf is 0."""
    none, zero = np.full(1, -1, np.int64), np.zeros(1, np.int64)
    return Tree(none, none, zero, np.zeros(1, np.float32), np.zeros(1, bool), np.zeros((1, 1), np.float32))


def preorder(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the node numbers in preorder, left before right."""
    splits = np.flatnonzero(left >= 0)
    whole = len(left) == 2 * len(splits) + 1  # else some nodes were pruned, and are still in the arrays
    if whole and (left[splits] == splits + 1).all() and (right_children(left >= 0)[splits] == right[splits]).all():
        return np.arange(len(left))
    lefts, rights = left.tolist(), right.tolist()
    out, stack = [], [0]
    while stack:
        node = stack.pop()
        out.append(node)
        if lefts[node] >= 0:
            stack += (rights[node], lefts[node])
    return np.array(out, dtype=np.int64)


def tree_form(trees: Sequence[Tree], mode: str, base: Sequence[float], n_outputs: int) -> Form:
    """Return the form that inference.trees runs."""
    from automl.inference.forms import Arrays, Form

    splits, features, thresholds, missing, leaves = [], [], [], [], []
    asked: dict[int, NDArray[np.bool_]] = {}  # of splits on categories, by their number among all splits
    seen = 0
    for tree in trees:
        order = preorder(tree.left, tree.right)
        split = tree.left[order] >= 0
        at = order[split]
        if tree.right_codes:
            asked |= {seen + i: tree.right_codes[node] for i, node in enumerate(at.tolist()) if node in tree.right_codes}
        seen += len(at)
        splits.append(split)
        features.append(tree.feature[at])
        thresholds.append(tree.threshold[at])
        missing.append(tree.missing_right[at])
        leaves.append(tree.value[order[~split]])
    feature: NDArray[Any] = np.concatenate(features) if features else np.zeros(0, np.int64)
    threshold = np.concatenate(thresholds).astype(np.float32) if thresholds else np.zeros(0, np.float32)
    all_missing = np.concatenate(missing) if missing else np.zeros(0, bool)
    config: dict[str, Any] = {}
    sets: Arrays = {}
    if asked:
        on_sets = np.array(list(asked), dtype=np.int64)
        sets, number = set_arrays(feature[on_sets], list(asked.values()))
        config["sets_from"] = int(np.delete(feature, on_sets).max(initial=-1)) + 1
        feature = feature.astype(np.int64)
        feature[on_sets], threshold[on_sets], all_missing[on_sets] = config["sets_from"] + number, SURE, False
    widest = int(feature.max(initial=0))
    all_splits = np.concatenate(splits) if splits else np.zeros(0, bool)
    arrays: Arrays = {
        "splits": np.packbits(all_splits),
        "feature": feature.astype(np.uint8 if widest < 256 else np.uint16 if widest < 65536 else np.uint32),
        "threshold": threshold,
        "leaf": np.concatenate(leaves).astype(np.float32) if leaves else np.zeros((0, 1), np.float32),
    }
    if all_missing.any():
        arrays["missing_right"] = np.packbits(all_missing)
    config |= {"n_trees": len(trees), "n_nodes": len(all_splits), "n_outputs": n_outputs, "mode": mode, "base": [float(b) for b in base]}
    return Form("trees", config, arrays | sets)


def boosted_form(trees: Sequence[Tree], base: Sequence[float], present: Sequence[int], n_outputs: int) -> Form:
    """Return the form of boosted trees that were fitted on the classes `present` (sorted codes) alone.

    `base` has a start per class present; of two classes only one, the margin of the second over the first; of a single
    class none. `trees` stand round after round, one for each start, or one for all of them whose leaves are as wide.
    Classes that are absent get a probability next to zero.
    """
    if n_outputs == 2:
        return tree_form(trees, "sum", base if len(present) == 2 else [-NEVER if present[0] == 1 else NEVER], 2)
    own = list(present[1:]) if len(present) == 2 else list(present) if len(present) > 2 else []
    margins = np.full(n_outputs, NEVER)
    margins[list(present)] = 0.0
    margins[own] = base
    if trees and trees[0].value.shape[1] == len(own) > 1:
        filled = [replace(tree, value=_spread(tree.value, own, n_outputs)) for tree in trees]
    else:
        place = {code: k for k, code in enumerate(own)}
        rounds = range(0, len(trees), max(1, len(own)))
        filled = [trees[first + place[code]] if code in place else lone_leaf() for first in rounds for code in range(n_outputs)]
    return tree_form(filled, "sum", margins.tolist(), n_outputs)


def _spread(value: NDArray[np.float32], columns: Sequence[int], width: int) -> NDArray[np.float32]:
    out = np.zeros((len(value), width), dtype=np.float32)
    out[:, columns] = value
    return out

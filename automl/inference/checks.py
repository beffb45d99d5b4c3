"""A model out of a file is looked at before it predicts: every index, every shape and every size, as compiled code does not look.

Whoever made the file may have meant harm: sizes are compared with what is there before anything is made of that size.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automl.inference.blend import BLEND, voices_of
from automl.inference.category_sets import sets_of
from automl.inference.forms import ROWS_PER_SCALE, Arrays, Form, Model
from automl.inference.network_bytes import MOST_INPUTS
from automl.inference.trees import roots_of

MOST_LAYERS = 1000
MOST_DEGREE = 64


DENSE_ONLY = ("trees", "network", "encoded_network", "tabm", "realmlp", "kernel", "neighbours", "quadratic")
"""Kinds of model that take no matrix of words as CSR."""


def check_model(form: Form, views: Sequence[tuple[int, bool]], n_outputs: int | None) -> Form:
    """Return the form of a model if it can predict rows of one matrix per view as `n_outputs` (None: any) numbers each; of a view it
    is told the number of columns, and whether it is CSR.

    Raises ValueError or TypeError otherwise, KeyError where a part is missing. Kinds of model that have no rules here are only held
    to numbers that are finite.
    """
    if form.kind == BLEND:
        _require(bool(form.config["members"]), "the blend has no members")
        for voice in voices_of(form):
            _require(voice.model.kind != BLEND, "there is a blend inside a blend")
            _require(0 <= _whole(voice.view, "a view") < len(views), "a member looks at a view that is not there")
            _finite(voice.weight, "a weight")
            _check_one(voice.model, *views[voice.view], n_outputs)
        return form
    _require(len(views) == 1, "the model takes one matrix, and the features make several")
    _check_one(form, *views[0], n_outputs)
    return form


def rehearsed(model: Model, form: Form, views: Sequence[tuple[int, bool]]) -> Model:
    """Return a model that answers a row of zeros with finite numbers, where its kind has no rules here. Raises ValueError otherwise, or what it raises."""
    if form.kind in RULES or form.kind == BLEND:
        return model
    answer = model.predict(np.zeros((1, views[0][0]), dtype=np.float32))
    _require(answer.ndim == 2 and len(answer) == 1 and bool(np.isfinite(answer).all()), "the model does not answer with numbers")
    return model


def _check_one(form: Form, n_columns: int, sparse: bool, n_outputs: int | None) -> None:
    _require(not (sparse and form.kind in DENSE_ONLY), "the model takes no sparse matrix")
    for name, array in form.arrays.items():
        _require(array.dtype.kind in "biuf", f"{name} holds no numbers")
        if array.dtype.kind == "f" and form.kind != "trees":  # cut points may be infinite
            _require(bool(np.isfinite(array).all()), f"{name} holds numbers that are none")
    if form.kind in RULES:
        RULES[form.kind](form, form.arrays, n_columns, n_outputs)


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise ValueError(fault)


def _whole(value: Any, what: str) -> int:
    _require(isinstance(value, int) and not isinstance(value, bool), f"{what} is no whole number")
    return int(value)


def _finite(value: Any, what: str) -> float:
    _require(isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value), f"{what} is no number")
    return float(value)


def _shape(array: NDArray[Any], *sizes: int) -> None:
    _require(array.shape == sizes, f"an array is {array.shape}, and should be {sizes}")


def _narrow(arrays: Arrays, name: str) -> None:
    """Check what stands beside an array of 8 bits (see forms.widen)."""
    array = arrays[name]
    if array.dtype not in (np.int8, np.uint8):
        return
    scale = arrays[f"{name}.scale"]
    blocks = -(-len(array) // ROWS_PER_SCALE)
    _require(scale.shape in ((array.shape[-1],), (max(1, blocks), array.shape[-1])), f"the scales of {name} do not fit it")
    if f"{name}.zero" in arrays:
        _shape(arrays[f"{name}.zero"], array.shape[-1])


def _indices(array: NDArray[Any], below: int, what: str) -> None:
    _require(array.dtype.kind in "iu" and array.ndim == 1, f"{what} are no positions")
    _require(not len(array) or (int(array.min()) >= 0 and int(array.max()) < below), f"{what} lead beyond what there is")


def _classes(form: Form, n_classes: int, n_outputs: int | None) -> None:
    """Check the codes of the classes that a fit saw."""
    present, most = form.config["present"], _whole(form.config["n_outputs"], "n_outputs")
    _require(isinstance(present, list) and len(present) == n_classes, "the classes do not fit the model")
    codes = [_whole(code, "a class") for code in present]
    _require(len(set(codes)) == len(codes) and min(codes, default=0) >= 0 and max(codes, default=0) < most, "a class is not one of the outputs")
    _require(n_outputs in (None, most), "the model has other outputs than the artifact has classes")


def _margins(found: int, n_outputs: int | None) -> None:
    _require(n_outputs is None or found == n_outputs or (found == 1 and n_outputs == 2), "the model has other outputs than the artifact has classes")


def _constant(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    _require(arrays["output"].ndim == 1 and n_outputs in (None, len(arrays["output"])), "the constant has other outputs than there are classes")


def _linear(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    _narrow(arrays, "weights")
    _shape(arrays["weights"], n_columns, len(arrays["bias"]))
    _shape(arrays["bias"], arrays["weights"].shape[1])
    _margins(len(arrays["bias"]), n_outputs)


def _network(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    layers = _whole(form.config["layers"], "layers")
    _require(1 <= layers <= MOST_LAYERS, "the number of layers cannot be")
    width, units = n_columns, 0
    for i in range(layers):
        weights = arrays[f"weights.{i}"]
        _require(weights.ndim == 2 and weights.shape[0] == width, f"layer {i} does not fit the one before it")
        width = weights.shape[1]
        units += width
        _require(form.config.get("sums") != "bytes" or (weights.dtype == np.int8 and len(weights) <= MOST_INPUTS), f"layer {i} holds no bytes to add up")
    _shape(arrays["bias"], units)
    if "scale" in arrays:
        _shape(arrays["scale"], units)
    _margins(width, n_outputs)


def _encoded_network(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    numbers, columns = arrays["encode.numbers"], arrays["encode.columns"]
    _indices(numbers, n_columns, "numbers")
    _indices(columns, n_columns, "parts of ranges")
    for name, size in (("centre", len(numbers)), ("scale", len(numbers)), ("low", len(columns)), ("slope", len(columns))):
        _shape(arrays[f"encode.{name}"], size)
    _network(form, arrays, n_columns + len(columns), n_outputs)


def _kernel(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    n_support, n_classes = len(arrays["support"]), len(arrays["bias"])
    _shape(arrays["support"], n_support, n_columns)
    _shape(arrays["dual"], n_support, n_classes)
    _shape(arrays["bias"], n_classes)
    for name in ("support", "dual"):
        _narrow(arrays, name)
    _require(form.config["kernel"] in ("rbf", "poly"), "the kernel is not known")
    _finite(form.config["gamma"], "gamma")
    if form.config["kernel"] == "poly":
        _finite(form.config["coef0"], "coef0")
        _require(0 <= _whole(form.config["degree"], "degree") <= MOST_DEGREE, "the degree cannot be")
    _classes(form, n_classes, n_outputs)


def _neighbours(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    n_rows, most = len(arrays["rows"]), _whole(form.config["n_outputs"], "n_outputs")
    _shape(arrays["rows"], n_rows, n_columns)
    _narrow(arrays, "rows")
    _shape(arrays["code"], n_rows)
    _indices(arrays["code"], most, "classes of neighbours")
    _shape(arrays["shares"], most)
    if "weight" in arrays:
        _shape(arrays["weight"], n_rows)
    _require(1 <= _whole(form.config["k"], "k") <= n_rows, "there are fewer rows than neighbours to look at")
    _require(form.config["metric"] in ("euclidean", "manhattan") and form.config["weights"] in ("uniform", "distance"), "the distance is not known")
    _require(n_outputs in (None, most), "the model has other outputs than the artifact has classes")


def _naive_bayes(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    n_classes, n_numbers, n_marks = len(arrays["bias"]), len(arrays["numbers"]), len(arrays["marks"])
    _indices(arrays["numbers"], n_columns, "columns")
    _indices(arrays["marks"], n_columns, "columns")
    for name, sizes in (("means", (n_classes, n_numbers)), ("precision", (n_classes, n_numbers)), ("weights", (n_marks, n_classes)), ("bias", (n_classes,))):
        _shape(arrays[name], *sizes)
    _narrow(arrays, "weights")
    _classes(form, n_classes, n_outputs)


def _quadratic(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    n_classes = len(arrays["bias"])
    _shape(arrays["means"], n_classes, n_columns)
    _shape(arrays["whiten"], n_classes, n_columns * (n_columns + 1) // 2)
    _shape(arrays["bias"], n_classes)
    if arrays["whiten"].dtype.kind != "f":
        _shape(arrays["whiten.scale"], n_classes, n_columns)
    _finite(form.config["slope"], "slope")
    _classes(form, n_classes, n_outputs)


def _trees(form: Form, arrays: Arrays, n_columns: int, n_outputs: int | None) -> None:
    """Check that the bits are whole trees, one after the other, and that there is as much of everything as they have splits and leaves.

    Nothing else in the file leads anywhere: children follow from the bits (see inference.trees).
    """
    n_nodes, n_trees = _whole(form.config["n_nodes"], "n_nodes"), _whole(form.config["n_trees"], "n_trees")
    most = _whole(form.config["n_outputs"], "n_outputs")
    _require(0 <= n_trees <= n_nodes and arrays["splits"].dtype == np.uint8, "the trees are none")
    _require(arrays["splits"].shape == (-(-n_nodes // 8),), "there are not as many nodes as are said to be")
    splits = np.unpackbits(arrays["splits"], count=n_nodes).astype(bool)
    height = np.cumsum(np.where(splits, 1, -1))
    closed = n_nodes == 0 or (int(height[-1]) == -n_trees and int(height[:-1].min(initial=0)) > -n_trees)  # the last node ends the last tree
    _require(closed and len(roots_of(splits)) == n_trees, "the nodes are no whole trees")
    n_splits = int(splits.sum())
    feature = arrays["feature"]
    _shape(feature, n_splits)
    _indices(feature, n_columns if "sets" not in arrays else _sets(form, n_columns), "splits")
    if "threshold" in arrays:
        _shape(arrays["threshold"], n_splits)
    else:
        _positions(arrays, feature.astype(np.int64))
    if "missing_right" in arrays:
        _shape(arrays["missing_right"], -(-n_splits // 8))
    _leaves(form, arrays, n_trees, n_nodes - n_splits, most)
    _require(n_outputs in (None, most), "the trees have other outputs than the artifact has classes")


def _sets(form: Form, n_columns: int) -> int:
    """Check sets of categories, and return how many columns there are with one for each set."""
    for name in ("set_columns", "set_codes", "set_counts"):
        _require(form.arrays[name].dtype.kind in "iu", f"{name} holds no whole numbers")
    _require(0 <= _whole(form.config["sets_from"], "sets_from") <= n_columns, "the sets stand beyond the columns")
    found = sets_of(form)
    _require(found is not None and found.n_columns <= n_columns, "sets are of columns that are not there")
    assert found is not None
    return found.first + found.n_sets


def _positions(arrays: Arrays, feature: NDArray[np.int64]) -> None:
    """Check the cut points that splits point to; what a position is among them, the reader of the positions sees to."""
    counts = arrays["cut_counts"]
    _require(counts.dtype.kind in "u" and counts.ndim == 1, "there are no counts of cut points")
    _indices(feature, len(counts), "splits")
    wide = counts.astype(np.int64)
    _require(bool((wide[feature] > 0).all()), "a split has no cut point")
    _require(sum(len(arrays[name]) for name in ("cuts16", "cuts32") if name in arrays) == int(wide.sum()), "there are not as many cut points as are said to be")
    widths = np.ceil(np.log2(np.maximum(wide, 1))).astype(np.int64)[feature]
    _shape(arrays["bin"], -(-int(widths.sum()) // 8))
    if "cut_narrow" in arrays:
        _shape(arrays["cut_narrow"], -(-len(counts) // 8))


def _leaves(form: Form, arrays: Arrays, n_trees: int, n_leaves: int, most: int) -> None:
    leaf = arrays["leaf"]
    if "leaf.rows" in arrays:
        _shared(form, arrays, n_leaves, most)
        return
    _require(leaf.ndim == 2 and len(leaf) == n_leaves, "there are not as many leaves as the trees end in")
    if leaf.dtype.kind == "i":
        _shape(arrays["leaf.scale"], n_trees)
    if "leaf.scale" in arrays:
        _require(bool(np.isfinite(arrays["leaf.scale"]).all()), "a scale of leaves is no number")
    _require(form.config["mode"] in ("sum", "mean"), "it is not known how the trees add up")
    if form.config["mode"] == "mean":
        return
    base = form.config["base"]
    _require(isinstance(base, list) and len(base) > 0, "the trees start from nothing")
    for value in base:
        _finite(value, "the start of the trees")
    _margins(len(base), most)


def _shared(form: Form, arrays: Arrays, n_leaves: int, most: int) -> None:
    """Check leaves that point to rows of whole numbers."""
    rows, leaf = arrays["leaf.rows"], arrays["leaf"]
    _require(form.config["mode"] == "mean" and rows.dtype in (np.uint8, np.uint16) and rows.ndim == 2, "the leaves hold no whole numbers")
    _shape(rows, len(rows), most)
    _shape(leaf, n_leaves)
    _require(leaf.dtype in (np.uint8, np.uint16, np.uint32), "leaves are no positions")
    _indices(leaf, len(rows), "leaves")
    totals = rows.sum(axis=1, dtype=np.int64)
    _require(len(rows) > 0 and int(totals[0]) > 0 and bool((totals == totals[0]).all()), "what leaves say does not add up to the same")


Rule = Callable[[Form, Arrays, int, int | None], None]
RULES: dict[str, Rule] = {
    "constant": _constant, "linear": _linear, "network": _network, "encoded_network": _encoded_network, "kernel": _kernel, "neighbours": _neighbours,
    "naive_bayes": _naive_bayes, "quadratic": _quadratic, "trees": _trees,
}  # fmt: skip

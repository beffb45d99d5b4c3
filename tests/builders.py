"""Small things that several unit tests are made of: a spec, a dataset, random trees."""

from pathlib import Path

import numpy as np

from automl.data.dataset import Dataset, load_dataset
from automl.families.tree_forms import Tree
from automl.inference.table import Column, Field, Table
from automl.spec.model import Spec


def spec_of(data: object = "t.csv", target: str = "y", task: dict | None = None, **sections: object) -> Spec:
    return Spec.model_validate({"data": data, "task": {"type": "classification", "target": target, **(task or {})}, **sections})


def loaded(folder: Path, text: str, spec: Spec | None = None) -> Dataset:
    (folder / "t.csv").write_text(text)
    return load_dataset(spec or spec_of(), folder)


def dataset_of(y, **columns) -> Dataset:
    """Return a dataset of float arrays as numbers and (codes, levels) pairs as categories."""
    y = np.asarray(y, dtype=np.int64)
    table, fields = {}, []
    for name, values in columns.items():
        coded = isinstance(values, tuple)
        table[name] = Column("coded", np.asarray(values[0], np.int32), tuple(values[1])) if coded else Column("number", np.asarray(values, np.float64))
        fields.append(Field(name, "category" if coded else "number"))
    classes = tuple(f"class{i}" for i in range(int(y.max()) + 1))
    return Dataset(Table(table, len(y)), tuple(fields), (), "y", classes, 0, y, np.arange(len(y)) + 1, "made", "", ())


def random_tree(
    rng: np.random.Generator, n_features: int, depth: int, width: int = 1, shuffle: bool = True, halves: int = 0, codes: dict[int, int] | None = None
) -> Tree:
    """Return a random tree; with `shuffle`, its nodes (but for the root) stand in any order.

    The thresholds of the first `halves` features are small whole numbers. `codes` says of features that are categories how many codes their sets have at most.
    """
    left, right, feature, threshold, missing = [], [], [], [], []
    sets = {}

    def grow(level: int) -> int:
        at = len(left)
        for column, value in zip((left, right, feature, threshold, missing), (-1, -1, 0, 0.0, False), strict=True):
            column.append(value)
        if level and rng.random() < 0.8:
            feature[at], missing[at] = int(rng.integers(n_features)), bool(rng.random() < 0.5)
            threshold[at] = float(rng.integers(-3, 4)) if feature[at] < halves else float(np.float32(rng.normal()))
            if codes and feature[at] in codes:
                sets[at] = rng.random(int(rng.integers(codes[feature[at]] + 1)) + 2) < 0.5
            left[at] = grow(level - 1)
            right[at] = grow(level - 1)
        return at

    grow(depth)
    n = len(left)
    place = np.concatenate(([0], 1 + rng.permutation(n - 1))) if shuffle else np.arange(n)
    origin = np.argsort(place)
    moved = np.append(place, -1)
    value = rng.normal(size=(n, width)).astype(np.float32)
    return Tree(
        moved[np.array(left)[origin]], moved[np.array(right)[origin]], np.array(feature)[origin], np.array(threshold, np.float32)[origin],
        np.array(missing)[origin], value, {int(place[at]): bits for at, bits in sets.items()},
    )  # fmt: skip


def walk(tree: Tree, row: np.ndarray) -> np.ndarray:
    """Return the leaf values one row reaches, step by step."""
    node = 0
    while tree.left[node] >= 0:
        value = row[tree.feature[node]]
        if node in tree.right_codes:
            bits = tree.right_codes[node]
            right = bits[-1] if np.isnan(value) else bits[int(value)] if 0 <= value < len(bits) - 2 else bits[-2]
        else:
            right = tree.missing_right[node] if np.isnan(value) else value >= tree.threshold[node]
        node = tree.right[node] if right else tree.left[node]
    return tree.value[node]

"""Bins by compiled code, however many columns and cut points there are: what the walk in numpy says of the same trees."""

from dataclasses import replace

import numpy as np
import pytest

from automl.families.tree_forms import Tree, tree_form
from tests.inference.test_trees import predict


def steps(columns, counts, seed):
    """Return trees of one split each: `counts` different cut points of each of `columns`."""
    rng = np.random.default_rng(seed)
    made = []
    for column, count in zip(columns, counts, strict=True):
        for cut in np.sort(rng.normal(size=count).astype(np.float32)):
            ints = [np.array(v, np.int64) for v in ([1, -1, -1], [2, -1, -1], [column, 0, 0])]
            value = rng.normal(size=(3, 1)).astype(np.float32)
            made.append(Tree(*ints, np.array([cut, 0, 0], np.float32), np.array([rng.random() < 0.3, False, False]), value))
    return made


@pytest.mark.parametrize(
    ("width", "columns"),
    [(1, [0]), (9, [0, 3, 8]), (16, range(16)), (17, range(1, 17)), (40, [0, 1, 2, 20, 37, 38, 39]), (300, [*range(5), 150, *range(290, 300)])],
)
def test_every_number_of_columns_and_cut_points(width, columns):
    counts = [(1, 15, 16, 17, 31, 32, 63, 64, 127, 128, 255)[(i + width) % 11] for i in range(len(columns))]
    made = steps(columns, counts, width)
    rng = np.random.default_rng(width)
    x = rng.normal(size=(150, width)).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = np.nan
    x[0], x[1], x[2] = np.inf, -np.inf, np.nan
    for i, tree in enumerate(made[: len(x) - 3]):
        x[3 + i, tree.feature[0]] = tree.threshold[0]  # exactly on a cut point
    predict(tree_form(made, "sum", [0.0], 2), x)
    never = [replace(tree, missing_right=np.zeros(3, bool)) for tree in made]
    predict(tree_form(never, "sum", [0.0], 2), x)

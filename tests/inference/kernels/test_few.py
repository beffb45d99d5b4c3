"""What compiled code for few rows costs; what it says, test_trees compares with the walk in numpy."""

import time

import numpy as np

from automl.families.tree_forms import tree_form
from automl.inference import boosted, compiled
from automl.inference.forms import Model
from tests.builders import random_tree


def seconds(form, x):
    """Return the least CPU seconds of some calls."""
    model, found = Model(form), []
    compiled.settle()
    for _ in range(12):
        began = time.process_time()
        model.predict(x)
        found.append(time.process_time() - began)
    return min(found)


def test_a_tree_takes_as_long_with_several_classes_as_with_two(monkeypatch):
    """References to arrays were once counted at every tree of several classes, which took ten times as long as the trees."""
    monkeypatch.setattr(boosted, "MANY_ROWS", dict.fromkeys(boosted.MANY_ROWS, 1 << 30))
    rng = np.random.default_rng(0)
    trees = [random_tree(rng, 8, 6) for _ in range(300)]
    x = rng.normal(size=(200, 8)).astype(np.float32)
    assert seconds(tree_form(trees, "sum", [0.0] * 3, 3), x) < 4 * seconds(tree_form(trees, "sum", [0.0], 2), x)

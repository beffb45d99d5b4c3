"""What there is to follow, counted on the model as it ships."""

import numpy as np
import pytest

from automl.evaluate.readable import MOST_LEAVES, MOST_TERMS, readable
from automl.families.tree_forms import tree_form
from automl.inference.forms import Form

from ..builders import random_tree


def features(n, **config):
    return Form("features", {"steps": [{"kind": "raw", "column": f"c{i}"} for i in range(n)], "sparse": False, **config})


def linear(weights):
    return Form("linear", {"n_outputs": 2}, {"weights": np.asarray(weights, np.float32), "bias": np.zeros(2, np.float32)})


@pytest.mark.parametrize(("n", "met"), [(MOST_TERMS, True), (MOST_TERMS + 1, False)])
def test_a_linear_model_of_few_terms(n, met):
    found = readable(features(n), linear(np.ones((n, 2))), True)
    assert found.met is met and found.words == f"{n} terms"


def test_terms_without_a_weight_do_not_count():
    weights = np.zeros((MOST_TERMS + 10, 2))
    weights[3] = 1
    assert readable(features(MOST_TERMS + 10), linear(weights), True).words == "1 term"


def test_all_levels_of_a_category_are_one_term_and_each_word_is_its_own():
    form = Form("features", {"steps": [{"kind": "onehot", "column": "a", "levels": [str(i) for i in range(80)], "other": False}], "sparse": False})
    from automl.inference.features import Features

    width = Features(form).n_columns
    assert width >= 80 and readable(form, linear(np.ones((width, 2))), True).words == "1 term"


def test_columns_that_were_not_selected_do_not_count():
    form = features(4)
    chosen = Form("features", form.config, {"select": np.array([1, 3])})
    assert readable(chosen, linear(np.ones((2, 2))), True).words == "2 terms"


@pytest.mark.parametrize(("depth", "trees", "met"), [(3, 1, True), (9, 1, False), (2, 2, False)])
def test_one_small_tree(depth, trees, met):
    rng = np.random.default_rng(5)
    grown = (random_tree(rng, 3, depth, 2) for _ in range(1000))
    some = [tree for tree in grown if depth < 9 or (tree.left < 0).sum() > MOST_LEAVES][:trees]
    found = readable(features(3), tree_form(some, "mean", [], 2), True)
    leaves = int(found.words.split(" of ")[1].split()[0])
    assert found.met is met and (leaves > MOST_LEAVES) == (depth == 9), found.words


def test_what_a_family_does_not_promise_is_not_read_off_the_form():
    assert not readable(features(1), linear(np.ones((1, 2))), False).met
    assert not readable(features(1), Form("network", {}), True).met
    assert readable(features(0), Form("constant", {}), True).met

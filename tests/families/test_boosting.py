"""Guesses of what boosting costs: their shape, as the search corrects the scale."""

from dataclasses import replace

import pytest

from automl.families import FAMILIES
from automl.families.base import Context
from automl.families.boosting import Speed, boosting_mb, boosting_seconds, usual_rounds

SPEED = Speed(tree=3e-4, leaf=1e-5, split=1e-6, row=5e-9, cell=1e-9, rounds=1.0, word=0.2, bytes=3)
CONTEXT = Context("classification", 10_000, 20, 2)


def seconds(context=CONTEXT, rate=0.1, leaves=32, share=1.0):
    return boosting_seconds(context, rate, leaves, share, 100, 1000, 30, SPEED)


def test_slow_rates_and_small_trees_need_more_rounds_up_to_the_cap():
    def rounds(rate, leaves, rows=10_000):
        return usual_rounds(replace(CONTEXT, n_rows=rows), rate, leaves, 1000, 30, SPEED)

    assert rounds(0.02, 32) > 2 * rounds(0.1, 32) and rounds(0.1, 8) > rounds(0.1, 32) and rounds(0.1, 32, 100_000) > rounds(0.1, 32)
    assert rounds(1e-4, 32) == 1000
    assert usual_rounds(replace(CONTEXT, rounds=17), 0.1, 32, 1000, 30, SPEED) == 17


def test_what_is_larger_costs_more():
    base = seconds()
    for other in (replace(CONTEXT, n_rows=40_000), replace(CONTEXT, n_columns=80), replace(CONTEXT, n_outputs=6), replace(CONTEXT, text=True)):
        assert seconds(other) > 1.2 * base
    assert seconds(share=0.3) < base < seconds(rate=0.05)
    assert seconds(replace(CONTEXT, n_rows=40_000, rounds=100)) == pytest.approx(4 * seconds(replace(CONTEXT, rounds=100)), rel=0.6)


def test_memory_counts_copies_of_the_matrix_gradients_and_trees():
    def mb(context):
        return boosting_mb(context, 0.1, 32, 100, 1000, 30, SPEED)

    assert mb(replace(CONTEXT, n_rows=4_000_000)) - mb(replace(CONTEXT, n_rows=2_000_000)) == pytest.approx(2e6 * (3 * 20 + 40) / 2**20, rel=0.1)
    assert mb(replace(CONTEXT, n_outputs=10)) > mb(CONTEXT) and mb(replace(CONTEXT, text=True)) > mb(CONTEXT)


@pytest.mark.parametrize("name", ["decision_tree", "random_forest", "extra_trees", "xgboost", "hist_gradient_boosting", "lightgbm", "catboost"])
def test_guesses_of_every_family_of_trees_rise_with_the_table(name):
    family = FAMILIES.get("classification", name)
    params = family.space(CONTEXT).default()
    larger = [replace(CONTEXT, n_rows=40_000), replace(CONTEXT, n_columns=80), replace(CONTEXT, text=True)]
    assert all(family.cost(other, params) > family.cost(CONTEXT, params) > 0 for other in larger)
    assert family.cost(CONTEXT, {}) == family.cost(CONTEXT, params), "what is left to the library is guessed as the default"
    assert family.memory(replace(CONTEXT, n_rows=40_000)) > family.memory(CONTEXT) > 0
    assert family.memory(replace(CONTEXT, n_rows=1_000_000, n_columns=30)) < 8000, "a million rows must fit a machine of today"

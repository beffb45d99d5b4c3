"""Bins and units, run here step by step in Python, against the rows' way through the trees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.families.tree_forms import tree_form
from automl.inference.tree_units import FILL, KINDS, MOST_CUTS, UPPER3, bins_of, units_of
from automl.inference.trees import layout
from tests.builders import random_tree, walk
from tests.inference.test_trees import FEATURES, forest


def binned(bins, row):
    """Return the bins of one row by their place in the block."""
    block = np.zeros(bins.n_planes, np.int64)
    for feature, first, count, low, high in zip(bins.used, bins.first, bins.count, bins.low_plane, bins.high_plane, strict=True):
        value = row[feature]
        reached = int((value >= bins.cuts[first : first + count]).sum())
        if low >= 0:
            block[low] = reached
        if high >= 0:
            block[high] = 255 if np.isnan(value) else reached
    return block


def run(units, tree, code_at, block, planes, lanes):
    """Run the units of one tree on one row; return its leaf's bits and the place of the next tree's words."""
    slots, at = [], code_at
    for kind in range(KINDS):
        size = kind if kind < UPPER3 else (3, 1, 2)[kind - UPPER3]
        ends = 1 << size
        for _ in range(units.counts[tree, kind]):
            places, thresholds = units.code[at : at + ends - 1], units.code[at + ends - 1 : at + 2 * (ends - 1)].astype(np.uint32)
            assert all(t == (t & 255) * 0x01010101 for t in thresholds.tolist())
            at += 2 * (ends - 1)
            node = 0
            while node < ends - 1:
                node = 2 * node + 1 + (block[places[node] // 256] > thresholds[node] & 255)
            end = node - (ends - 1)
            if kind >= UPPER3:
                slots.append(slots[units.code[at + end] // (lanes * planes)])
                at += ends
            else:
                slots.append(sum((int(units.code[at + p * ends + end]) & 255) << (8 * p) for p in range(planes)))
                at += planes * ends
    return slots[-1], at


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(0, 9), st.sampled_from(["uint8", "uint16", "uint32"]))
def test_units_lead_each_row_to_its_leaf(seed, n_trees, depth, kind):
    made, x = forest(seed, n_trees, depth=depth)
    trees = layout(tree_form(made, "sum", [0.0], 2))
    bins, plane, position = bins_of(*trees.asked)
    bits = np.zeros(len(trees.left), dtype=kind)
    bits[trees.ends] = np.arange(len(trees.ends)).astype(kind)
    units = units_of(trees.splits, trees.roots.astype(np.int64) // 4, trees.left, trees.depths, plane, position, bits, lanes=64)
    values = trees.cuts[3::4][trees.ends]
    for row in x[:6]:
        at, block = 0, binned(bins, row)
        for t, tree in enumerate(made):
            leaf, at = run(units, t, at, block, bits.itemsize, 64)
            expected = walk(tree, row)[0]
            assert expected in (values[leaf::256] if kind == "uint8" else values[leaf : leaf + 1])
    assert at == len(units.code) and units.counts.sum(axis=1).max() == units.most_slots


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 6))
def test_a_bin_says_what_every_split_asks(seed, n_trees, depth):
    made, x = forest(seed, n_trees, depth=depth)
    trees = layout(tree_form(made, "sum", [0.0], 2))
    feature, threshold, right = trees.asked
    bins, plane, position = bins_of(feature, threshold, right)
    for row in x:
        block = binned(bins, row)
        for f, cut, to_right, p, k in zip(feature, threshold, right, plane, position, strict=True):
            assert (block[p] > k) == (to_right if np.isnan(row[f]) else row[f] >= cut)


def test_cut_points_are_followed_by_ones_that_no_value_reaches():
    bins, _, position = bins_of(np.array([3, 1, 3, 3]), np.array([5, 0, -1, 5], np.float32), np.array([False, True, True, False]))
    assert bins.used.tolist() == [1, 3] and bins.count.tolist() == [1, 2] and position.tolist() == [1, 0, 0, 1]
    assert bins.cuts[: bins.first[1]].tolist()[0] == 0 and np.isnan(bins.cuts[1 : bins.first[1]]).all() and np.isnan(bins.cuts[bins.first[1] + 2 :]).all()
    assert bins.low_plane.tolist() == [-1, 1] and bins.high_plane.tolist() == [0, 2] and bins.n_planes == 3


@pytest.mark.parametrize(("n", "fits"), [(MOST_CUTS, True), (MOST_CUTS + 1, False)])
def test_more_cut_points_than_a_byte_counts_are_refused(n, fits):
    assert (bins_of(np.zeros(n, np.int64), np.arange(n, dtype=np.float32), None) is not None) is fits


def test_a_chain_of_splits_takes_a_unit_for_every_three_levels():
    rng = np.random.default_rng(0)
    tree = random_tree(rng, FEATURES, 1)
    chain = tree
    while len(chain.left) != 3:
        chain = random_tree(rng, FEATURES, 1)
    left = np.array([1, -1, 3, -1, 5, -1, 7, -1, -1])
    right = np.array([2, -1, 4, -1, 6, -1, 8, -1, -1])
    zeros = np.zeros(9, np.int64)
    made = type(chain)(left, right, zeros, np.arange(9, dtype=np.float32), np.zeros(9, bool), np.arange(9, dtype=np.float32)[:, None])
    trees = layout(tree_form([made], "sum", [0.0], 2))
    _, plane, position = bins_of(*trees.asked)
    units = units_of(trees.splits, trees.roots.astype(np.int64) // 4, trees.left, trees.depths, plane, position, np.zeros(9, np.uint8), 64)
    assert trees.depths.tolist() == [4] and units.counts[0].tolist() == [1, 0, 0, 1, 0, 1, 0] and units.counts[0, FILL] == 1


def test_a_threshold_without_end_is_one_cut_point_however_many_splits_have_it(recwarn):
    threshold = np.array([np.inf, 1.0, np.inf, -np.inf, np.inf], np.float32)
    bins, _, position = bins_of(np.zeros(5, np.int64), threshold, None)
    assert bins.count.tolist() == [3] and position.tolist() == [2, 1, 2, 0, 2] and not recwarn.list

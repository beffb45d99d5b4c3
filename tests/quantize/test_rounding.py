"""Fewer bits: what is lost is bounded, columns of two values lose nothing, and rounding that looks at rows loses less on such rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.inference.forms import ROWS_PER_SCALE, widen
from automl.quantize.rounding import bytes_of_columns, eight_bits, eight_bits_in_blocks, halves, looking_at, scales, stored_bytes

RNG = np.random.default_rng(0)


def test_halves_only_where_they_fit():
    assert halves(np.array([1.0, -65504.0])).dtype == np.float16
    assert halves(np.array([1.0, 70000.0])).dtype == np.float32
    assert scales(np.array([1e-6, 1.0])).dtype == np.float32 and scales(np.array([0.5, 1.0])).dtype == np.float16


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(1, 300), st.integers(1, 4))
def test_a_scale_per_block_loses_at_most_half_a_step_of_its_block(seed, n_in, n_out):
    weights = np.random.default_rng(seed).standard_cauchy(size=(n_in, n_out)).astype(np.float32)
    whole, scale = eight_bits_in_blocks(weights)
    assert scale.shape == (-(-n_in // ROWS_PER_SCALE), n_out)
    wide = widen({"w": whole, "w.scale": scale}, "w")
    assert (np.abs(wide - weights) <= np.repeat(scale, ROWS_PER_SCALE, axis=0)[:n_in] / 2 * (1 + 1e-4)).all()
    plain, one = eight_bits(weights)
    assert np.abs(wide - weights).sum() <= np.abs(widen({"w": plain, "w.scale": one}, "w") - weights).sum() * 1.001


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 999), st.integers(0, 50), st.integers(1, 5))
def test_bytes_keep_the_ends_of_a_column_and_lose_half_a_step_between(seed, n_rows, n_columns):
    rows = np.random.default_rng(seed).normal(3, 10, size=(n_rows, n_columns)).astype(np.float32)
    arrays = stored_bytes("r", rows)
    assert arrays["r"].dtype == np.uint8
    wide = widen(arrays, "r", np.float64)
    assert wide.shape == rows.shape and (np.abs(wide - rows) <= arrays["r.scale"] / 2 * 1.001 + 1e-5).all()


def test_columns_of_two_values_and_of_one_are_exact():
    rows = np.stack([RNG.choice([-0.25, 3.5], 40), np.full(40, 7.25), RNG.choice([0.0, 1.0], 40)], axis=1).astype(np.float32)
    whole, step, low = bytes_of_columns(rows)
    assert np.allclose(whole * step.astype(np.float64) + low, rows, atol=1e-6)
    assert (whole[:, 1] == 0).all()


@pytest.mark.parametrize("blocks", [False, True])
def test_rounding_for_rows_changes_their_products_less(blocks):
    mix = RNG.normal(size=(6, 100))
    x = (RNG.normal(size=(500, 6)) @ mix + 0.1 * RNG.normal(size=(500, 100))).astype(np.float32)
    weights = RNG.normal(size=(100, 5)).astype(np.float32)
    plain, scale = eight_bits_in_blocks(weights) if blocks else eight_bits(weights)
    chosen = looking_at(x[:250], weights, scale)
    assert chosen.dtype == np.int8 and chosen.shape == weights.shape
    lost = [np.square(x[250:] @ (widen({"w": w, "w.scale": scale}, "w") - weights)).mean() for w in (plain, chosen)]
    assert lost[1] < 0.5 * lost[0]


def test_without_rows_rounding_is_plain():
    weights = RNG.normal(size=(10, 3)).astype(np.float32)
    plain, scale = eight_bits(weights)
    assert np.array_equal(looking_at(np.zeros((0, 10), np.float32), weights, scale), plain)


def test_rows_that_are_all_zero_break_nothing():
    weights = RNG.normal(size=(10, 3)).astype(np.float32)
    plain, scale = eight_bits(weights)
    assert np.abs(looking_at(np.zeros((5, 10), np.float32), weights, scale).astype(int) - plain).max() <= 127

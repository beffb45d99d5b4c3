"""Probabilities from margins: Platt's sigmoid for two classes, one slope and an offset per class for more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit, softmax

from automl.families.base import FitData
from automl.families.calibrate import LEAST_SLOPE, both, calibrate, centred, joined, rows_to_calibrate


def made(n=400, k=3, seed=0, sharp=4.0):
    """Margins that are `sharp` times too sure, and classes drawn from what they should say."""
    rng = np.random.default_rng(seed)
    true = centred(rng.normal(0, 1.2, (n, k)))
    y = (true + rng.gumbel(size=(n, k))).argmax(axis=1)
    return sharp * true, y, np.ones(n)


def loss(margin, y):
    return -np.log(softmax(margin, axis=1)[np.arange(len(y)), y]).mean()


@pytest.mark.parametrize("share", [0.5, 0.1])
@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e4])
def test_two_classes_are_platts_sigmoid(share, scale):
    rng = np.random.default_rng(1)
    margin = rng.normal(size=300) * scale
    y = (margin / scale + rng.normal(0, 1, 300) > -np.quantile(margin / scale, share)).astype(np.int64)
    positives, negatives = y.sum(), (1 - y).sum()
    target = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def platt(at):
        z = at[0] * margin / scale + at[1]
        return (np.logaddexp(0, z) - target * z).sum()

    expected = minimize(platt, [1.0, 0.0], method="BFGS").x
    found = calibrate(both(margin[:, None]), y, np.ones(300))
    own = softmax(found.margins(both(margin[:, None])), axis=1)[:, 1]
    assert np.abs(own - expit(expected[0] * margin / scale + expected[1])).max() < 1e-4


def test_margins_that_are_too_sure_are_flattened_to_what_they_should_be():
    margin, y, weight = made(4000)
    found = calibrate(margin, y, weight)
    assert found.slope == pytest.approx(0.25, rel=0.1) and np.abs(centred(found.offset[None, :])).max() < 0.15
    assert loss(found.margins(margin), y) < loss(margin, y)


def test_offsets_move_a_class_that_came_out_too_likely():
    margin, y, weight = made(2000, sharp=1.0)
    found = calibrate(margin + np.array([2.0, 0, 0]), y, weight)
    assert found.offset[0] - found.offset[1:].mean() == pytest.approx(-2, abs=0.25)


def test_weights_are_repeats():
    margin, y, _ = made(80)
    times = np.random.default_rng(0).integers(1, 4, 80)
    weighted, repeated = calibrate(margin, y, times.astype(float)), calibrate(np.repeat(margin, times, axis=0), np.repeat(y, times), np.ones(times.sum()))
    assert weighted.slope == pytest.approx(repeated.slope, rel=1e-5) and np.allclose(weighted.offset, repeated.offset, atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(1, 30), st.floats(1e-6, 1e6), st.integers(0, 999))
def test_whatever_the_margins_the_ranking_stays_and_nothing_is_endless(k, n, scale, seed):
    rng = np.random.default_rng(seed)
    margin, y = centred(rng.normal(size=(n, k)) * scale), rng.integers(0, k, n)
    found = calibrate(margin, y, np.ones(n))
    assert np.isfinite(found.slope) and found.slope > 0 and np.isfinite(found.offset).all()


def test_classes_apart_do_not_make_an_endless_slope():
    y = np.arange(40) % 2
    found = calibrate(both((2.0 * y - 1)[:, None]), y, np.ones(40))
    assert softmax(found.margins(both(np.array([[1.0]]))), axis=1)[0, 1] == pytest.approx(21 / 22, abs=1e-3)


@pytest.mark.parametrize("k", [2, 3])
def test_rows_held_back_do_not_turn_a_ranking_round(k):
    margin, y, weight = made(300, k)
    found = calibrate(-margin, y, weight)
    assert found.slope == pytest.approx(LEAST_SLOPE / np.sqrt((margin**2).mean()), rel=1e-6)


def test_nothing_to_learn_from_leaves_the_margins_as_they_are():
    for margin, y in ((np.zeros((0, 3)), []), (np.zeros((4, 2)), [0, 1, 1, 0]), (np.zeros((3, 1)), [0, 0, 0])):
        found = calibrate(margin, np.array(y, np.int64), np.ones(len(y)))
        assert found.slope == 1 and not found.offset.any()


def test_rows_of_classes_that_were_not_learned_are_left_out():
    data = FitData(np.eye(3), np.array([1, 4, 4]), np.arange(6).reshape(3, 2), np.array([4, 2, 1]), None, np.array([1, 2, 3], np.float32))
    x, y, weight = rows_to_calibrate(data, np.array([1, 4]))
    assert x.tolist() == [[0, 1], [4, 5]] and y.tolist() == [1, 0] and weight.tolist() == [1, 3]


def test_a_class_without_a_row_held_back_is_stood_for_by_its_learning_rows():
    data = FitData(np.eye(4), np.array([0, 1, 2, 2]), np.full((2, 4), 5.0), np.array([0, 1]))
    x, y, weight = rows_to_calibrate(data, np.array([0, 1, 2]))
    assert x[:, 0].tolist() == [5, 5, 0, 0] and y.tolist() == [0, 1, 2, 2] and weight.tolist() == [1, 1, 0.5, 0.5]
    lone = FitData(np.eye(4), data.y, data.x_stop, np.array([9, 9]))
    assert rows_to_calibrate(lone, np.array([0, 1, 2]))[1].tolist() == [0, 1, 2, 2]


def test_without_rows_held_back_the_learning_rows_serve_and_there_is_nothing_to_join():
    data = FitData(np.eye(3), np.array([0, 1, 1]))
    x, y, weight = rows_to_calibrate(data, np.array([0, 1]))
    assert x.shape == (3, 3) and y.tolist() == [0, 1, 1] and weight.tolist() == [1, 1, 1]
    assert joined(data, np.array([0, 1])) is None and joined(FitData(data.x, data.y, data.x[:0], data.y[:0]), np.array([0, 1])) is None


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_joined_rows_keep_their_order_and_weights(kind):
    from scipy import sparse

    x = np.arange(10, dtype=np.float32).reshape(5, 2)
    wrap = sparse.csr_matrix if kind == "sparse" else np.asarray
    data = FitData(wrap(x[:2]), np.array([0, 1]), wrap(x[2:]), np.array([1, 7, 0]), np.ones(2, np.float32), np.full(3, 2, np.float32))
    found = joined(data, np.array([0, 1]))
    assert np.array_equal(found.x if kind == "dense" else found.x.toarray(), x[[0, 1, 2, 4]])
    assert found.y.tolist() == [0, 1, 1, 0] and found.weight.tolist() == [1, 1, 2, 2] and found.x_stop is None

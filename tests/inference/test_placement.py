import numpy as np
import pytest

from automl.inference.placement import nearest, place


def test_the_nearest_are_the_nearest():
    rng = np.random.default_rng(0)
    rows, x = rng.normal(size=(50, 4)).astype(np.float32), rng.normal(size=(9, 4)).astype(np.float32)
    near, squares = nearest(x, rows, 5)
    every = np.square(x[:, None] - rows[None]).sum(axis=2)
    assert (np.sort(near, axis=1) == np.sort(np.argsort(every, axis=1)[:, :5], axis=1)).all()
    assert squares == pytest.approx(np.take_along_axis(every, near, axis=1), abs=1e-4)
    assert nearest(x, rows[:3], 5)[0].shape == (9, 3)


def test_a_row_between_two_lies_between_them_and_a_kept_one_on_its_own():
    rows = np.array([[0.0], [1.0], [9.0]], np.float32)
    z = place(np.array([[0.5], [1.0]], np.float32), rows, np.array([[0.0], [10.0], [99.0]], np.float32), 2)
    assert z[:, 0] == pytest.approx([5.0, 10.0], abs=1e-5)


def test_copies_share_their_place():
    rows = np.zeros((3, 2), np.float32)
    assert place(rows[:1], rows, np.array([[0.0], [3.0], [6.0]], np.float32), 3)[0, 0] == pytest.approx(3.0)

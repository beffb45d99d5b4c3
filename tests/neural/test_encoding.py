import numpy as np
import pytest

from automl.inference.encoding import encoding
from automl.neural.encoding import LEAST_PER_BIN, fit_encoding


def _x(n=600):
    rng = np.random.default_rng(0)
    return np.stack([rng.normal(5, 2, n), (rng.random(n) < 0.3).astype(float), np.exp(rng.normal(0, 2, n)), np.ones(n)], axis=1).astype(np.float32)


def test_numbers_come_to_their_middle_and_are_softly_bounded_and_indicators_stay():
    x = _x()
    before = x.copy()
    found = encoding(fit_encoding(x))(x)
    assert found.shape == x.shape and np.array_equal(x, before)
    assert np.array_equal(found[:, 1], x[:, 1]) and np.array_equal(found[:, 3], x[:, 3])
    assert abs(np.median(found[:, 0])) < 1e-6 and abs(np.median(found[:, 2])) < 1e-6 and np.abs(found[:, [0, 2]]).max() < 3
    assert np.array_equal(np.argsort(found[:, 2], kind="stable"), np.argsort(x[:, 2], kind="stable"))


def test_parts_tell_how_far_a_number_got_through_its_range():
    x = _x()
    arrays = fit_encoding(x, bins=4)
    parts = encoding(arrays)(x)[:, 4:]
    assert set(arrays["encode.columns"]) == {0, 2} and parts.shape[1] == 8
    assert parts.min() == 0 and parts.max() == 1
    for own in (parts[:, :4], parts[:, 4:]):
        assert ((own[:, 1:] == 0) | (own[:, :-1] >= 1 - 1e-5)).all()  # a part begins where the one before it is full
        assert ((own > 0) & (own < 1)).any(axis=0).all()


def test_few_rows_make_few_parts_and_no_column_makes_none():
    assert len(fit_encoding(_x(3 * LEAST_PER_BIN), bins=48)["encode.columns"]) <= 2 * 3
    arrays = fit_encoding(np.ones((5, 2), np.float32), bins=8)
    assert encoding(arrays)(np.ones((1, 2), np.float32)).tolist() == [[1, 1]]


@pytest.mark.parametrize("rows", [0, 1])
def test_it_takes_rows_few_as_they_may_be(rows):
    arrays = fit_encoding(_x()[:1], bins=8)
    assert encoding(arrays)(_x()[:rows]).shape == (rows, 4)


def test_a_column_whose_quartiles_are_equal_is_scaled_by_its_range():
    x = np.array([[0.0]] * 90 + [[v] for v in np.linspace(1, 10, 10)], np.float32)
    arrays = fit_encoding(x)
    assert arrays["encode.scale"].tolist() == [5.0] and np.isfinite(encoding(arrays)(x)).all()

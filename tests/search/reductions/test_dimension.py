import numpy as np
import pytest

from automl.families.subspace import leading
from automl.search.reductions.dimension import components_for, intrinsic_dimension, knee, ladder, smallest_good


@pytest.mark.parametrize("d", [2, 5])
def test_the_dimension_of_a_flat_sheet_in_many_columns_is_found(d):
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(1500, d)) @ rng.normal(size=(d, 20))
    assert intrinsic_dimension(x.astype(np.float32), 0) == pytest.approx(d, rel=0.2)


def test_too_few_rows_or_copies_have_no_dimension():
    assert intrinsic_dimension(np.zeros((100, 3), np.float32), 0) is None
    assert intrinsic_dimension(np.random.default_rng(0).normal(size=(5, 3)), 0) is None


def test_copies_of_rows_do_not_change_it():
    x = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    assert intrinsic_dimension(np.concatenate([x, x]), 0) == pytest.approx(intrinsic_dimension(x, 0), rel=1e-6)


def test_the_knee_is_where_the_values_drop():
    assert knee(np.array([9.0, 8.5, 8.0, 1.0, 0.9, 0.8, 0.7, 0.6])) == 3
    assert knee(np.array([3.0])) == 1


def test_the_fewest_components_for_a_share():
    x = np.random.default_rng(0).normal(size=(5000, 3)) * np.sqrt([6.0, 3.0, 1.0])
    found = leading(x, 3)
    assert [components_for(found, share) for share in (0.5, 0.8, 0.95, 1.0)] == [1, 2, 3, 3]


def test_fewer_are_preferred_within_the_slack():
    assert smallest_good([1, 2, 4, 8], [0.5, 0.88, 0.895, 0.9], 0.01) == 4
    assert smallest_good([1, 2, 4], [0.5, 0.6, 0.9], 0.01) == 4


def test_the_ladder_rises_to_its_end():
    assert ladder(1) == [1]
    assert ladder(12) == [1, 2, 3, 4, 6, 9, 12]

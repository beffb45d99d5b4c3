"""What a fit is given inside a worker."""

import numpy as np

from automl.search.workers.fitting import joint_weights

Y = np.array([0, 0, 1, 1])


def test_weights_of_rows_and_of_classes_are_multiplied():
    assert joint_weights((), Y, None) is None
    assert joint_weights((0.5, 1.5), Y, None).tolist() == [0.5, 0.5, 1.5, 1.5]
    assert joint_weights((), Y, np.array([1.0, 3, 0, 0])).tolist() == [1, 3, 0, 0]
    both = joint_weights((0.5, 1.5), Y, np.array([1.0, 3, 1, 1]))
    assert np.allclose(both / both[0], [1, 3, 3, 3]) and np.isclose(both.mean(), 1) and both.dtype == np.float32


def test_where_nothing_counts_all_rows_count_alike():
    assert joint_weights((), Y, np.zeros(4)) is None

import numpy as np
import pytest

from automl.families.networks import smoothing_of, step_of


def test_labels_of_equal_classes_are_smoothed_as_asked_and_those_of_rare_ones_less():
    assert smoothing_of(0.1, np.arange(100) % 4, 4) == pytest.approx(0.1)
    rare = np.zeros(1000, np.int64)
    rare[:20] = 1
    assert 0.01 < smoothing_of(0.1, rare, 2) < 0.02
    assert smoothing_of(0.1, np.zeros(10, np.int64), 2) == 0


def test_rows_per_step_are_a_power_of_two_and_fit_the_table():
    assert [step_of(asked) for asked in (16, 23, 24, 100, 256)] == [16, 32, 32, 128, 256]
    assert [step_of(64, n) for n in (20, 200, 2000)] == [8, 25, 64]

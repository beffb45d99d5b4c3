"""Even and normal rows have no groups; a gap, or clouds that tell the rows shorter, are groups."""

import numpy as np
import pytest

from automl.search.clusters.geometry import Geometry
from automl.search.clusters.indices import code_length
from automl.search.clusters.structure import structure_of


def gain(x, labels):
    g = Geometry.of(x)
    return code_length(g, labels) - code_length(g, np.zeros(len(x), np.int64))


@pytest.mark.parametrize("columns", [2, 10])
def test_no_groups_in_even_and_normal_rows(columns):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        for x in (rng.uniform(-1.7, 1.7, (600, columns)), rng.normal(size=(600, columns))):
            x = x.astype(np.float32)
            found = structure_of(x, gain(x, (x[:, 0] > 0).astype(np.int64)), 60)
            assert not found["structure"] and found["dip"]["p"] > 0.01 and found["code_length"]["gain"] < 10


def test_a_gap_and_overlapping_clouds_are_groups():
    rng = np.random.default_rng(0)
    truth = np.arange(400) % 2
    gap = (rng.normal(size=(400, 2)) + 6 * truth[:, None]).astype(np.float32)
    assert structure_of(gap, -1.0, 60)["structure"]  # by the dip alone
    crossed = (rng.normal(size=(400, 2)) * np.array([[5, 0.4], [0.4, 5]])[truth]).astype(np.float32)
    found = structure_of(crossed, gain(crossed, truth), 60)
    assert found["structure"] and found["code_length"]["passed"]


def test_few_rows_have_no_dip_test():
    assert set(structure_of(np.zeros((10, 2), np.float32), 0.0, 1)) == {"structure", "code_length"}

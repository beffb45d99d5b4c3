"""Values that stand for missing ones, spellings, and words among numbers: where a rule must and must not fire."""

import numpy as np
import pytest

from automl.eda.checks.values import _sentinel, variants
from automl.inference.table import column_of


@pytest.mark.parametrize(
    ("others", "value", "expected"),
    [
        (np.random.default_rng(0).normal(50, 3, 300), -999.0, (-999.0, True)), (np.random.default_rng(0).normal(50, 3, 300), 9999.0, (9999.0, True)),
        (np.random.default_rng(0).normal(120, 30, 300).clip(44), 0.0, (0.0, False)), (np.random.default_rng(0).poisson(1.0, 300) + 1.0, 0.0, (None, False)),
        (np.random.default_rng(0).normal(0, 3, 300), -1.0, (None, False)), (np.arange(300.0), 999.0, (None, False)),
        (np.random.default_rng(0).integers(1, 90, 300).astype(float), 99.0, (None, False)),
    ],
)  # fmt: skip
def test_numbers_that_stand_for_missing_ones(others, value, expected):
    found = _sentinel(np.concatenate([others, np.full(20 if value != 999.0 else 3, value)]))
    assert found == expected


def test_spellings_are_merged_into_the_most_frequent():
    column = column_of(["São Paulo"] * 5 + ["sao  paulo"] * 2 + ["SAO PAULO"] + ["Rome", "rom", None])
    assert variants(column) == {"sao paulo": "São Paulo"}
    assert variants(column_of(["Rome"] * 4 + ["rome"] * 4)) == {}  # a spelling that fewer than five rows have stands nowhere

"""Values that stand for missing ones, spellings, and words among numbers: where a rule must and must not fire."""

from dataclasses import replace

import numpy as np
import pytest

from automl.data.split import make_split
from automl.eda.checks.values import _sentinel, variants
from automl.eda.profile import profile_dataset
from automl.inference.table import column_of
from automl.spec.sections.checks import Checks

from ...builders import dataset_of, spec_of


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


def test_gaps_are_filled_forward_where_time_orders_the_rows():
    """A slow walk with gaps: the last value is near the true one, the median is not."""
    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.normal(size=600))
    y = (walk + rng.normal(0, 1, 600) > np.median(walk)).astype(int)
    gaps = np.where(rng.random(600) < 0.4, np.nan, walk)
    dataset = replace(dataset_of(y, walk=gaps), time=np.arange(600.0))
    split = make_split(dataset, spec_of())
    (found,) = [f for f in profile_dataset(dataset, split, Checks(), {}).findings if f.check == "missing_values"]
    assert "known before" in found.action and found.change.recipe == {"walk": {"impute": "forward"}} and found.effect is not None
    plain = replace(dataset, time=None)
    (found,) = [f for f in profile_dataset(plain, make_split(plain, spec_of()), Checks(), {}).findings if f.check == "missing_values"]
    assert found.change is None

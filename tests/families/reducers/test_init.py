"""Which families serve a purpose."""

from automl.families import FAMILIES
from automl.families.reducers import LABELLED, PURPOSES, families_for
from automl.testing.reducers import TASK


def test_every_family_serves_some_purpose_and_all_are_known():
    known = set(FAMILIES.names(TASK))
    assert {name for names in PURPOSES.values() for name in names} == known
    assert known >= LABELLED


def test_without_a_label_nobody_learns_from_one():
    assert not set(families_for("features", False)) & LABELLED
    assert set(families_for("features", True)) >= LABELLED
    assert not set(families_for("visualize", True)) & LABELLED

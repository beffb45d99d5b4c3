"""Columns that say the same, beyond the one case of the table: wide tables, recodings of another kind, columns that hardly repeat."""

import numpy as np

from automl.eda.checks import columns

from ...builders import dataset_of
from ..test_look import look_of


def pairs(look):
    return {(d.columns[0], d.evidence["same_as"]) for d in columns.duplicate_columns(look)}


def test_a_number_and_its_levels_both_stay_for_trees():
    rng = np.random.default_rng(0)
    rank = rng.integers(0, 8, 400)
    look = look_of(dataset_of(rng.integers(0, 2, 400), rank=rank.astype(float) * 1.5, name=(rank, tuple("abcdefgh"))))
    (draft,) = columns.duplicate_columns(look)
    assert draft.columns == ("rank",) and draft.change.recipe == {"rank": {"linear": False}} and not draft.change.drop


def test_columns_whose_values_hardly_repeat_are_no_recodings_of_each_other():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 300))
    assert not pairs(look_of(dataset_of(rng.integers(0, 2, 300), a=a, b=b)))


def test_the_most_complete_of_two_stays():
    rng = np.random.default_rng(0)
    a = rng.normal(size=300)
    b = np.where(rng.random(300) < 0.1, np.nan, 3 * a - 2)
    assert pairs(look_of(dataset_of(rng.integers(0, 2, 300), b=b, a=a))) == {("b", "a")}


def test_in_wide_tables_equal_columns_are_found_among_all(monkeypatch):
    monkeypatch.setattr(columns, "MOST_LINES", 5)
    rng = np.random.default_rng(0)
    made = {f"v{i}": rng.normal(size=200) for i in range(30)}
    made["again"] = made["v20"].copy()
    look = look_of(dataset_of(rng.integers(0, 2, 200), **made))
    assert pairs(look) == {("again", "v20")}
    assert any(note["part"] == "lines between columns" for note in look.clock.sampling)

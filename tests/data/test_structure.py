"""Rows with equal inputs share a group, others do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.structure import copies, numbers_the_rows, row_groups
from automl.inference.table import Column, Table

cell = st.sampled_from([0.0, -0.0, 1.0, -1.0, np.nan, np.inf, 1e-300])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(cell, st.integers(-1, 2), cell), max_size=40))
def test_groups_are_those_of_equal_cells(rows):
    columns = {
        "a": Column("number", np.array([r[0] for r in rows], np.float64)),
        "b": Column("coded", np.array([r[1] for r in rows], np.int32), ("x", "y", "z")),
        "c": Column("date", np.array([r[2] for r in rows], np.float64)),
    }
    groups = row_groups(Table(columns, len(rows)))
    keys = [tuple("nan" if v != v else v for v in row) for row in rows]
    assert len(groups) == len(rows)
    assert [[a == b for b in groups] for a in groups] == [[a == b for b in keys] for a in keys]


def test_values_that_change_columns_are_not_equal():
    columns = {"a": Column("number", np.array([1.0, 2.0])), "b": Column("number", np.array([2.0, 1.0]))}
    assert len(set(row_groups(Table(columns, 2)))) == 2


def _table(keys):
    return Table({"a": Column("number", np.array(keys, dtype=float))}, len(keys))


@pytest.mark.parametrize(
    ("sizes", "labels", "grouped"),
    [
        ([1] * 100, "random", 0),  # nothing repeats
        ([1] * 90 + [2] * 5, "random", 5),  # some copies among many distinct rows
        ([3] * 80, "of the group", 160),  # every row three times, each copy with its label
        ([30] * 8, "random", 0),  # few distinct rows that occur again and again are no copies
        ([30] * 8, "of the group", 0),  # too few to be told from a rule
        ([1] * 80 + [20] + [2] * 10, "random", 10),  # one frequent row does not switch the rest off
    ],
)
def test_copies_are_told_from_a_table_with_few_distinct_rows(sizes, labels, grouped):
    keys = np.repeat(np.arange(len(sizes)), sizes)
    y = np.random.default_rng(0).integers(0, 2, len(sizes))[keys] if labels == "of the group" else np.random.default_rng(0).integers(0, 2, len(keys))
    groups, repeats = copies(_table(keys), y)
    assert repeats == len(keys) - len(sizes) and len(keys) - len(np.unique(groups)) == grouped


def test_a_counter_of_rows_is_told_from_a_quantity():
    rows = np.arange(80)
    assert numbers_the_rows(Column("number", np.arange(100.0)), "number", rows)
    assert numbers_the_rows(Column("coded", np.arange(100, dtype=np.int32), tuple(f"k{i}" for i in range(100))), "category", rows)
    assert not numbers_the_rows(Column("number", np.arange(100.0) ** 2), "number", rows)
    assert not numbers_the_rows(Column("number", np.arange(100.0)), "number", rows[:20])

"""Rows with equal inputs share a group, others do not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automl.data.structure import row_groups, worth_grouping
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


@pytest.mark.parametrize(
    ("sizes", "worth"),
    [([1] * 100, False), ([1] * 90 + [2] * 5, True), ([10] * 10, False), ([1] * 80 + [20], False), ([3] * 10 + [1] * 70, True)],
)
def test_copies_are_told_from_a_table_with_few_distinct_rows(sizes, worth):
    assert worth_grouping(np.repeat(np.arange(len(sizes)), sizes)) is worth

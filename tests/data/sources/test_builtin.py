"""Bundled tables."""

import pytest

from automl.data.sources import read_builtin


@pytest.mark.parametrize(("name", "rows", "classes"), [("iris", 150, 3), ("breast_cancer", 569, 2)])
def test_bundled_tables_bring_their_target(name, rows, classes):
    raw, target = read_builtin(name)
    assert raw.table.n_rows == rows and len(raw.table.columns[target].levels) == classes
    assert all(" " not in n for n in raw.table.columns)

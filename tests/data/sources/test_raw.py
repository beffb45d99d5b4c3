"""What reading gives knows its rows in the source."""

import numpy as np

from automl.data.sources import Raw
from automl.inference.table import Column, Table


def test_rows_are_counted_from_one_and_a_sample_keeps_its_own():
    table = Table({"a": Column("number", np.zeros(3))}, 3)
    assert Raw(table, "t", "").row_numbers.tolist() == [1, 2, 3] and Raw(table, "t", "").n_rows == 3
    sample = Raw(table, "t", "", rows=np.array([2, 5, 9]), whole={"rows": 10, "columns": {}})
    assert sample.row_numbers.tolist() == [2, 5, 9] and sample.n_rows == 10

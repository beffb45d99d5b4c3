"""The sample is uniform and bounded; the counts are exact."""

import numpy as np
import pyarrow as pa
import pytest

from automl.data.sources.sample import KEPT_WITH_A_ROW, Counts, Reservoir, weight
from automl.inference.table import Column, Table


def block(start, n):
    return Table({"i": Column("number", np.arange(start, start + n, dtype=float))}, n)


def drawn(n, sizes, room, seed=0):
    reservoir, start = Reservoir(room, seed), 0
    for size in sizes(n):
        found = block(start, size)
        reservoir.offer(size, found.take)
        start += size
    return reservoir.table()


def even(n, size=1000):
    return [size] * (n // size)


def test_rows_stay_in_order_with_their_positions_and_within_the_room():
    table, rows = drawn(50_000, even, 24 * 4000)
    assert np.array_equal(table.columns["i"].values, rows) and (np.diff(rows) > 0).all()
    assert 1500 < len(rows) <= 4000 and weight(table) + KEPT_WITH_A_ROW * len(rows) <= 24 * 4000


def test_with_room_for_all_all_stay():
    _, rows = drawn(5000, even, 1 << 20)
    assert np.array_equal(rows, np.arange(5000))


def test_every_row_has_the_same_chance_whenever_it_came():
    hits = np.zeros(2000)
    total = 0
    for seed in range(300):
        _, rows = drawn(2000, lambda n: even(n, 100), 24 * 400, seed)
        hits[rows] += 1
        total += len(rows)
    expected = total / 2000
    tenths = hits.reshape(10, 200).sum(axis=1) / 200
    assert np.abs(tenths / expected - 1).max() < 0.05  # a standard error is about 0.01
    assert abs(hits.std() / np.sqrt(expected * (1 - expected / 300)) - 1) < 0.1


def test_the_same_seed_draws_the_same_rows():
    first, again, other = (drawn(20_000, even, 24 * 3000, seed)[1] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first[:100], other[:100])


def test_counts_of_texts_are_exact_over_blocks():
    counts = Counts()
    counts.add(pa.table({"n": ["1", " 2.5", "NA", ""], "t": ["1", "x", "", "y"], "m": ["NA", "", "NA", ""], "late": ["1", "2", "3", "4"]}), ("", "NA"))
    counts.add(pa.table({"n": ["-1e3", "inf"], "t": ["2", "3"], "m": ["", ""], "late": ["x", "5"]}), ("", "NA"))
    assert counts.record() == {
        "rows": 6,
        "columns": {
            "n": {"missing": 3, "min": -1000.0, "max": 2.5, "mean": pytest.approx(-996.5 / 3)}, "t": {"missing": 1}, "m": {"missing": 6}, "late": {"missing": 0},
        },
    }  # fmt: skip


def test_decimal_commas_count_as_numbers_where_asked():
    counts = Counts(",")
    counts.add(pa.table({"n": ["1,5", "2"]}))
    assert counts.record()["columns"]["n"] == {"missing": 0, "min": 1.5, "max": 2.0, "mean": 1.75}


def test_counts_of_typed_columns():
    counts = Counts()
    counts.add(pa.table({"i": [1, None, 3], "f": [np.nan, np.inf, 2.0], "d": pa.array([1, None, 2], pa.date32()), "s": ["x", None, ""]}))
    assert counts.record()["columns"] == {
        "i": {"missing": 1, "min": 1.0, "max": 3.0, "mean": 2.0}, "f": {"missing": 2, "min": 2.0, "max": 2.0, "mean": 2.0}, "d": {"missing": 1}, "s": {"missing": 1},
    }  # fmt: skip


def test_counts_of_raw_tables_whose_columns_come_later():
    counts = Counts()
    counts.add_table(Table({"a": Column("number", np.array([1.0, np.nan]))}, 2))
    counts.add_table(Table({"b": Column("coded", np.array([0, -1, 0], dtype=np.int32), ("x",)), "a": Column("coded", np.full(3, -1, np.int32), ())}, 3))
    assert counts.record() == {"rows": 5, "columns": {"a": {"missing": 4, "min": 1.0, "max": 1.0, "mean": 1.0}, "b": {"missing": 3}}}

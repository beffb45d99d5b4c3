"""Groups of rows: levels, few numbers as they are, many in quarters, missing ones apart."""

import numpy as np

from automl.data.sensitive import MISSING, sensitive_groups
from automl.inference.table import Column

from ..builders import loaded, spec_of


def test_levels_are_groups_and_missing_values_are_one():
    found = sensitive_groups("band", [Column("coded", np.array([0, 1, -1, 0], np.int32), ("old", "young", "never used"))])
    assert [found.names[c] for c in found.codes] == ["old", "young", MISSING, "old"] and "never used" not in found.names


def test_parts_with_other_levels_are_put_together():
    first, second = Column("coded", np.array([0, 1], np.int32), ("a", "b")), Column("coded", np.array([0, 1], np.int32), ("b", "c"))
    found = sensitive_groups("g", [first, second])
    assert [found.names[c] for c in found.codes] == ["a", "b", "b", "c"]


def test_few_numbers_are_groups_of_their_own():
    found = sensitive_groups("g", [Column("number", np.array([2.0, 0.0, 2.0, np.nan]))])
    assert [found.names[c] for c in found.codes] == ["2", "0", "2", MISSING]


def test_many_numbers_are_cut_at_their_quartiles():
    values = np.random.default_rng(0).permutation(np.arange(100.0))
    found = sensitive_groups("age", [Column("number", values)])
    counts = np.bincount(found.codes)
    assert len(found.names) == 4 and counts.min() >= 24 and counts.max() <= 26
    assert found.names[0].startswith("0 to below") and found.names[-1].endswith("and more")
    order = np.argsort(values)
    assert (np.diff(found.codes[order]) >= 0).all(), "a larger number is in the same group or a later one"


def test_one_value_in_most_rows_makes_fewer_groups_not_empty_ones():
    values = np.concatenate([np.zeros(80), np.arange(1.0, 21.0)])
    found = sensitive_groups("g", [Column("number", values)])
    assert np.bincount(found.codes, minlength=len(found.names)).min() > 0 and len(found.names) < 4


def test_a_column_that_is_dropped_is_compared_and_not_learned(tmp_path):
    text = "a,band,y\n" + "".join(f"{i * 0.37},{'old' if i % 3 else 'new'},{'p' if i % 2 else 'q'}\n" for i in range(60))
    spec = spec_of({"train": "t.csv", "columns": {"drop": ["band"]}}, constraints={"fairness": {"column": "band"}})
    dataset = loaded(tmp_path, text, spec)
    assert dataset.groups is not None and sorted(dataset.groups.names) == ["new", "old"] and "band" not in {f.name for f in dataset.fields}
    assert [dataset.groups.names[c] for c in dataset.groups.codes[:3]] == ["new", "old", "old"]
    assert loaded(tmp_path, text, spec_of()).groups is None
